"""A flood of requests at the daemon's port while it has work of its own."""

import threading
import time
from pathlib import Path

from registry import measurement
from trial import accounts_at, run

RATE, SECONDS = 50_000, 60


def proportional_set_size(pid):
    """KiB of memory that are a process's own, shared pages by their share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError("no Pss in smaps_rollup")


@measurement("50,000 OPTIONS a second for 60 s", by="a sender in C on loopback, 200 accounts with expires 60",
             seconds=90, alone=True)
def flood(trial):
    """No refresh is late, and memory stays flat."""
    count = 200
    program = trial.folder / "flood"
    run(["cc", "-O2", "-Wall", "-Werror", "-o", program, Path(__file__).with_name("flood.c")])
    lab = trial.lab()
    daemon = trial.started(accounts_at(lab, count, expires=60))
    daemon.wait_registered(count)
    before = proportional_set_size(daemon.pid)
    sizes = []
    is_over = threading.Event()

    def watch():
        while not is_over.wait(1):
            sizes.append(proportional_set_size(daemon.pid))
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = run([program, "127.0.0.1", daemon.port, RATE, SECONDS])
    finally:
        is_over.set()
        watcher.join()
    sent, answered, seconds = int(result.split()[0]), int(result.split()[1]), float(result.split()[2])
    stats = lab.ask("stats")
    trial.expect_that("datagrams a second", sent / seconds >= 0.98 * RATE, f"{sent / seconds:.0f}")
    trial.expect_that("answered", answered > sent / 10, f"{answered / seconds:.0f}/s")
    trial.expect("lapses", stats["lapses"], 0)
    trial.expect("bindings", stats["bindings"], count)
    trial.expect_that("refreshes", stats["refreshes"] >= count, stats["refreshes"])
    # A refresh comes at 36 s of 60 at the latest.
    lead = stats["refresh_lead_min"]
    trial.expect_that("least lead of a refresh", lead >= 10, f"{lead:.1f} s")
    time.sleep(2)
    after = proportional_set_size(daemon.pid)
    trial.expect_that("memory at most", max(sizes) <= before + 65_536, f"{max(sizes)} KiB, before {before} KiB")
    # By then the first server transactions have ended (Timer J), and as many end as begin.
    middle, last = max(sizes[:40]), max(sizes[40:])
    trial.expect_that("and it does not grow", last <= middle + 8_192, f"{middle} KiB in 40 s, {last} KiB after that")
    counts = daemon.status()["counts"]
    trial.expect("registered, or being refreshed", counts["registered"] + counts["refreshing"], count)
    return {"sent": f"{sent / seconds:.0f}/s", "answered": f"{answered / seconds:.0f}/s", "lapses": stats["lapses"],
            "least lead": f"{lead:.1f} s", "PSS before, peak, after": f"{before}, {max(sizes)}, {after} KiB"}
