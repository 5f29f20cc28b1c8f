"""A process that ends and begins again, with many bindings alive."""

import socket
import time

from registry import fault
from town import Town

ACCOUNTS = 10_000
RESTARTS = 3
READY_WITHIN = 1.0


class Notifications:
    """A context: the socket of a service manager."""

    def __init__(self, path):
        self.words = ["env", f"NOTIFY_SOCKET={path}"]
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def wait_ready(self):
        while b"READY=1" not in self._socket.recv(4096).split(b"\n"):
            pass


@fault(29, "restart with 10,000 live bindings", "SIGKILL, and a start: three times", seconds=40, alone=True)
def restart_with_live_bindings(trial):
    """Ready within a second, and not a packet."""
    manager = trial.use(Notifications(trial.folder / "notify"))
    town = Town(trial, ACCOUNTS, trial.daemon(under=manager.words))
    town.daemon.configure([], accounts_file=town.accounts_file(range(ACCOUNTS)), registrations_per_second=0)
    town.daemon.launch()
    manager.wait_ready()
    town.daemon.wait_registered(ACCOUNTS, 60)
    known, before = town.identities(), town.requests()
    took = []
    for _ in range(RESTARTS):
        town.crash()
        began = time.monotonic()
        town.daemon.launch()
        manager.wait_ready()
        took.append(time.monotonic() - began)
        town.daemon.wait_registered(ACCOUNTS)
    # A moment for what should not come.
    time.sleep(2)
    trial.expect("REGISTERs", town.requests() - before, 0)
    times = ", ".join(f"{seconds:.2f}" for seconds in sorted(took))
    # What else the machine does is not sipregd's: the best of them counts.
    trial.expect_that(f"ready within {READY_WITHIN:.0f} s", min(took) <= READY_WITHIN, f"{times} s")
    town.expect_nothing_lost(known)
    return {"ready after": f"{times} s", "needless REGISTERs": 0, "Call-IDs lost": 0}
