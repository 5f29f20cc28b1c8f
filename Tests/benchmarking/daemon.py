"""sipregd under measurement."""

import os
import time

from .control import Control
from .process import Failure, Program, ServiceManager, wait_until


class Daemon:
    """Keeps its state in a folder, so that it can be killed and started again as the same.

    `rate`: REGISTERs a second that it allows itself; 0: no limit."""

    # As in the unit: seconds.
    WATCHDOG = 30

    def __init__(self, arguments, folder, registrar, count):
        self._arguments = arguments
        self._folder = folder
        self._registrar = registrar
        self.socket = folder / "control"
        self.configuration = folder / "sipregd.toml"
        self.accounts = folder / "accounts.jsonl"
        (folder / "state").mkdir(parents=True)
        self.write_accounts(count)
        self._manager = ServiceManager(folder / "notify", self.WATCHDOG)
        self.program = None

    def write_accounts(self, count):
        arguments, registrar = self._arguments, self._registrar
        transport = "" if arguments.transport == "udp" else f', "transport": "{arguments.transport}"'
        with open(os.open(self.accounts, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", 1 << 20) as file:
            for number in range(count):
                user = f"user{number:07}"
                file.write(
                    f'{{"name": "{user}", "aor": "sip:{user}@{registrar.domain}", '
                    f'"registrar": "sip:{registrar.endpoint}", "username": "{user}", '
                    f'"password": "{registrar.password(user)}", "expires": {arguments.expires}{transport}}}\n')

    def launch(self, rate):
        """Starts it, and does not wait."""
        shards = f"shards = {self._arguments.shards}\n" if self._arguments.shards else ""
        self.configuration.write_text(
            "[daemon]\n"
            f'state_directory = "{self._folder / "state"}"\n'
            f'control_socket = "{self.socket}"\n'
            f'local_address_v4 = "127.0.0.1"\nlocal_address_v6 = "off"\nlocal_port = 0\n{shards}'
            f"registrations_per_second = {rate}\n"
            f'accounts_file = "{self.accounts}"\n'
            '[log]\nlevel = "notice"\n'
            # Rounds of refreshes follow each other.
            "[defaults]\nminimum_interval = 0\n", encoding="utf-8")
        self.configuration.chmod(0o600)
        self.program = Program(
            [self._arguments.binary, "--config", self.configuration], self._folder / "log",
            env={**os.environ, **self._manager.environment})

    def wait_ready(self, seconds):
        """Until it answers that it is ready; how long that took, since the start."""
        def is_ready():
            self.program.check()
            try:
                with Control(self.socket, timeout=seconds) as control:
                    return control.call("Status")["status"]["ready"]
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        wait_until(is_ready, seconds, "sipregd is ready")
        return time.monotonic() - self.program.began

    def check_configuration(self):
        """`sipregd --check`: seconds, CPU seconds, and the most memory it held, in bytes."""
        began = time.monotonic()
        child = os.posix_spawn(
            self._arguments.binary, [self._arguments.binary, "--check", str(self.configuration)], os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(child, 0)
        if status != 0:
            raise Failure(f"sipregd --check ended with status {status}")
        return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024

    def kill(self):
        if self.program is not None:
            self.program.kill()

    def stop(self):
        return self.program.stop()
