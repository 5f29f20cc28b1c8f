"""A sipregd under test: its configuration, its life, and what it says about itself through sipregctl."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

from peers.process import Process, wait_until


def toml(value):
    """A value as TOML, in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


class Daemon:
    """Keeps its state in a folder, so that it can be stopped or killed and started again as the same."""

    def __init__(self, binaries, folder, under=()):
        """`under`: the words before its command line, of a program that runs it in some way."""
        self._binaries = Path(binaries)
        self.under = list(under)
        self._folder = Path(folder)
        self._folder.mkdir(parents=True)
        self.socket = self._folder / "control"
        self.log = self._folder / "log"
        self.state = self._folder / "state"
        self.configuration = self._folder / "sipregd.toml"
        self._process = None

    def configure(self, accounts, proxies=None, **settings):
        """Writes the configuration. `proxies`: tables by name; `settings`: keys of [daemon]."""
        settings = {
            "state_directory": str(self.state), "control_socket": str(self.socket), "local_port": 0,
            **settings}
        tables = [("[daemon]", settings), ("[log]", {"target": "stderr"})]
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
        return self._process.pid

    @property
    def port(self):
        """The one that it said it took at its last start."""
        return int(re.findall(r"; port (\d+)", self.log.read_text())[-1])

    @property
    def is_running(self):
        return self._process is not None and self._process.is_running

    def start(self):
        """Returns when it answers on its control socket."""
        self.launch()
        try:
            wait_until(self._answers, 30, "sipregd's start")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self._process.tail()}") from None
        return self

    def launch(self):
        """Starts it, and does not wait."""
        if self.is_running:
            raise RuntimeError("sipregd runs already")
        self._process = Process(
            [*self.under, self._binaries / "sipregd", "--config", self.configuration], self.log)

    def _answers(self):
        if not self._process.is_running:
            raise RuntimeError(f"sipregd does not start:\n{self._process.tail()}")
        return self.ask("status")[0] in (0, 1)

    def forget(self):
        """Loses the state, as with a new disk."""
        shutil.rmtree(self.state)

    @property
    def pid(self):
        return self._process.pid

    def send(self, number):
        """A signal."""
        self._process.send(number)

    def last_words(self):
        return self._process.tail()

    def stop(self):
        """SIGTERM. The exit status."""
        return self._process.stop(signal.SIGTERM)

    def kill(self):
        self._process.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self._process.kill()

    def ask(self, *arguments):
        """The exit status of a sipregctl command, and the objects it printed."""
        result = subprocess.run(
            [self._binaries / "sipregctl", *arguments, "--json", "--socket", self.socket],
            capture_output=True, text=True, timeout=30, check=False)
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

    def wait_registered(self, count, seconds=20):
        """Until so many accounts have a binding and nothing is in flight."""
        def registered():
            status = self.status()
            return status is not None and status["counts"]["registered"] == count == status["total"]
        try:
            wait_until(registered, seconds, f"{count} registered")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.status()}\n{self._process.tail()}") from None
