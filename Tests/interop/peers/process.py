"""A program that runs beside the test, and is ended with it."""

import os
import signal
import subprocess
import time


def wait_until(condition, seconds, what):
    """The first true value of `condition`. Raises TimeoutError when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


class Process:
    """Leads a process group of its own, so that its children end with it. Its output goes to a file."""

    def __init__(self, arguments, log, **options):
        self.log = log
        with open(log, "ab") as output:
            self._process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=options.pop("stdin", subprocess.DEVNULL), stdout=options.pop("stdout", output), stderr=output,
                start_new_session=True, **options)

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_running(self):
        return self._process.poll() is None

    @property
    def input(self):
        return self._process.stdin

    @property
    def output(self):
        return self._process.stdout

    def send(self, number):
        self._process.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=20):
        """Asks, waits, insists. The exit status; negative: the signal that ended it."""
        if self.is_running:
            self.send(number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        return self._process.returncode

    def kill(self):
        """SIGKILL for it and for what it left behind."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()

    def tail(self, lines=15):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])
