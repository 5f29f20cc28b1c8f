"""Trouble in one part of the daemon while another has work of its own, and the end of very many accounts."""

import re
import statistics
import subprocess
import time
from pathlib import Path

from harness.process import Process, run, timed, wait_until
from registry import measurement
from town import Town

# Seconds that the disk takes for each write.
SLOWNESS = 5


@measurement(
    "a disk that takes 5 s for each write",
    by="strace attached: fsync and fdatasync take that long, 400 accounts on 2 shards",
    seconds=30)
def slow_disk(trial):
    """Everybody is refreshed while one write is under way."""
    town = Town(trial, 400).start(shards=2, registrations_per_second=0)
    known = town.identities()
    usual = timed(town.refresh)
    tracer = Process(
        ["strace", "-f", "-p", town.daemon.pid, "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-e",
         f"inject=fsync,fdatasync:delay_enter={SLOWNESS}s"], trial.folder / "strace.log")
    wait_until(lambda: " attached" in tracer.tail(), 10, "strace")
    # The first has a write begin, under which the next ones come.
    took = [timed(town.refresh) for _ in range(3)]
    healthy = town.store()["healthy"]
    wait_until(lambda: "(DELAYED)" in Path(tracer.log).read_text(), 3 * SLOWNESS, "the end of a write")
    tracer.stop()
    trial.expect_that("three rounds while one write goes on", sum(took) < SLOWNESS, f"{sum(took):.2f} s")
    trial.expect("state healthy", healthy, True)
    town.expect_nothing_lost(known)
    return {"all refreshed in": f"{usual:.2f} s, on the slow disk {max(took):.2f} s"}


@measurement(
    "a flood at the port of one shard", by="50,000 OPTIONS a second at one of two ports, 200 accounts", seconds=30,
    alone=True)
def flooded_shard(trial):
    """The accounts of the other one are refreshed as ever, without a repetition."""
    program = trial.folder / "flood"
    run(["cc", "-O2", "-Wall", "-Werror", "-o", program, Path(__file__).with_name("flood.c")])
    town = Town(trial, 200).start(shards=2, registrations_per_second=0)
    known = town.identities()
    ports = {}
    for account in town.daemon.ask("list")[1]:
        ports.setdefault(int(re.search(r":(\d+);line=", account["contact"])[1]), []).append(account["name"])
    trial.expect("ports", len(ports), 2)
    flooded, other = sorted(ports)
    usual = [town.refresh_one(name) for name in ports[other][:20]]
    flood = subprocess.Popen([program, "127.0.0.1", str(flooded), "50000", "12"], stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    before = town.lab.ask("stats")["retransmissions"]
    found = {port: [town.refresh_one(name) for name in ports[port][:20]] for port in (other, flooded)}
    repeated = town.lab.ask("stats")["retransmissions"] - before
    sent, answered, seconds = flood.communicate(timeout=30)[0].split()
    trial.expect_that("datagrams a second", int(sent) / float(seconds) >= 45_000, f"{int(sent) / float(seconds):.0f}")
    # Half a second is Timer E: by then a refresh that waits behind the flood would be repeated.
    trial.expect_that("slowest refresh of the other shard", max(found[other]) < 0.5,
                      f"{1e3 * max(found[other]):.0f} ms")
    town.expect_nothing_lost(known)
    return {
        "answered": f"{int(answered) / float(seconds):.0f}/s", "repeated": repeated,
        "refresh, median and slowest": f"{spread(usual)}; of the other shard {spread(found[other])}; "
                                       f"of the flooded one {spread(found[flooded])}"}


@measurement(
    "the end of 20,000 accounts",
    by="SIGTERM with unregister_on_stop: at a registrar that answers, and at one that is silent",
    seconds=40, alone=True)
def many_leave(trial):
    """All are removed; and when nobody answers, the end comes in time."""
    count, patience = 20_000, 5
    town = Town(trial, count)
    file = town.accounts_file(range(count))
    town.daemon.configure(
        [], accounts_file=file, registrations_per_second=0, unregister_on_stop=True, stop_timeout=patience)
    town.daemon.start()
    town.daemon.wait_registered(count, 60)
    left = timed(town.daemon.stop)
    trial.expect("removed at the registrar", town.lab.ask("stats")["removed"], count)
    town.daemon.start()
    town.daemon.wait_registered(count, 60)
    town.lab.ask("fault loss 100")
    bounded = timed(town.daemon.stop)
    trial.expect_that("the end, nobody answers", bounded < patience + 5, f"{bounded:.1f} s")
    trial.expect("bindings then", town.lab.ask("stats")["bindings"], count)
    return {"removed in": f"{left:.1f} s", "nobody answers": f"{bounded:.1f} s of {patience} s"}


def spread(seconds):
    return f"{1e3 * statistics.median(seconds):.0f} and {1e3 * max(seconds):.0f} ms"
