"""Registrars of providers: over UDP, TCP, TLS and WebSocket, each with a realm and a user that it wants to hear of."""

import base64
import hashlib
import struct

from harness.digest import is_right
from harness.scripted import ScriptedRegistrar
from harness.secured import Secured

# RFC 6455 §1.3
WEBSOCKET_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Registrar(ScriptedRegistrar):
    """Knows one user, by the name that stands in credentials."""

    def __init__(self, username, realm, grants=None, **server):
        super().__init__(grants=grants, **server)
        self._username, self._realm = username, realm

    def honest(self, request):
        known = [given for given in request.credentials if given.get("nonce") in self._nonces]
        if any(given["username"] == self._username and is_right(given, request, self._username) for given in known):
            return [self.accept(request)]
        return [self.challenge(request, is_stale=False, realm=self._realm)]


class SecureRegistrar(Secured, Registrar):
    """Over TLS."""


class WebSocketRegistrar(SecureRegistrar):
    """Over WebSocket over TLS (RFC 7118), at one resource."""

    def __init__(self, resource, **registrar):
        super().__init__(**registrar)
        self._resource = resource
        # What came of each connection and was not read yet: of HTTP first.
        self._raw = {}
        self._open_ones = set()

    def _read_stream(self, channel):
        read = self._read_bytes(channel)
        if not read:
            return
        self._raw[channel] = self._raw.get(channel, b"") + read
        if channel not in self._open_ones and b"\r\n\r\n" in self._raw[channel]:
            self._agree(channel)
        while channel in self._open_ones and (frame := self._next_frame(channel)):
            self._take(channel, *frame)

    def _agree(self, channel):
        head, self._raw[channel] = self._raw[channel].split(b"\r\n\r\n", 1)
        line, *rest = head.decode().split("\r\n")
        fields = {name.lower(): value.strip() for name, value in (field.split(":", 1) for field in rest)}
        if line.split()[1] != self._resource or "sip" not in fields["sec-websocket-protocol"]:
            channel.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        key = hashlib.sha1((fields["sec-websocket-key"] + WEBSOCKET_KEY).encode()).digest()
        channel.sendall((
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {base64.b64encode(key).decode()}\r\nSec-WebSocket-Protocol: sip\r\n\r\n").encode())
        self._open_ones.add(channel)

    def _next_frame(self, channel):
        """Operation and payload of a frame, which a client has to mask (RFC 6455 §5.2)."""
        raw = self._raw[channel]
        if len(raw) < 2:
            return None
        size, place = raw[1] & 0x7F, 2
        if size == 126:
            size, place = struct.unpack("!H", raw[2:4])[0] if len(raw) > 3 else 1 << 16, 4
        mask, end = raw[place:place + 4], place + 4 + size
        if len(raw) < end:
            return None
        self._raw[channel] = raw[end:]
        return raw[0] & 0x0F, bytes(byte ^ mask[index % 4] for index, byte in enumerate(raw[place + 4:end]))

    def _take(self, channel, operation, payload):
        if operation in (TEXT, BINARY):
            self._receive(payload, channel.getpeername(), channel)
        elif operation == PING:
            channel.sendall(self._frame(PONG, payload))
        elif operation == CLOSE:
            self._open_ones.discard(channel)

    @staticmethod
    def _frame(operation, payload):
        size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack("!H", len(payload))
        return bytes([0x80 | operation]) + size + payload

    def _send(self, data, address, channel):
        super()._send(self._frame(TEXT, data), address, channel)
