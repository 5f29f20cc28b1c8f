"""A sipregd under test: its configuration, its life, and what it says about itself through sipregctl."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

from harness.digest import PASSWORD
from harness.process import Process, wait_until


def toml(value):
    """A value as TOML, in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


def account(user, peer, domain="scripted.test", **changes):
    """The table of an account at a scripted registrar, or at anything else that has a `uri`."""
    return {
        "name": user, "aor": f"sip:{user}@{domain}", "registrar": peer.uri, "password": PASSWORD, "expires": 60,
        **changes}


def accounts_at(lab, count, **changes):
    """So many accounts at the lab."""
    return [account(f"u{number}", lab, "lab.invalid", **changes) for number in range(count)]


class Daemon:
    """Keeps its state in a folder, so that it can be stopped or killed and started again as the same."""

    def __init__(self, binaries, folder, under=()):
        """`under`: the words before its command line, of a program that runs it in some way."""
        self._binaries = Path(binaries)
        self.program = self._binaries / "sipregd"
        self.under = list(under)
        self._folder = Path(folder)
        self._folder.mkdir(parents=True)
        self.socket = self._folder / "control"
        self.log = self._folder / "log"
        self.state = self._folder / "state"
        self.configuration = self._folder / "sipregd.toml"
        self.process = None

    def configure(self, accounts, proxies=None, log=None, defaults=None, **settings):
        """Writes the configuration. `proxies`: tables by name; `log`, `defaults`: keys of these tables; `settings`:
        those of [daemon]."""
        settings = {
            "state_directory": str(self.state), "control_socket": str(self.socket), "local_port": 0,
            **settings}
        tables = [("[daemon]", settings), ("[log]", {"target": "stderr", **(log or {})})]
        tables += [("[defaults]", defaults)] if defaults else []
        tables += [(f"[proxy.{name}]", table) for name, table in (proxies or {}).items()]
        tables += [("[[account]]", account) for account in accounts]
        lines = []
        for title, table in tables:
            lines += [title, *(f"{key} = {toml(value)}" for key, value in table.items()), ""]
        self.configuration.write_text("\n".join(lines))
        # It holds passwords.
        self.configuration.chmod(0o600)

    @property
    def pid(self):
        return self.process.pid

    @property
    def port(self):
        """The one that it said it took at its last start."""
        return int(re.findall(r"; port (\d+)", self.log.read_text())[-1])

    @property
    def is_running(self):
        return self.process is not None and self.process.is_running

    def start(self):
        """Returns when it answers on its control socket."""
        self.launch()
        self._wait_until(self._answers, 30, "sipregd's start")
        return self

    def launch(self):
        """Starts it, and does not wait."""
        if self.is_running:
            raise RuntimeError("sipregd runs already")
        self.process = Process(
            [*self.under, self.program, "--config", self.configuration], self.log)

    def _answers(self):
        self.process.check()
        return self.ask("status")[0] in (0, 1)

    def forget(self):
        """Loses the state, as with a new disk."""
        shutil.rmtree(self.state)

    def send(self, number):
        """A signal."""
        self.process.send(number)

    def last_words(self):
        return self.process.tail()

    def stop(self, seconds=20):
        """SIGTERM. The exit status."""
        return self.process.stop(signal.SIGTERM, seconds)

    def kill(self):
        self.process.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            self.process.kill()

    def _sipregctl(self, *arguments):
        return subprocess.run(
            [self._binaries / "sipregctl", *arguments, "--socket", self.socket],
            capture_output=True, text=True, timeout=30, check=False)

    def tell(self, *arguments):
        """The exit status of a sipregctl command, and its words."""
        result = self._sipregctl(*arguments)
        return result.returncode, result.stdout + result.stderr

    def ask(self, *arguments):
        """The exit status of a sipregctl command, and the objects it printed."""
        result = self._sipregctl(*arguments, "--json")
        return result.returncode, [json.loads(line) for line in result.stdout.splitlines()]

    def do(self, *arguments):
        """The object that a sipregctl command printed. Raises RuntimeError when it did not end well."""
        status, objects = self.ask(*arguments)
        if status != 0 or not objects:
            raise RuntimeError(f"sipregctl {' '.join(arguments)}: status {status}")
        return objects[0]

    def status(self):
        """None while it does not answer."""
        objects = self.ask("status")[1]
        return objects[0] if objects else None

    def account(self, name):
        """What sipregctl says of an account: `state`, `reason`, `failures`, …"""
        return self.ask("show", name)[1][0]["account"]

    def states(self):
        """By the names of the accounts."""
        return {account["name"]: account["state"] for account in self.ask("list")[1]}

    def wait_registered(self, count, seconds=20):
        """Until so many accounts have a binding and nothing is in flight."""
        def registered():
            status = self.status()
            return status is not None and status["counts"]["registered"] == count == status["total"]
        self._wait_until(registered, seconds, f"{count} registered")

    def _wait_until(self, condition, seconds, what):
        try:
            wait_until(condition, seconds, what)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.status()}\n{self.process.tail()}") from None
