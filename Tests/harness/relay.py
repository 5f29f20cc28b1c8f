"""Datagrams passed on between clients and a server, by the rules of a test."""

import heapq
import itertools
import select
import socket
import threading
import time

from harness.network import Endpoint


class Relay:
    """A context: runs in a thread of its own.

    `rule(data, is_request)`: when to pass a datagram on, as a list of delays in seconds; empty: never. Every client has
    a port of its own towards the server, as behind a NAT.
    """

    def __init__(self, server, rule, host="127.0.0.1"):
        self._server = (server.host, server.port)
        self.rule = rule
        self._near = socket.socket(type=socket.SOCK_DGRAM)
        self._near.bind((host, 0))
        self._far = {}
        self._later = []
        self._order = itertools.count()
        # Datagrams that came, and that left, in both directions.
        self.received = self.sent = 0
        self._is_over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def endpoint(self):
        return Endpoint(*self._near.getsockname())

    @property
    def uri(self):
        return f"sip:{self.endpoint}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """As a crash: what is on its way is lost, and the port is closed."""
        self._is_over = True
        self._thread.join()
        for channel in (self._near, *self._far.values()):
            channel.close()

    def _serve(self):
        while not self._is_over:
            wait = min(max(self._later[0][0] - time.monotonic(), 0), 0.05) if self._later else 0.05
            clients = {channel: client for client, channel in self._far.items()}
            for channel in select.select([self._near, *clients], [], [], wait)[0]:
                data, source = channel.recvfrom(1 << 16)
                if channel is self._near:
                    self._pass(data, True, self._towards_server(source), self._server)
                else:
                    self._pass(data, False, self._near, clients[channel])
            while self._later and self._later[0][0] <= time.monotonic():
                _, _, data, channel, target = heapq.heappop(self._later)
                channel.sendto(data, target)
                self.sent += 1

    def _towards_server(self, client):
        if client not in self._far:
            self._far[client] = socket.socket(type=socket.SOCK_DGRAM)
            self._far[client].bind((self._near.getsockname()[0], 0))
        return self._far[client]

    def _pass(self, data, is_request, channel, target):
        self.received += 1
        for delay in self.rule(data, is_request):
            heapq.heappush(self._later, (time.monotonic() + delay, next(self._order), data, channel, target))
