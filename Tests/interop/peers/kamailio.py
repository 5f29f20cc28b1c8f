"""Kamailio as registrar and as outbound proxy, with the configurations of the folder `kamailio`."""

import itertools
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from peers.network import free_endpoint
from peers.process import Process, wait_until

CONFIGURATIONS = Path(__file__).resolve().parent.parent / "kamailio"
DOMAIN = "sip.test"


@dataclass(frozen=True)
class Binding:
    """A row of the location table, as the registrar tells it."""

    contact: str
    path: str
    call_id: str
    cseq: int
    expires: int


class Kamailio:
    """One server at an address of its own, over UDP and TCP. It can be killed and started again at the same place."""

    _names = itertools.count(1)

    def __init__(self, folder, configuration, *flags, **values):
        self.endpoint = free_endpoint()
        self._folder = Path(folder) / f"{configuration}-{next(self._names)}"
        self._folder.mkdir(parents=True)
        self._socket = self._folder / "rpc"
        self._configuration = CONFIGURATIONS / f"{configuration}.cfg"
        values["RPC"] = str(self._socket)
        self._defines = [*flags, *(f"{name}={json.dumps(value)}" for name, value in values.items())]
        self._process = None

    @property
    def uri(self):
        return f"sip:{self.endpoint}"

    @property
    def log(self):
        return (self._folder / "log").read_text(errors="replace")

    def start(self):
        self._socket.unlink(missing_ok=True)
        places = [f"{transport}:{self.endpoint}" for transport in ("udp", "tcp")]
        self._process = Process(
            ["kamailio", "-f", self._configuration, "-Y", self._folder, "-m", 32, "-M", 4, "-DD", "-E",
             *(word for place in places for word in ("-l", place)),
             *(word for define in self._defines for word in ("-A", define))],
            self._folder / "log")
        try:
            wait_until(self._answers, 20, "Kamailio's start")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self._process.tail()}") from None
        return self

    def _answers(self):
        if not self._process.is_running:
            raise RuntimeError(f"Kamailio does not start:\n{self._process.tail()}")
        try:
            return self.call("core.version")
        except OSError:
            return None

    def stop(self):
        """Ends it without a farewell: nothing but memory knew its bindings and nonces."""
        self._process.kill()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def call(self, method, *parameters):
        """The result of an RPC; None when Kamailio answers with an error, such as for what is not there."""
        mine = f"{self._socket}.{os.getpid()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.settimeout(2)
            try:
                client.bind(mine)
                request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
                client.sendto(json.dumps(request).encode(), str(self._socket))
                return json.loads(client.recv(1 << 16)).get("result")
            finally:
                Path(mine).unlink(missing_ok=True)


class Registrar(Kamailio):
    def __init__(self, folder, **values):
        super().__init__(folder, "registrar", **values)

    def binding(self, user):
        """The one binding of a user, None when there is none."""
        found = self.call("ul.lookup", "location", f"{user}@{DOMAIN}")
        if not found:
            return None
        contacts = [entry["Contact"] for entry in found["Contacts"]]
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
    def __init__(self, folder, registrar, *flags):
        super().__init__(folder, "edge", *flags, REGISTRAR=registrar.uri)
