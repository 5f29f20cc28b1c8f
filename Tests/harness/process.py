"""Programs that run beside the test and are ended with it, and what they take of the machine."""

import contextlib
import json
import os
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path


def wait_until(condition, seconds, what, interval=0.05):
    """The first true value of `condition`. Raises TimeoutError when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(interval)
    return value


def timed(action):
    """Seconds that it takes."""
    began = time.monotonic()
    action()
    return time.monotonic() - began


def run(arguments, text=None):
    """The text a command prints. Raises RuntimeError with what it complained about."""
    words = [str(argument) for argument in arguments]
    result = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{shlex.join(words)}: status {result.returncode}\n{result.stderr or result.stdout}")
    return result.stdout


def exit_on_sigterm():
    """So that what runs is ended on the way out, also when somebody asks the test to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def cpu_seconds(pid):
    """User and system time of all threads of a process, ended ones too: clock_getcpuclockid(3), in nanoseconds."""
    return time.clock_gettime((~pid << 3) | 2)


def proportional_memory(pid):
    """Bytes, its PSS: what a process has for itself, and its share of what it shares."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel tells no Pss")


class Process:
    """Leads a session of its own, so that its children end with it and count as part of it. Its output goes to a file.

    A context.
    """

    def __init__(self, arguments, log, **options):
        self.log = Path(log)
        with open(log, "ab") as output:
            self._process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=options.pop("stdin", subprocess.DEVNULL), stdout=options.pop("stdout", output), stderr=output,
                start_new_session=True, **options)
        self.began = time.monotonic()

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_running(self):
        return self._process.poll() is None

    def check(self):
        """Raises RuntimeError when it has ended."""
        if not self.is_running:
            name = Path(self._process.args[0]).name
            raise RuntimeError(f"{name} has ended with status {self._process.returncode}:\n{self.tail()}")

    def send(self, number):
        self._process.send_signal(number)

    def stop(self, number=signal.SIGTERM, seconds=20):
        """Asks, waits, insists. The exit status; negative: the signal that ended it."""
        if self.is_running:
            self.send(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()
        return self._process.returncode

    def kill(self):
        """SIGKILL for it and for what it left behind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def tail(self, lines=15):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    # --- What it takes, its children too

    def cpu(self):
        """Seconds."""
        return sum(map(cpu_seconds, self._members()))

    def memory(self):
        """Bytes."""
        return sum(map(proportional_memory, self._members()))

    def _members(self):
        self.check()
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                    if int(fields[2]) == self.pid:
                        yield int(entry.name)


class Conversation(Process):
    """A process that takes commands, a line each, and says an object of JSON to each; the first one by itself."""

    def __init__(self, arguments, log, name):
        super().__init__(arguments, log, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._name = name
        self.greeting = self._read()

    def ask(self, command):
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise RuntimeError(f"{self._name}: {answer['error']}")
        return answer

    def _read(self):
        if not select.select([self._process.stdout], [], [], 60)[0]:
            raise TimeoutError(f"{self._name} does not answer")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} has ended:\n{self.tail()}")
        return json.loads(line)
