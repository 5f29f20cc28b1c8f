"""The state goes away under a daemon that has it open."""

import shutil

from harness.process import wait_until
from registry import fault
from town import Town

# The store looks every 20 s.
NOTICED = 30
# root, and not more than its modes let it.
AS_ANYBODY = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]


def remove_file(state):
    (state / "state.sqlite").unlink()


def remove_log(state):
    (state / "state.sqlite-wal").unlink()


def remove_directory(state):
    shutil.rmtree(state)


def replace_directory(state):
    state.rename(state.with_name("former"))
    state.mkdir()


def replace_file(state):
    for name in ("state.sqlite", "state.sqlite-wal"):
        (state / name).unlink()
    (state / "state.sqlite").write_bytes(b"")


@fault(21, "state lost while it runs", "file, log or directory removed or replaced, then SIGKILL", seconds=120)
def state_lost(trial):
    """It is noticed, written anew from memory and said; a crash after that costs nobody anything."""
    losses = [remove_file, remove_log, remove_directory, replace_directory, replace_file]
    town = Town(trial, 60).start()
    known, daemon = town.identities(), town.daemon
    for number, loss in enumerate(losses, 1):
        what = loss.__name__.replace("_", " ")
        loss(daemon.state)
        wait_until(lambda number=number: said(daemon, "state was lost (") == number, NOTICED, f"{what}: noticed")
        town.wait_for_store(True)
        trial.expect(f"{what}: REGISTERs of a restart", town.restart(), 0)
        trial.expect_that(f"{what}: said so", "state is written again" in daemon.log.read_text())
    town.refresh()
    town.expect_nothing_lost(known)
    return {"lost": f"{len(losses)} times", "noticed within": f"{NOTICED} s", "REGISTERs after a crash": 0, "lapses": 0}


def said(daemon, words):
    return daemon.log.read_text().count(words)


@fault(21, "state closed while it runs", "chmod 0 of the directory under a daemon without capabilities", seconds=60)
def state_closed(trial):
    """A start of then would know nobody: that is said, until it is over. What is written meanwhile is there."""
    town = Town(trial, 20, trial.daemon(AS_ANYBODY)).start()
    known, state = town.identities(), town.daemon.state
    mode = state.stat().st_mode & 0o777
    state.chmod(0)
    town.wait_for_store(False, NOTICED)
    problem = town.store()["problem"]
    trial.expect_that("state", "Permission denied" in problem, problem)
    town.refresh()
    state.chmod(mode)
    town.wait_for_store(True, NOTICED)
    trial.expect("REGISTERs of a restart", town.restart(), 0)
    town.refresh()
    town.expect_nothing_lost(known)
    return {"said within": f"{NOTICED} s", "REGISTERs after a crash": 0, "lapses": 0}
