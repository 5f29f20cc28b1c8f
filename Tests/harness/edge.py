"""A registrar that is an edge, too: it answers keep-alives or does not, and calls those who are bound at it."""

import itertools
import struct
import time

from harness.process import wait_until
from harness.scripted import ScriptedRegistrar
from harness.server import STUN_COOKIE

COOKIE = 0x2112A442
REQUEST, SUCCESS, XOR_MAPPED_ADDRESS = 0x0001, 0x0101, 0x0020


class Edge(ScriptedRegistrar):
    """`answers_keepalives`: Binding requests of STUN over UDP, pings over TCP."""

    def __init__(self, answers_keepalives=True, **settings):
        super().__init__(**settings)
        self.answers_keepalives = answers_keepalives
        # When each came, with what it was: "stun", "line ends".
        self.keepalives = []
        # Where the last REGISTER of each user came from, and over what.
        self.sources = {}
        self._calls = itertools.count(1)
        self._answered = set()

    def _receive(self, data, address, channel):
        if data[:2] == b"\0\1" and data[4:8] == STUN_COOKIE:
            self.keepalives.append((time.monotonic(), "stun"))
            if self.answers_keepalives:
                self._send(_binding(data[8:20], address), address, channel)
        elif not data.strip(b"\r\n\0"):
            self.keepalives.append((time.monotonic(), "line ends"))
            if self.answers_keepalives and not self._is_datagram:
                self._send(b"\r\n", address, channel)
        elif data.startswith(b"SIP/2.0"):
            self._answered.add(data.partition(b"branch=")[2].partition(b";")[0].partition(b"\r")[0])
        else:
            super()._receive(data, address, channel)

    def responses(self, request):
        # Of a stream the newest connection is its own.
        channel = self._socket if self._is_datagram else list(self._connections)[-1]
        self.sources[request.user] = (request.source, channel)
        return super().responses(request)

    def reaches(self, user, seconds=2):
        """Whether an OPTIONS to where the user was seen last is answered."""
        branch = f"z9hG4bKcall{next(self._calls)}".encode()
        address, channel = self.sources[user]
        host, port = address[:2]
        transport = "UDP" if self._is_datagram else "TCP"
        lines = [
            f"OPTIONS sip:{user}@{host}:{port} SIP/2.0", f"Via: SIP/2.0/{transport} {self.endpoint};rport;branch=",
            "Max-Forwards: 70", "From: <sip:edge@scripted.test>;tag=edge", f"To: <sip:{user}@scripted.test>",
            f"Call-ID: {branch.decode()}@scripted.test", "CSeq: 1 OPTIONS", "Content-Length: 0", "", ""]
        text = "\r\n".join(lines).encode().replace(b"branch=", b"branch=" + branch)
        self._wishes.put(lambda: self._send(text, address, channel))
        try:
            wait_until(lambda: branch in self._answered, seconds, "an answer")
        except TimeoutError:
            return False
        return True

    def silence(self):
        """Seconds since the last keep-alive."""
        return time.monotonic() - self.keepalives[-1][0]


def _binding(transaction, address):
    """Where the request came from (RFC 8489 §14.2), over IPv4."""
    host = struct.unpack("!I", bytes(int(part) for part in address[0].split(".")))[0]
    value = struct.pack("!BBHI", 0, 1, address[1] ^ COOKIE >> 16, host ^ COOKIE)
    attribute = struct.pack("!HH", XOR_MAPPED_ADDRESS, len(value)) + value
    return struct.pack("!HHI", SUCCESS, len(attribute), COOKIE) + transaction + attribute
