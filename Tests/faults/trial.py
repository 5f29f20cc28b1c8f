"""One fault while it is tried: what it may use, what it expects, and the end of all it started."""

import time
from contextlib import ExitStack
from pathlib import Path

from harness.daemon import Daemon
from harness.lab import Lab
from harness.process import run, wait_until
from harness.report import Case
from harness.scripted import ScriptedRegistrar


class Trial(Case):
    """Has a network, processes and mounts of its own (see `program`): its addresses are nobody else's.

    A context: what was made through it is ended behind it.
    """

    def __init__(self, name, binaries, folder):
        super().__init__(name)
        self.binaries = Path(binaries)
        self.folder = Path(folder)
        self._stack = ExitStack()
        self._daemons = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def use(self, context):
        """Enters it; it is left behind the trial."""
        return self._stack.enter_context(context)

    def daemon(self, under=()):
        """A sipregd that has yet to be configured and started. `under`: the words before its command line."""
        self._daemons += 1
        return self.use(Daemon(self.binaries, self.folder / f"sipregd-{self._daemons}", under))

    def lab(self, *arguments):
        return self.use(Lab(self.binaries / "sipregd", self.folder, *arguments))

    def registrar(self, answer=None, **settings):
        """A `ScriptedRegistrar`."""
        return self.use(ScriptedRegistrar(answer, **settings))

    def started(self, accounts, **settings):
        """A daemon that runs with these accounts."""
        daemon = self.daemon()
        daemon.configure(accounts, **settings)
        return daemon.start()

    def expect_no_complaints(self, *registrars):
        """Call-ID, CSeq and one request at a time, as every fault leaves them."""
        self.expect("complaints", [line for registrar in registrars for line in registrar.complaints()][:5], [])

    def shell(self, command):
        """Runs a command line; the text it prints. Raises RuntimeError with what it complained about."""
        return run(["bash", "-euc", command])

    def expect_that(self, what, holds, seen=""):
        """For what is not an equation: `seen` is what is shown."""
        print(f"  {'ok    ' if holds else 'FAILED'}  {what}: {seen}", flush=True)
        self.failures += not holds
        return holds


def wait_for_state(daemon, user, wanted, seconds):
    """How many seconds it took."""
    began = time.monotonic()
    wait_until(lambda: daemon.account(user)["state"] == wanted, seconds, f"{user} {wanted}")
    return time.monotonic() - began
