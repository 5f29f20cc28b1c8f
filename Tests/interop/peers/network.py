"""Places on loopback where nobody listens."""

import itertools
import socket
from dataclasses import dataclass

_hosts = itertools.count(10)


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int

    def __str__(self):
        return f"{self.host}:{self.port}"


def free_endpoint(host=None):
    """A port that is free for UDP and for TCP, at an address of its own unless `host` is given."""
    host = host or f"127.0.1.{next(_hosts)}"
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as datagram, socket.socket() as stream:
            datagram.bind((host, 0))
            endpoint = Endpoint(*datagram.getsockname())
            try:
                stream.bind((endpoint.host, endpoint.port))
            except OSError:
                continue
            return endpoint
