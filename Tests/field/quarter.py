"""One registrar for all rows: it listens at every address of loopback and knows at which it was asked, so that every
account has a next hop of its own."""

import socket
import struct

from harness.scripted import ScriptedRegistrar

# <bits/in.h>; not in Python's module.
IP_PKTINFO = 8


class Door:
    """The datagram socket, as seen from one of its addresses: answers leave from there."""

    def __init__(self, channel, host):
        self._channel = channel
        self.host = host

    def sendto(self, data, address):
        info = struct.pack("=I4s4s", 0, socket.inet_aton(self.host), bytes(4))
        self._channel.sendmsg([data], [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, address)


class Closing(bytes):
    """Bytes with which the connection ends."""


class Resetting(bytes):
    """Nothing is said: the connection is reset."""


class Quarter(ScriptedRegistrar):
    """`request.local`: host and port at which it came."""

    def __init__(self, answer, **server):
        super().__init__(answer, place=("0.0.0.0", 0), **server)
        if self._is_datagram:
            self._socket.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)

    @property
    def is_datagram(self):
        return self._is_datagram

    @property
    def port(self):
        return self._place[1]

    def _read(self, source):
        if not self._is_datagram:
            super()._read(source)
            return
        data, ancillary, _, address = source.recvmsg(1 << 16, 256)
        host = socket.inet_ntoa(ancillary[0][2][8:12])
        self._receive(data, address, Door(source, host))

    def _receive(self, data, address, channel):
        self._local = (channel.host, self.port) if self._is_datagram else channel.getsockname()
        super()._receive(data, address, channel)

    def responses(self, request):
        request.local = self._local
        return super().responses(request)

    def _send(self, data, address, channel):
        if isinstance(data, Resetting):
            self._disconnect(self._prepare_reset, [channel])
            return
        super()._send(data, address, channel)
        if isinstance(data, Closing):
            self._disconnect(lambda channel: None, [channel])
