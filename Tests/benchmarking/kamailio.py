"""Kamailio: as a registrar, and as the client that sipregd is held against."""

import json
import os
import socket
import time
from pathlib import Path

from .process import Failure, Program, wait_until


def free_endpoint():
    """A port of 127.0.0.1 that is free for UDP and for TCP."""
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as datagram, socket.socket() as stream:
            datagram.bind(("127.0.0.1", 0))
            host, port = datagram.getsockname()
            try:
                stream.bind((host, port))
            except OSError:
                continue
            return f"{host}:{port}"


class Kamailio:
    """One server, over UDP and TCP, with the fastest of its memory managers.

    `memory`: MiB that its processes share."""

    def __init__(self, folder, configuration, memory, values, private_memory=16):
        self.endpoint = free_endpoint()
        self._folder = Path(folder) / Path(configuration).stem
        self._folder.mkdir()
        self._rpc = self._folder / "rpc"
        places = [f"{transport}:{self.endpoint}" for transport in ("udp", "tcp")]
        defines = [f"{name}={json.dumps(value)}" for name, value in {**values, "RPC": str(self._rpc)}.items()]
        self.program = Program(
            ["kamailio", "-f", configuration, "-Y", self._folder, "-m", memory, "-M", private_memory,
             "-x", "tlsf", "-X", "tlsf", "-DD", "-E", *(word for place in places for word in ("-l", place)),
             *(word for define in defines for word in ("-A", define))], self._folder / "log")
        wait_until(self._answers, 60 + memory / 16, "Kamailio's start", 0.1)

    def _answers(self):
        self.program.check()
        try:
            return self.call("core.version")
        except OSError:
            return None

    def call(self, method, *parameters):
        """The result of an RPC."""
        mine = f"{self._rpc}.{os.getpid()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.settimeout(10)
            try:
                client.bind(mine)
                request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
                client.sendto(json.dumps(request).encode(), str(self._rpc))
                answer = json.loads(client.recv(1 << 16))
            finally:
                Path(mine).unlink(missing_ok=True)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']}")
        return answer["result"]

    def statistics(self, *names):
        """Counters by name, without their groups."""
        lines = (line.split(" = ") for line in self.call("stats.get_statistics", *names))
        return {name.partition(":")[2]: int(value) for name, value in lines}

    def stop(self):
        self.program.kill()


class UACModule:
    """Kamailio's `uac` module, which registers what it reads from a table.

    It looks for what is due every `INTERVAL` seconds, and starts all of it at once: its refreshes are due together."""

    EXPIRES = 30
    INTERVAL = 5
    # Seconds.
    SETTLE = 7
    IDLE = 3

    def __init__(self, registrar, arguments, folder):
        self._registrar = registrar
        self._count = arguments.accounts
        self._idle = None
        tables = Path(folder) / "tables"
        tables.mkdir()
        (tables / "version").write_text("table_name(string) table_version(int)\nuacreg:5\n")
        self._write(tables / "uacreg", arguments)
        self._kamailio = Kamailio(
            folder, Path(__file__).parent / "uac.cfg", memory=128 + self._count // 30,
            private_memory=64 + self._count // 100,
            values={"TABLES": f"text://{tables}", "INTERVAL": self.INTERVAL, "CONTACT": "127.0.0.1:1"})

    def _write(self, path, arguments):
        registrar = self._registrar
        proxy = f"sip:{registrar.endpoint};transport={arguments.transport}".replace(":", "\\:")
        columns = (
            "id(int,auto) l_uuid(string) l_username(string) l_domain(string) r_username(string) r_domain(string) "
            "realm(string) auth_username(string) auth_password(string) auth_ha1(string,null) auth_proxy(string) "
            "expires(int) flags(int) reg_delay(int) contact_addr(string,null) socket(string,null)")
        with open(path, "w", encoding="ascii") as table:
            table.write(columns + "\n")
            for number in range(self._count):
                user = f"peer{number:07}"
                table.write(
                    f"{number + 1}:{user}:{user}:local.invalid:{user}:{registrar.domain}:{registrar.realm}:{user}:"
                    f"{registrar.password(user)}::{proxy}:{self.EXPIRES}:0:0::\n")

    def _cpu(self):
        """Without what its timers take when there is nothing to do."""
        program = self._kamailio.program
        if self._idle is None:
            time.sleep(1)
            began = program.cpu()
            time.sleep(self.IDLE)
            self._idle = (program.cpu() - began) / self.IDLE
        return program.cpu() - self._idle * (time.monotonic() - program.began)

    def measure(self, wait_for):
        """`wait_for(counter, by)` waits until the registrar has counted so many more, and tells from when to when."""
        program = self._kamailio.program
        empty_pss, began = program.pss(), self._cpu()
        finish = wait_for("registrations", self._count)
        self._kamailio.call("uac.reg_active", 1)
        started, ended, _ = finish()
        time.sleep(self.SETTLE)
        bound = self._cpu()
        finish = wait_for("refreshes", self._count)
        _, _, change = finish()
        time.sleep(self.SETTLE)
        refreshed = self._cpu()
        return {
            "ramp_per_s": self._count / (ended - started),
            "cpu_us_per_registration": 1e6 * (bound - began) / self._count,
            "cpu_us_per_refresh_together": 1e6 * (refreshed - bound) / change["refreshes"],
            "round_trips_per_refresh": (change["requests"] - change["retransmissions"]) / change["refreshes"],
            "pss_bytes_per_account": (program.pss() - empty_pss) / self._count,
        }

    def stop(self):
        self._kamailio.stop()
