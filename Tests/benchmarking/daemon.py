"""sipregd under measurement."""

import os
import time
from pathlib import Path

from harness.control import Control
from harness.daemon import Daemon
from harness.process import wait_until
from harness.service_manager import ServiceManager


class MeasuredDaemon(Daemon):
    """Has its accounts in a file of their own, and a service manager."""

    # As in the unit: seconds.
    WATCHDOG = 30

    def __init__(self, arguments, folder, registrar, count):
        manager = ServiceManager(folder.with_suffix(".notify"), self.WATCHDOG)
        super().__init__(Path(arguments.binary).parent, folder, under=manager.words)
        self.program = arguments.binary
        self._accounts = folder / "accounts.jsonl"
        self._write_accounts(arguments, registrar, count)
        self._trust = {"ca_file": str(registrar.authorities)} if registrar.authorities else {}
        self._shards = {"shards": arguments.shards} if arguments.shards else {}
        # Where accounts have addresses of their own, it has to listen there.
        self._address = "127.0.0.1" if arguments.connections == 1 else "0.0.0.0"

    def _write_accounts(self, arguments, registrar, count):
        transport = "" if arguments.transport == "udp" else f', "transport": "{arguments.transport}"'
        with open(os.open(self._accounts, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", 1 << 20) as file:
            for number in range(count):
                user = f"user{number:07}"
                file.write(
                    f'{{"name": "{user}", "aor": "sip:{user}@{registrar.domain}", '
                    f'"registrar": "{registrar.account_uri}", "username": "{user}", '
                    f'"password": "{registrar.password(user)}", "expires": {arguments.expires}{transport}'
                    f'{self._from(number, arguments)}}}\n')

    @staticmethod
    def _from(number, arguments):
        """Whoever sends from another address has another connection."""
        if arguments.connections == 1:
            return ""
        place = number % arguments.connections
        return f', "local_address": "127.9.{place // 250}.{place % 250 + 1}"'

    def launch(self, rate):
        """Starts it, and does not wait. `rate`: REGISTERs a second that it allows itself; 0: no limit."""
        self.configure(
            [], log={"level": "notice"}, local_address_v4=self._address, local_address_v6="off",
            registrations_per_second=rate, accounts_file=str(self._accounts),
            # Rounds of refreshes follow each other.
            defaults={"minimum_interval": 0, **self._trust}, **self._shards)
        super().launch()

    def wait_ready(self, seconds):
        """Until it answers that it is ready; how long that took, since the start."""
        def is_ready():
            self.process.check()
            try:
                with Control(self.socket, timeout=seconds) as control:
                    return control.call("Status")["status"]["ready"]
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        wait_until(is_ready, seconds, "sipregd is ready", interval=0.01)
        return time.monotonic() - self.process.began

    def check_configuration(self):
        """`sipregd --check`: seconds, CPU seconds, and the most memory it held, in bytes."""
        began = time.monotonic()
        child = os.posix_spawn(
            self.program, [self.program, "--check", str(self.configuration)], os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(child, 0)
        if status != 0:
            raise RuntimeError(f"sipregd --check ended with status {status}")
        return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
