"""SIGKILL in the middle of writing the state."""

from itertools import count

from harness.daemon import account
from harness.process import wait_until
from harness.scripted import ScriptedRegistrar
from preload import preloaded
from registry import fault

BY = "SIGKILL before the Nth system call on the state, for every N, over all threads (a preloaded library)"


class Life:
    """A daemon from its start to its end, at a registrar that has seen all of them."""

    def __init__(self, daemon, registrar):
        self._daemon = daemon
        self._registrar = registrar

    def _wait(self, condition, what):
        """Until it holds, or nobody is left to wait for."""
        wait_until(lambda: condition() or not self._daemon.is_running, 20, what)

    def run(self, under=()):
        """Starts, refreshes, and ends by SIGTERM at the latest. The exit status."""
        self._daemon.under = under
        self._daemon.launch()
        self._wait(lambda: self._daemon.ask("status")[0] in (0, 1), "sipregd's start")
        self._wait(lambda: self._daemon.ask("status")[0] == 0, "all registered")
        seen = len(self._registrar.transactions())
        self._daemon.ask("refresh", "--all")
        self._wait(lambda: len(self._registrar.transactions()) > seen, "a REGISTER")
        return self._daemon.stop()

    def run_and_crash(self):
        """The same, but SIGKILL is the end of it."""
        self._daemon.under = ()
        self._daemon.start()
        self._daemon.wait_registered(1)
        seen = len(self._registrar.transactions())
        self._daemon.do("refresh", "--all")
        wait_until(lambda: len(self._registrar.transactions()) > seen, 20, "a REGISTER")
        self._daemon.kill()


def killed(trial, daemon, number):
    return preloaded(trial, "killed", KILLED_BELOW=daemon.state, KILLED_AT=number)


def judged(trial, registrar, points):
    trial.expect("Call-IDs lost, CSeqs repeated", registrar.complaints()[:3], [])
    # Opening, a reservation, a record, closing: a library that counted nothing would have shown nothing.
    trial.expect_that("many points", points >= 15, points)
    return {
        "killed at": f"{points} calls", "REGISTERs": len(registrar.transactions()), "Call-IDs lost": 0,
        "CSeqs repeated": 0}


@fault(18, "killed at any system call of the first state write", BY, seconds=60)
def killed_at_the_first_registration(trial):
    """Every N has an account of its own: what it has sent before it died it goes on with."""
    registrar = trial.use(ScriptedRegistrar())
    for number in count(1):
        daemon = trial.daemon()
        daemon.configure([account(f"u{number}", registrar, expires=3600, minimum_interval=0)])
        life = Life(daemon, registrar)
        status = life.run(under=killed(trial, daemon, number))
        trial.expect(f"ended normally after {number}", life.run(), 0)
        if status == 0:
            return judged(trial, registrar, number - 1)


@fault(18, "killed at any system call of a refresh's state write", BY, seconds=60)
def killed_at_a_refresh(trial):
    """One account through all the lives, each of which begins where one ended well."""
    return _killed_again_and_again(trial, Life.run)


@fault(18, "killed at any system call after a crash", BY, seconds=60)
def killed_while_recovering(trial):
    """One account through all the lives, each of which begins with the log of one that crashed."""
    return _killed_again_and_again(trial, Life.run_and_crash)


def _killed_again_and_again(trial, between):
    registrar = trial.use(ScriptedRegistrar())
    daemon = trial.daemon()
    daemon.configure([account("u1", registrar, expires=3600, minimum_interval=0)])
    life = Life(daemon, registrar)
    for number in count(1):
        between(life)
        if life.run(under=killed(trial, daemon, number)) == 0:
            between(life)
            break
    measured = judged(trial, registrar, number - 1)
    # The control of the test: a daemon that lost its state cannot pass.
    daemon.forget()
    life.run()
    trial.expect("without its state it would be somebody else", "u1: another Call-ID" in registrar.complaints(), True)
    return measured
