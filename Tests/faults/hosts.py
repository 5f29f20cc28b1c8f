"""Other hosts: network namespaces beside that of the trial, and the cables between them."""

import os
import subprocess
from pathlib import Path

from peers.process import Process, wait_until
from trial import run


class Host:
    """A context. `inside` are the words that run a command there, such as a daemon (`under`)."""

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
    """A pair of Ethernet devices with addresses such as 10.7.0.1/24. `near` and `far`: a `Host`; None: the trial's."""
    places = [str(host.pid if host else os.getpid()) for host in (near, far)]
    subprocess.run(
        ["ip", "link", "add", near_device, "netns", places[0], "type", "veth",
         "peer", "name", far_device, "netns", places[1]], check=True)
    for host, device, address in ((near, near_device, near_address), (far, far_device, far_address)):
        flags = " nodad" if ":" in address else ""
        lines = f"ip addr add {address} dev {device}{flags}; ip link set {device} up"
        if host:
            host.do(lines)
        else:
            run(["bash", "-euc", lines])
