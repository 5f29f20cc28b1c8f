"""Clocks that jump."""

import time

from harness.process import wait_until
from preload import preloaded
from registry import fault
from town import Town

MONTH = 30 * 86400


class Clocks:
    """Those of one daemon: how far they are ahead of the machine's, in seconds."""

    def __init__(self, trial):
        self._file = trial.folder / f"clocks-{id(self)}"
        self.set()
        # libfaketime would do for the time of day, but changes the environment before Swift has found its arguments
        # beside it.
        self.words = preloaded(trial, "clocks", CLOCKS_AHEAD=self._file)

    def set(self, wall=0, boot=0):
        # In one write, which readers see whole.
        with open(self._file, "r+" if self._file.exists() else "w", encoding="ascii") as file:
            file.write(f"{wall:+12d} {boot:+12d}")


def shown_expiry(daemon):
    """What sipregctl says is left of u0's binding, in seconds."""
    return daemon.do("show", "u0")["account"]["expires_in"]


@fault(
    16, "wall clock ± 30 days, in one life", "a preloaded library that sets CLOCK_REALTIME while sipregd runs",
    seconds=40)
def wall_clock_jumps(trial):
    """Nothing is planned by it: the refreshes go on as if nothing had been."""
    clocks = Clocks(trial)
    town = Town(trial, 20, trial.daemon(under=clocks.words), expires=20).start()
    known = town.identities()
    for seconds in (MONTH, -MONTH, 0):
        before = town.lab.ask("stats")
        clocks.set(wall=seconds)
        time.sleep(2)
        now = town.daemon.status()["configuration_loaded_at"] - time.time()
        trial.expect_that("seen by sipregd", abs(now - seconds) < 60, f"{now:.0f} s")
        # Everybody has just registered, or refreshed; the next refreshes are 8 s away at least.
        sent = town.requests() - before["requests"]
        trial.expect(f"REGISTERs in 2 s after {seconds:+d} s", sent, 0)
        wait_until(
            lambda before=before: town.lab.ask("stats")["refreshes"] - before["refreshes"] >= town.count, 14,
            "everybody's next refresh")
    town.expect_nothing_lost(known)
    return {"needless REGISTERs": 0, "lapses": 0}


@fault(16, "wall clock ± 30 days over a restart", "the same, set between two lives", seconds=30)
def wall_clock_jumps_between_lives(trial):
    """In the same boot only the boot's clock counts: what lives is left alone, what has ended is not relied on."""
    clocks = Clocks(trial)
    town = Town(trial, 20, trial.daemon(under=clocks.words)).start()
    known = town.identities()
    for seconds in (MONTH, -MONTH, 0):
        town.crash()
        clocks.set(wall=seconds)
        trial.expect(f"REGISTERs of a start with {seconds:+d} s", town.restart(), 0)
        left = town.lab.ask("bindings")[0]["expires_in"]
        trial.expect_that("as much is left as the registrar says", abs(shown_expiry(town.daemon) - left) <= 2, left)
    town.expect_nothing_lost(known)
    brief = Town(trial, 20, trial.daemon(under=clocks.words), expires=6).start()
    for seconds in (MONTH, -MONTH):
        brief.crash()
        time.sleep(brief.expires + 1)
        clocks.set(wall=seconds)
        trial.expect_that("a binding that has ended counts as none", brief.restart() >= brief.count)
    return {"REGISTERs for bindings that live": 0, "bindings believed beyond their end": 0}


@fault(
    17, "suspend for 2 h",
    "the same: CLOCK_BOOTTIME and CLOCK_REALTIME jump, CLOCK_MONOTONIC and timers do not (no machine is suspended)",
    seconds=50)
def suspend(trial):
    """A machine cannot be suspended in a test; this is what sipregd sees of it. What has ended registers again."""
    clocks = Clocks(trial)
    daemon = trial.daemon(under=clocks.words)
    town = Town(trial, 20, daemon, lab=["--max-expires", "86400"])
    # Half of them are bound for a day.
    daemon.configure([town.account(number, expires=(3600, 86400)[number % 2]) for number in range(town.count)])
    daemon.start()
    daemon.wait_registered(town.count)
    known, before = town.identities(), town.lab.ask("stats")["accepted"]
    # The transactions are over, and nothing else is due soon: the timer sleeps as long as it ever does.
    time.sleep(7)
    clocks.set(wall=7200, boot=7200)
    began = time.monotonic()
    ended = town.count // 2
    wait_until(lambda: town.lab.ask("stats")["accepted"] - before >= ended, 40, "those that ended")
    took = time.monotonic() - began
    daemon.wait_registered(town.count)
    time.sleep(1)
    trial.expect("REGISTERs accepted", town.lab.ask("stats")["accepted"] - before, ended)
    trial.expect("lapses told", daemon.log.read_text().count("lapsed"), ended)
    town.expect_nothing_lost(known)
    return {"registered again after": f"{took:.0f} s", "needless REGISTERs": 0}
