"""Faults of the disk under the state."""

import time

from harness.process import Process, wait_until
from registry import fault
from town import Town

# Of the retries after a failure, which come 1, 2, 4, … s apart, the next one at the latest.
RETRY = 12


def heals(town, heal):
    """Registers from memory until the disk is well, and then writes. Seconds from there until the state is written."""
    town.refresh()
    heal()
    began = time.monotonic()
    town.wait_for_store(True, RETRY)
    return time.monotonic() - began


def judged(trial, town, known, took, problem):
    """What was kept in memory is on the disk now."""
    trial.expect("REGISTERs after a crash then", town.restart(), 0)
    town.refresh()
    town.expect_nothing_lost(known)
    return {"said": problem.rsplit(": ")[-1], "written after": f"{took:.1f} s", "REGISTERs after a crash": 0,
            "lapses": 0}


@fault(20, "disk full", "a tmpfs of 64 kB under the state of 300 accounts", seconds=20)
def disk_full(trial):
    """It fills while they register."""
    town = Town(trial, 300)
    town.daemon.state.mkdir()
    trial.shell(f"mount -t tmpfs -o size=64k state {town.daemon.state}")
    town.start()
    town.refresh()
    problem = town.store().get("problem")
    trial.expect("state", problem, "database or disk is full")
    known = town.identities()
    took = heals(town, lambda: trial.shell(f"mount -o remount,size=16m {town.daemon.state}"))
    return judged(trial, town, known, took, problem)


@fault(20, "disk full before the first start", "a tmpfs of 64 kB with a file of that size in it", seconds=20)
def disk_full_from_the_start(trial):
    """Not even an empty state fits."""
    town = Town(trial, 20)
    state = town.daemon.state
    state.mkdir()
    trial.shell(f"mount -t tmpfs -o size=64k state {state}; head -c 1M /dev/zero > {state}/other 2> /dev/null || true")
    town.start()
    problem = town.store().get("problem")
    trial.expect("state", problem, "database or disk is full")
    known = town.identities()
    took = heals(town, (state / "other").unlink)
    return judged(trial, town, known, took, problem)


@fault(21, "state directory read-only", "a bind mount, remounted read-only under the state of a crash", seconds=20)
def state_read_only(trial):
    """What is there can be read, the log of the crash too: nobody registers anew."""
    town = Town(trial, 20).start()
    known = town.identities()
    town.crash()
    state = town.daemon.state
    trial.shell(f"mount --bind {state} {state} && mount -o remount,bind,ro {state}")
    trial.expect("REGISTERs of a start there", town.restart(), 0)
    problem = town.store().get("problem")
    trial.expect_that("state", problem and "read" in problem.lower(), problem)
    took = heals(town, lambda: trial.shell(f"mount -o remount,bind,rw {state}"))
    return judged(trial, town, known, took, problem)


@fault(21, "state directory missing", "a directory whose parent is not there, and is made later", seconds=20)
def state_missing(trial):
    """Registrations go on from memory."""
    town = Town(trial, 20)
    parent = trial.folder / "later"
    town.start(state_directory=str(parent / "state"))
    problem = town.store().get("problem")
    trial.expect_that("state", problem and "No such file" in problem, problem)
    known = town.identities()
    took = heals(town, parent.mkdir)
    return judged(trial, town, known, took, problem)


@fault(23, "EIO on fsync", "strace attached: fsync and fdatasync of the state fail until it lets go", seconds=20)
def fsync_fails(trial):
    """Every commit fails, for as long as the device does."""
    town = Town(trial, 20).start()
    known = town.identities()
    tracer = failing_syncs(trial, town.daemon)
    town.refresh()
    town.wait_for_store(False)
    problem = town.store().get("problem")
    took = heals(town, tracer.stop)
    trial.expect("state", problem, "disk I/O error")
    return judged(trial, town, known, took, problem)


def failing_syncs(trial, daemon):
    """strace, once it holds every thread."""
    tracer = Process(
        ["strace", "-f", "-p", daemon.pid, "-e", "trace=fsync,fdatasync", "-e", "signal=none",
         "-e", "inject=fsync,fdatasync:error=EIO"], trial.folder / "strace.log")
    wait_until(lambda: " attached" in tracer.tail(), 10, "strace")
    return tracer
