"""A name server that others have made: unbound, with the records that a test gives it."""

import signal
import socket
import struct
from pathlib import Path

from harness.process import Process, wait_until

TXT = 16
SETTINGS = """\
server:
  interface: {host}
  port: {port}
  do-ip6: no
  do-daemonize: no
  username: ""
  chroot: ""
  pidfile: ""
  directory: "{folder}"
  use-syslog: no
  access-control: 127.0.0.0/8 allow
  module-config: "iterator"
  minimal-responses: yes
  local-zone: "test." static
"""


class Unbound:
    """A context. `records`: lines as in a zone file, of names below `test`; a name without a line does not exist."""

    def __init__(self, folder, records, host="127.0.0.1", port=53):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._host, self._port = host, port
        self._version = 0
        self._process = None
        self._write(records)

    @property
    def place(self):
        """As in the configuration key `dns_servers`."""
        return f"{self._host}:{self._port}"

    def __enter__(self):
        self._process = Process(["unbound", "-d", "-c", self._configuration], self._folder / "unbound.log")
        wait_until(self._is_current, 10, "unbound")
        return self

    def __exit__(self, *_):
        self._process.send(signal.SIGCONT)
        self._process.kill()

    def say(self, records):
        """These records from now on."""
        self._write(records)
        self._process.send(signal.SIGHUP)
        wait_until(self._is_current, 10, "other records")

    def fall_silent(self):
        self._process.send(signal.SIGSTOP)

    def go_on(self):
        self._process.send(signal.SIGCONT)

    @property
    def _configuration(self):
        return self._folder / "unbound.conf"

    def _write(self, records):
        self._version += 1
        settings = SETTINGS.format(host=self._host, port=self._port, folder=self._folder)
        lines = [f"  local-data: '{record}'\n" for record in [*records, f'version.test. 0 TXT "v{self._version}."']]
        self._configuration.write_text(settings + "".join(lines))

    def _is_current(self):
        self._process.check()
        labels = b"".join(bytes([len(label)]) + label for label in (b"version", b"test")) + b"\0"
        query = struct.pack("!6H", self._version, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!HH", TXT, 1)
        with socket.socket(type=socket.SOCK_DGRAM) as channel:
            channel.settimeout(0.3)
            try:
                channel.sendto(query, (self._host, self._port))
                return f"v{self._version}.".encode() in channel.recv(4096)
            except OSError:
                return False
