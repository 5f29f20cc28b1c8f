#!/usr/bin/env python3
"""Produces faults around a real sipregd, several at once, and prints one table of what came of them.

Usage: program.py FOLDER [NUMBER | FUNCTION]…, the folder with sipregd and sipregctl. As root.

Every fault runs in a process with a network, process numbers and mounts of its own, so that none meets another and
nothing outlives it. Ends with 1 when an expectation was not met, or nothing ran.
"""

import fcntl
import importlib
import json
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.network import raise_loopback, require_root
from harness.process import exit_on_sigterm
from registry import FAULTS
from table import Outcome, print_table
from trial import Trial

# Most faults wait.
AT_ONCE = 14
# Who has this file locked has the machine, with others or for itself.
MACHINE = Path(__file__).resolve().parents[1] / "run"
OWN_WORLD = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def find_faults():
    """Imports the modules that have any."""
    for file in sorted(Path(__file__).parent.glob("*_*.py")):
        importlib.import_module(file.stem)


def chosen(words):
    """All of them, or those with these numbers and functions. Raises LookupError for what there is not."""
    for word in words:
        if not any(word in (str(fault.number), fault.key) for fault in FAULTS):
            raise LookupError(f"no fault {word}; there are: {' '.join(sorted(fault.key for fault in FAULTS))}")
    return [fault for fault in FAULTS if not words or {str(fault.number), fault.key} & set(words)]


# --- One fault, inside its world


def produce(key, binaries, folder):
    """The exit status; `result.json` in the folder has what was measured."""
    fault = next(fault for fault in FAULTS if fault.key == key)
    raise_loopback()
    with Trial(fault.name, binaries, folder) as trial:
        try:
            measured = fault.function(trial)
            (Path(folder) / "result.json").write_text(json.dumps(measured))
        except Exception:  # pylint: disable=broad-except
            trial.failures += 1
            print("  FAILED  " + traceback.format_exc().replace("\n", "\n          "), flush=True)
    return 1 if trial.failures else 0


# --- All of them, from outside


class Run:
    """A fault under way in a process of its own, whose output waits in a file."""

    def __init__(self, fault, binaries, scratch):
        self.fault = fault
        self._folder = Path(scratch) / fault.key
        self._folder.mkdir()
        self._began = time.monotonic()
        with open(self._folder / "output", "wb") as output:
            self._process = subprocess.Popen(
                [*OWN_WORLD, sys.executable, "-B", __file__, "--produce", fault.key, binaries, self._folder],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)

    @property
    def _seconds(self):
        return time.monotonic() - self._began

    def outcome(self):
        """None while it runs."""
        status = self._process.poll()
        if status is None and self._seconds < self.fault.limit:
            return None
        self.end()
        output = (self._folder / "output").read_text(errors="replace")
        if status is None:
            output += f"  FAILED  not done within {self.fault.limit} s\n"
        result = self._folder / "result.json"
        measured = json.loads(result.read_text()) if result.exists() else None
        return Outcome(self.fault, status == 0 and bool(measured), measured, self._seconds, output)

    def end(self):
        """Ends it and, with the process that is number 1 there, all that it started."""
        self._process.kill()
        self._process.wait()


def produce_all(faults, binaries, scratch, machine):
    """Yields the outcomes as they come. The longest begin first; those that want to be alone are the last."""
    waiting = sorted(faults, key=lambda fault: (fault.alone, -fault.seconds))
    running = []
    try:
        while waiting or running:
            while waiting and _may_start(waiting[0], running, machine):
                running.append(Run(waiting.pop(0), binaries, scratch))
            for run in running[:]:
                outcome = run.outcome()
                if outcome:
                    running.remove(run)
                    yield outcome
            time.sleep(0.1)
    finally:
        for run in running:
            run.end()


def _may_start(fault, running, machine):
    if fault.alone:
        return not running and _is_ours(machine)
    return len(running) < AT_ONCE


def _is_ours(machine):
    """Whether nobody has it locked, as stages of Tests/run do that share the machine; from then on it is locked."""
    try:
        fcntl.flock(machine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main(binaries, words):
    exit_on_sigterm()
    require_root()
    began = time.monotonic()
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch, open(MACHINE, "rb") as machine:
        for outcome in produce_all(chosen(words), Path(binaries).resolve(), scratch, machine):
            outcomes.append(outcome)
            print(outcome.headline, flush=True)
            if not outcome.passed or words:
                print(outcome.output, end="", flush=True)
    print_table(outcomes)
    failed = sum(not outcome.passed for outcome in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed, in {time.monotonic() - began:.0f} s")
    return 1 if failed or not outcomes else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    find_faults()
    if sys.argv[1] == "--produce":
        sys.exit(produce(*sys.argv[2:]))
    sys.exit(main(sys.argv[1], sys.argv[2:]))
