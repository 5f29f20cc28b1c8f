"""Kamailio as the client that sipregd is held against."""

import time
from pathlib import Path

from harness.kamailio import Kamailio


class UACModule(Kamailio):
    """Its `uac` module, which registers what it reads from a table.

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
        super().__init__(
            folder, "uac", memory=(128 + self._count // 30, 64 + self._count // 100),
            secured=arguments.transport == "tls", TABLES=f"text://{tables}", INTERVAL=self.INTERVAL,
            CONTACT="127.0.0.1:1")
        if self.secure:
            self.show(*registrar.issue("uac"))

    def _write(self, path, arguments):
        registrar = self._registrar
        proxy = (registrar.account_uri if ";transport=" in registrar.account_uri
                 else f"{registrar.uri};transport={arguments.transport}").replace(":", "\\:")
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
        if self._idle is None:
            time.sleep(1)
            began = self.process.cpu()
            time.sleep(self.IDLE)
            self._idle = (self.process.cpu() - began) / self.IDLE
        return self.process.cpu() - self._idle * (time.monotonic() - self.process.began)

    def measure(self, wait_for):
        """`wait_for(counter, by)` waits until the registrar has counted so many more, and tells from when to when."""
        empty_memory, began = self.process.memory(), self._cpu()
        finish = wait_for("registrations", self._count)
        self.call("uac.reg_active", 1)
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
            "pss_bytes_per_account": (self.process.memory() - empty_memory) / self._count,
        }
