"""The one daemon with an account for each row, and who sends requests to it."""

import select
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from harness.control import Control
from harness.daemon import Daemon, account
from harness.names import NameServer
from harness.scripted import by_user
from quarter import Quarter
from rows import Answered
from saying import ok
from verdicts import Seen

SIP_PORT = 5060
ZONE = "field.test"
# How long the sender of a request listens, in seconds.
LISTENS = 1.2


def hosts():
    """Addresses of loopback, one for each registrar: 127.40.0.1 and so on."""
    return (f"127.40.{number // 250}.{number % 250 + 1}" for number in range(1 << 14))


class House:
    """A context: registrars over UDP and TCP, a name server, the daemon."""

    def __init__(self, rows, binaries, scratch):
        self.binaries = binaries
        self._stack = ExitStack()
        answers = {row.name: row.answer for row in rows}
        self.registrars = {
            transport: self._stack.enter_context(Quarter(by_user(answers), transport=transport))
            for transport in ("udp", "tcp")}
        self.hosts = dict(zip((row.name for row in rows), hosts(), strict=False))
        zone = {f"{row.name}.{ZONE}": self._records(row) for row in rows if row.zone}
        names = self._stack.enter_context(NameServer(zone))
        self.daemon = self._stack.enter_context(Daemon(binaries, Path(scratch) / f"house-{len(rows)}"))
        self.daemon.configure(
            [self._account(row) for row in rows], local_port=SIP_PORT, local_address_v4="127.0.0.1",
            local_address_v6="off", dns_servers=[names.place])

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def _records(self, row):
        return lambda kind: row.zone(kind, self.hosts[row.name])

    def _account(self, row):
        host = f"{row.name}.{ZONE}" if row.zone else self.hosts[row.name]
        transport = ";transport=tcp" if row.transport == "tcp" else ""
        registrar = self.registrars[row.transport]
        return account(row.name, registrar, ZONE,
                       **{"registrar": f"sip:{host}:{registrar.port}{transport}", **row.account})

    def registrar(self, row):
        return self.registrars[row.transport]


def play_accounts(rows, binaries, scratch):
    """Yields each row with what was seen of its account when it was its time."""
    with House(rows, binaries, scratch) as house:
        began = time.monotonic()
        for row in sorted(rows, key=lambda row: row.after):
            time.sleep(max(0, began + row.after - time.monotonic()))
            # A sipregctl would take longer than the row itself.
            with Control(house.daemon.socket) as control:
                details = control.call("Show", name=row.name)["details"]
            yield row, Seen(
                account=details["account"], details=details, explained=explanation(details),
                requests=house.registrar(row).transactions(row.name))


def explanation(details):
    """What sipregctl explains, without its layout."""
    account = details["account"]
    return "\n".join([
        *details["explanation"], account.get("reason") or "", account.get("last_reason") or "",
        *(exchange["outcome"] for exchange in details["exchanges"])])


# --- Requests

class Sender:
    """Two ports of an address of its own: from one the request leaves, the other is the one that Via may name."""

    def __init__(self, number):
        self.host = f"127.50.{number // 250}.{number % 250 + 1}"
        self.source, self.named, self._default = (self._bound(port) for port in (0, 0, SIP_PORT))

    def _bound(self, port):
        channel = socket.socket(type=socket.SOCK_DGRAM)
        channel.bind((self.host, port))
        return channel

    @property
    def place(self):
        return {"host": self.host, "port": self.source.getsockname()[1], "via_port": self.named.getsockname()[1]}

    def take(self):
        """All that came: the bytes, and to which port."""
        at = {self.source: "source port", self.named: "port of Via", self._default: "port of Via"}
        found = []
        while ready := select.select(list(at), [], [], 0)[0]:
            found += [(channel.recv(1 << 16), at[channel]) for channel in ready]
        return found

    def close(self):
        for channel in (self.source, self.named, self._default):
            channel.close()


def play_requests(rows, binaries, scratch):
    """Yields each row with the answers to its request. All leave for the one account of a daemon that is bound."""
    callee = Answered("callee", "", ok(), "bound")
    with House([callee], binaries, scratch) as house:
        house.daemon.wait_registered(1)
        contact = house.registrars["udp"].transactions("callee")[0].contact
        senders = [Sender(number) for number in range(len(rows))]
        for row, sender in zip(rows, senders, strict=True):
            message = row.message({**sender.place, "contact": contact, "server": SIP_PORT})
            sender.source.sendto(message, ("127.0.0.1", SIP_PORT))
            time.sleep(0.02)
        time.sleep(LISTENS)
        log = house.daemon.log.read_text()
        for row, sender in zip(rows, senders, strict=True):
            yield row, Seen(answers=sender.take(), place=sender.place, log=log)
            sender.close()
