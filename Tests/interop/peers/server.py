"""A SIP server over UDP or TCP in a thread of its own: requests in, responses out when it is their time."""

import heapq
import itertools
import queue
import select
import socket
import struct
import threading
import time

from peers.network import Endpoint
from peers.request import Request


class Server:
    """A context. Who derives from it says what `responses(request)` are: pairs of seconds to wait and bytes."""

    # How long a wish from another thread may wait, in seconds.
    _patience = 0.05

    def __init__(self, transport="udp", place=("127.0.0.1", 0)):
        self._is_datagram = transport == "udp"
        family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM if self._is_datagram else socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(place)
        if not self._is_datagram:
            self._socket.listen()
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
        host, port = self._socket.getsockname()[:2]
        return Endpoint(f"[{host}]" if ":" in host else host, port)

    @property
    def uri(self):
        return f"sip:{self.endpoint}" + ("" if self._is_datagram else ";transport=tcp")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over = True
        self._thread.join()
        for channel in [self._socket, *self._connections]:
            channel.close()

    # --- Connections, ended from outside

    def reset(self):
        """RST on every connection."""
        self._wishes.put(lambda channel: channel.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)))

    def finish(self):
        """FIN on every connection."""
        self._wishes.put(lambda channel: channel.shutdown(socket.SHUT_WR))

    def _disconnect(self, prepare):
        for channel in list(self._connections):
            try:
                prepare(channel)
            except OSError:
                # The other side was first.
                pass
            self._connections.pop(channel)
            channel.close()

    # --- In the thread

    def _serve(self):
        while not self._is_over:
            wait = min(max(self._later[0][0] - time.monotonic(), 0), self._patience) if self._later else self._patience
            for source in select.select([self._socket, *self._connections], [], [], wait)[0]:
                self._read(source)
            while self._later and self._later[0][0] <= time.monotonic():
                self._send(*heapq.heappop(self._later)[2:])
            while not self._wishes.empty():
                self._disconnect(self._wishes.get())

    def _read(self, source):
        if self._is_datagram:
            self._receive(*source.recvfrom(1 << 16), source)
        elif source is self._socket:
            self._connections[source.accept()[0]] = b""
        else:
            self._read_stream(source)

    def _read_stream(self, channel):
        try:
            data = channel.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._connections.pop(channel)
            channel.close()
            return
        # A REGISTER has no body.
        *whole, self._connections[channel] = (self._connections[channel] + data).split(b"\r\n\r\n")
        for head in whole:
            self._receive(head + b"\r\n\r\n", channel.getpeername(), channel)

    def _receive(self, data, address, channel):
        # Keep-alives are empty.
        message = data.lstrip(b"\r\n\0")
        if not message:
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
