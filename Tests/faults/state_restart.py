"""A process that ends and begins again, with many bindings alive."""

import time

from harness.service_manager import ServiceManager
from registry import fault
from town import Town

ACCOUNTS = 10_000
RESTARTS = 3
READY_WITHIN = 1.0


@fault(29, "restart with 10,000 live bindings", "SIGKILL, and a start: three times", seconds=40, alone=True)
def restart_with_live_bindings(trial):
    """Ready within a second, and not a packet."""
    manager = trial.use(ServiceManager(trial.folder / "notify"))
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
