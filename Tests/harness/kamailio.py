"""Kamailio as registrar, as outbound proxy and as client, with the configurations of the folder `configurations`."""

import itertools
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from harness.network import free_endpoint
from harness.process import Process, wait_until

CONFIGURATIONS = Path(__file__).resolve().parent / "configurations"
DOMAIN = "sip.test"


class NotDone(RuntimeError):
    """An RPC that Kamailio answered with an error."""


@dataclass(frozen=True)
class Binding:
    """A row of the location table, as the registrar tells it."""

    contact: str
    path: str
    call_id: str
    cseq: int
    expires: int


class Kamailio:
    """One server at an address of its own, over UDP and TCP, with the fastest of its memory managers. It can be killed
    and started again at the same place.

    `host`: where, instead of an address of its own. `secured`: it speaks TLS and WebSocket, too. `flags` and `values`:
    what the configuration is told. `memory`: MiB that its processes share, and that each has.
    """

    _names = itertools.count(1)

    def __init__(self, folder, configuration, *flags, memory=(32, 4), secured=False, host=None, **values):
        self.endpoint = free_endpoint(host)
        # Where it speaks TLS, and WebSocket over that; `show` has to come before the start.
        self.secure = free_endpoint(self.endpoint.host) if secured else None
        self._folder = Path(folder) / f"{configuration}-{next(self._names)}"
        self._folder.mkdir(parents=True)
        self._socket = self._folder / "rpc"
        self._configuration = CONFIGURATIONS / f"{configuration}.cfg"
        self._memory = memory
        values["RPC"] = str(self._socket)
        if secured:
            values["TLS_CONFIGURATION"] = str(self._folder / "tls.cfg")
        self._defines = [*flags, *(f"{name}={json.dumps(value)}" for name, value in values.items())]
        self.process = None

    @property
    def uri(self):
        return f"sip:{self.endpoint}"

    def uri_over(self, transport):
        """As a client names it: `tls`, `ws` and `wss` are there when it is secured."""
        if transport in (None, "udp"):
            return self.uri
        return f"sip:{self.secure if transport in ('tls', 'wss') else self.endpoint};transport={transport}"

    def show(self, chain, key, clients=None):
        """Shows this certificate to clients, from the next start on or the next `tls.reload`. `clients`: the authority
        that has to vouch for theirs; None: nobody is asked for one."""
        is_asked = "yes" if clients else "no"
        (self._folder / "tls.cfg").write_text(
            f"[server:default]\nmethod = TLSv1.2+\nverify_certificate = {is_asked}\nrequire_certificate = {is_asked}\n"
            f"certificate = {chain}\nprivate_key = {key}\n" + (f"ca_list = {clients}\n" if clients else "") +
            "[client:default]\nmethod = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n")

    @property
    def log(self):
        return (self._folder / "log").read_text(errors="replace")

    def start(self):
        self._socket.unlink(missing_ok=True)
        shared, private = self._memory
        places = [f"{transport}:{self.endpoint}" for transport in ("udp", "tcp")]
        places += [f"tls:{self.secure}"] if self.secure else []
        self.process = Process(
            ["kamailio", "-f", self._configuration, "-Y", self._folder, "-m", shared, "-M", private,
             "-x", "tlsf", "-X", "tlsf", "-DD", "-E", *(word for place in places for word in ("-l", place)),
             *(word for define in self._defines for word in ("-A", define))],
            self._folder / "log")
        try:
            # It clears what its processes share.
            wait_until(self._answers, 20 + shared / 16, "Kamailio's start")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.process.tail()}") from None
        return self

    def _answers(self):
        self.process.check()
        try:
            return self.call("core.version")
        except OSError:
            return None

    def stop(self):
        """Ends it without a farewell: nothing but memory knew its bindings and nonces."""
        self.process.kill()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def call(self, method, *parameters):
        """The result of an RPC. Raises `NotDone`, such as for what is not there."""
        mine = f"{self._socket}.{os.getpid()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.settimeout(10)
            try:
                client.bind(mine)
                request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
                client.sendto(json.dumps(request).encode(), str(self._socket))
                answer = json.loads(client.recv(1 << 16))
            finally:
                Path(mine).unlink(missing_ok=True)
        if "error" in answer:
            raise NotDone(f"{method}: {answer['error']}")
        return answer["result"]

    def statistics(self, *names):
        """Counters by name, without their groups."""
        lines = (line.split(" = ") for line in self.call("stats.get_statistics", *names))
        return {name.partition(":")[2]: int(value) for name, value in lines}


class Registrar(Kamailio):
    def __init__(self, folder, **values):
        super().__init__(folder, "registrar", **values)

    def binding(self, user):
        """The one binding of a user, None when there is none."""
        try:
            contacts = [entry["Contact"] for entry in self.call("ul.lookup", "location",
                                                                f"{user}@{DOMAIN}")["Contacts"]]
        except NotDone:
            return None
        if len(contacts) != 1:
            raise AssertionError(f"{user} has {len(contacts)} bindings: {contacts}")
        row = contacts[0]
        return Binding(row["Address"], row["Path"], row["Call-ID"], row["CSeq"], row["Expires"])

    @property
    def challenges(self):
        """How often it asked for credentials, and how often of these because a nonce was too old."""
        lines = [line for line in self.log.splitlines() if "challenge " in line]
        return len(lines), sum(line.endswith(" -4") for line in lines)


class Edge(Kamailio):
    """`beyond`: how it speaks to the registrar, such as `tls`; None: over UDP."""

    def __init__(self, folder, registrar, *flags, beyond=None, **options):
        super().__init__(folder, "edge", *flags, REGISTRAR=registrar.uri_over(beyond), **options)
