"""The registrar and the proxies that sipregd carries with it, as a process of their own."""

import json
import select
import subprocess
from pathlib import Path

from peers.network import Endpoint
from peers.process import Process


class Lab:
    """Answers commands; everything it says is an object."""

    def __init__(self, binaries, folder, *arguments):
        self._process = Process(
            [Path(binaries) / "sipregd", "lab", "--port", "0", *arguments], Path(folder) / "lab.log",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addresses = self._read()

    @property
    def endpoint(self):
        """Of the registrar."""
        host, port = self.addresses["registrar"].split(":")
        return Endpoint(host, int(port))

    @property
    def uri(self):
        return f"sip:{self.endpoint}"

    def _read(self):
        if not select.select([self._process.output], [], [], 20)[0]:
            raise TimeoutError("the lab does not answer")
        line = self._process.output.readline()
        if not line:
            raise RuntimeError(f"the lab has ended:\n{self._process.tail()}")
        return json.loads(line)

    def ask(self, command):
        self._process.input.write(f"{command}\n".encode())
        self._process.input.flush()
        return self._read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
