"""A SIP server over UDP or TCP in a thread of its own: requests in, responses out when it is their time."""

import contextlib
import heapq
import itertools
import queue
import select
import socket
import struct
import threading
import time

from harness.network import Endpoint
from harness.request import Request

STUN_COOKIE = b"\x21\x12\xa4\x42"


class Server:
    """A context. Who derives from it says what `responses(request)` are: pairs of seconds to wait and bytes."""

    # How long a wish from another thread may wait, in seconds.
    _patience = 0.05

    def __init__(self, transport="udp", place=("127.0.0.1", 0)):
        self._is_datagram = transport == "udp"
        self._place = place
        # None while it is away.
        self._socket = None
        self._open()
        # What was read of each connection and is no whole message yet.
        self._connections = {}
        self._later = []
        self._order = itertools.count()
        self._wishes = queue.SimpleQueue()
        self._is_over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def responses(self, request):
        raise NotImplementedError

    @property
    def endpoint(self):
        return Endpoint(*self._place)

    @property
    def uri(self):
        return f"sip:{self.endpoint}" + ("" if self._is_datagram else ";transport=tcp")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over = True
        self._thread.join()
        for channel in self._channels:
            channel.close()

    # --- Connections and the port itself, ended from outside

    def reset(self):
        """RST on every connection."""
        self._wishes.put(lambda: self._disconnect(self._prepare_reset))

    def finish(self):
        """FIN on every connection."""
        self._wishes.put(lambda: self._disconnect(lambda channel: channel.shutdown(socket.SHUT_WR)))

    def leave(self):
        """As a process that ends: who sends or connects hears that nobody is there."""
        self._wishes.put(self._close)

    def come_back(self):
        """At the place it had."""
        self._wishes.put(self._open)

    @staticmethod
    def _prepare_reset(channel):
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    @property
    def _channels(self):
        return [*([self._socket] if self._socket else []), *self._connections]

    def _open(self):
        family = socket.AF_INET6 if ":" in self._place[0] else socket.AF_INET
        channel = socket.socket(family, socket.SOCK_DGRAM if self._is_datagram else socket.SOCK_STREAM)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        channel.bind(self._place)
        if not self._is_datagram:
            channel.listen()
        self._place = channel.getsockname()[:2]
        self._socket = channel

    def _close(self):
        self._disconnect(lambda channel: None)
        self._socket.close()
        self._socket = None

    def _disconnect(self, prepare, channels=None):
        """All connections, or these of them."""
        for channel in list(self._connections) if channels is None else channels:
            # The other side may have been first.
            with contextlib.suppress(OSError):
                prepare(channel)
            self._connections.pop(channel, None)
            channel.close()

    # --- In the thread

    def _serve(self):
        while not self._is_over:
            wait = min(max(self._later[0][0] - time.monotonic(), 0), self._patience) if self._later else self._patience
            for source in select.select(self._channels, [], [], wait)[0]:
                self._read(source)
            while self._later and self._later[0][0] <= time.monotonic():
                self._send(*heapq.heappop(self._later)[2:])
            while not self._wishes.empty():
                self._wishes.get()()

    def _read(self, source):
        if self._is_datagram:
            self._receive(*source.recvfrom(1 << 16), source)
        elif source is self._socket:
            self._admit(source.accept()[0])
        else:
            self._read_stream(source)

    def _admit(self, channel):
        self._connections[channel] = b""

    def _read_bytes(self, channel):
        """What came; empty when the connection has ended."""
        try:
            data = channel.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._connections.pop(channel)
            channel.close()
        return data

    def _read_stream(self, channel):
        data = self._read_bytes(channel)
        if not data:
            return
        # A REGISTER has no body.
        *whole, self._connections[channel] = (self._connections[channel] + data).split(b"\r\n\r\n")
        for head in whole:
            if channel not in self._connections:
                return
            self._receive(head + b"\r\n\r\n", channel.getpeername(), channel)

    def _receive(self, data, address, channel):
        # Keep-alives are empty, or of STUN, which few peers understand.
        message = data.lstrip(b"\r\n\0")
        if not message or data[4:8] == STUN_COOKIE:
            return
        request = Request(message, address)
        for delay, text in self.responses(request):
            if delay:
                heapq.heappush(self._later, (request.at + delay, next(self._order), text, address, channel))
            else:
                self._send(text, address, channel)

    def _send(self, data, address, channel):
        try:
            if self._is_datagram:
                channel.sendto(data, address)
            else:
                channel.sendall(data)
        except OSError:
            # The other side is gone, as it may be.
            pass
