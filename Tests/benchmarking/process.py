"""A program under measurement: its life, its processor time, its memory."""

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path


class Failure(Exception):
    """What made a measurement impossible."""


def wait_until(condition, seconds, what, interval=0.01):
    """The first true value of `condition`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds:.0f} s")
        time.sleep(interval)
    return value


def cpu_seconds(pid):
    """User and system time of all threads of a process, ended ones too: clock_getcpuclockid(3), in nanoseconds."""
    return time.clock_gettime((~pid << 3) | 2)


def pss(pid):
    """Bytes: what a process has for itself, and its share of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise Failure("the kernel tells no Pss")


class ServiceManager:
    """Hears what a daemon notifies, as systemd does, so that it does what it does under systemd."""

    def __init__(self, path, watchdog):
        """`watchdog`: seconds of silence that are one too many, WatchdogSec= of the unit."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self.environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": str(watchdog * 1_000_000)}
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self):
        while True:
            self._socket.recv(1 << 12)


class Program:
    """Leads a session of its own; its children count as part of it."""

    def __init__(self, arguments, log, **options):
        self.log = Path(log)
        with open(self.log, "ab") as output:
            self._process = subprocess.Popen(
                [str(argument) for argument in arguments], stdin=options.pop("stdin", subprocess.DEVNULL),
                stdout=options.pop("stdout", output), stderr=output, start_new_session=True, **options)
        self.began = time.monotonic()

    @property
    def pid(self):
        return self._process.pid

    @property
    def input(self):
        return self._process.stdin

    @property
    def output(self):
        return self._process.stdout

    def check(self):
        """Raises when it has ended."""
        if self._process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise Failure(f"{self._process.args[0]} has ended with status {self._process.returncode}:\n{tail}")

    def _members(self):
        self.check()
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                try:
                    fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if int(fields[2]) == self.pid:
                    yield int(entry.name)

    def cpu(self):
        return sum(cpu_seconds(pid) for pid in self._members())

    def pss(self):
        return sum(pss(pid) for pid in self._members())

    def stop(self, seconds=60):
        """SIGTERM; how long it took to end."""
        began = time.monotonic()
        self._process.terminate()
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"{self._process.args[0]} did not end on SIGTERM within {seconds} s") from None
        return time.monotonic() - began

    def kill(self):
        """SIGKILL, for its children too."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
