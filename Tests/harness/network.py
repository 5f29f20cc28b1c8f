"""Places: ports where nobody listens, networks of their own, and other hosts with cables between them."""

import itertools
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.process import Process, run, wait_until

_hosts = itertools.count(10)


@dataclass(frozen=True)
class Endpoint:
    host: str
    port: int

    def __str__(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def free_endpoint(host=None):
    """A port that is free for UDP and for TCP, at an address of its own unless `host` is given."""
    host = host or f"127.0.1.{next(_hosts)}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_DGRAM) as datagram, socket.socket(family) as stream:
            datagram.bind((host, 0))
            endpoint = Endpoint(*datagram.getsockname()[:2])
            try:
                stream.bind((endpoint.host, endpoint.port))
            except OSError:
                continue
            return endpoint


def require_root():
    if os.geteuid() != 0:
        sys.exit("a network of its own wants root")


def raise_loopback():
    run(["ip", "link", "set", "lo", "up"])


def enter_own_network(program):
    """Goes on in a network where nobody else is: runs the program (its `__file__`) again there, with its arguments."""
    if "--inside" not in sys.argv:
        require_root()
        os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", program, *sys.argv[1:], "--inside"])
    sys.argv.remove("--inside")
    raise_loopback()


class Host:
    """A network namespace beside that of the test. A context. `inside` are the words that run a command there, such as
    a daemon (`under`)."""

    def __init__(self, folder, name):
        self._process = Process(["unshare", "--net", "sleep", "infinity"], Path(folder) / f"{name}.log")
        wait_until(self._is_apart, 10, "a network namespace")
        self.inside = ["nsenter", f"--net={self._place}"]
        self.do("ip link set lo up")

    @property
    def _place(self):
        return f"/proc/{self._process.pid}/ns/net"

    def _is_apart(self):
        return os.readlink(self._place) != os.readlink("/proc/self/ns/net")

    @property
    def pid(self):
        return self._process.pid

    def do(self, command):
        """Runs command lines there; the text they print."""
        return run([*self.inside, "bash", "-euc", command])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()


def cable(near, far, near_device, near_address, far_device, far_address):
    """A pair of Ethernet devices with addresses such as 10.7.0.1/24. `near` and `far`: a `Host`; None: the test's."""
    places = [str(host.pid if host else os.getpid()) for host in (near, far)]
    run(["ip", "link", "add", near_device, "netns", places[0], "type", "veth",
         "peer", "name", far_device, "netns", places[1]])
    for host, device, address in ((near, near_device, near_address), (far, far_device, far_address)):
        flags = " nodad" if ":" in address else ""
        lines = f"ip addr add {address} dev {device}{flags}; ip link set {device} up"
        if host:
            host.do(lines)
        else:
            run(["bash", "-euc", lines])
