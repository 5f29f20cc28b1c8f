"""Limits that the system puts on sipregd."""

import contextlib
import os
import re
import signal
import socket
import time
from pathlib import Path

from harness.control import Control
from harness.daemon import account
from harness.process import cpu_seconds, wait_until
from harness.scripted import ScriptedRegistrar
from registry import fault
from town import STORE_DELAY, Town

# sysexits.h: "system error"
EX_OSERR = 71


def descriptors(daemon):
    return [int(name) for name in os.listdir(f"/proc/{daemon.pid}/fd")]


def exhaust(trial, daemon):
    """Lowers the limit to what is open, and fills the holes with connections, which it gives back."""
    limit = max(descriptors(daemon)) + 1
    trial.shell(f"prlimit --pid {daemon.pid} --nofile={limit}:")
    connections = []
    while len(descriptors(daemon)) < limit:
        connections.append(Control(daemon.socket, timeout=10))
        connections[-1].call("Status")
    return connections


@fault(26, "file descriptors exhausted", "prlimit --nofile, lowered to what is open", seconds=60)
def descriptors_exhausted(trial):
    """What is open serves on; what needs a new descriptor fails, says so, and heals."""
    town = Town(trial, 20, expires=20)
    stream = trial.use(ScriptedRegistrar(transport="tcp"))
    daemon = town.daemon
    daemon.configure([
        *(town.account(number) for number in range(town.count)), account("stream", stream, expires=3600)])
    daemon.start()
    daemon.wait_registered(town.count + 1)
    known, before = town.identities(), town.lab.ask("stats")["refreshes"]
    operator = Control(daemon.socket, timeout=10)
    operator.call("Status")
    stream.finish()
    time.sleep(1)
    held = exhaust(trial, daemon)
    late = Control(daemon.socket, timeout=10)

    used = cpu_seconds(daemon.pid)
    operator.call("Refresh", names=["stream"])
    daemon.send(signal.SIGHUP)
    time.sleep(4)
    used = cpu_seconds(daemon.pid) - used
    trial.expect_that("seconds of processor in 4", used < 1, f"{used:.2f}")
    said = operator.call("Show", name="stream")["details"]["account"]
    trial.expect_that("without a descriptor a connection fails", "Too many open files" in said.get("reason", ""), said)
    trial.expect("the reload failed", "Too many open files" in daemon.log.read_text(), True)
    # Two refreshes of everybody.
    wait_until(lambda: town.lab.ask("stats")["refreshes"] - before >= 2 * town.count, 30, "refreshes over UDP")

    trial.shell(f"prlimit --pid {daemon.pid} --nofile=1024:")
    held.clear()
    began = time.monotonic()
    trial.expect("who waited for the control socket", late.call("Status")["status"]["total"], town.count + 1)
    daemon.wait_registered(town.count + 1, 40)
    took = time.monotonic() - began
    trial.expect("complaints over TCP", stream.complaints(), [])
    town.expect_nothing_lost(known)
    return {"descriptors left": 0, "refreshes meanwhile": 2 * town.count, "lapses": 0,
            "TCP healed after": f"{took:.0f} s"}


@fault(26, "threads exhausted at the start", "prlimit --nproc of a user who has no other process", seconds=20)
def threads_exhausted(trial):
    """It says what is missing, at once, and ends as the service manager understands."""
    # The checkout may be nobody else's to look into.
    trial.shell(f"mount -t tmpfs -o mode=755 programs /mnt && cp {trial.binaries}/sipregd /mnt")
    trial.binaries = Path("/mnt")
    outcomes = {}
    for allowed in (1, 2, 4, 8):
        stranger = ["setpriv", "--reuid=64123", "--clear-groups", "prlimit", f"--nproc={allowed}", "--"]
        daemon = trial.daemon(stranger)
        daemon.configure([])
        began = time.monotonic()
        daemon.launch()
        wait_until(lambda daemon=daemon: not daemon.is_running, 10, f"the end with {allowed} threads")
        outcomes[allowed] = daemon.stop()
        trial.expect_that(f"{allowed}: seconds", time.monotonic() - began < 5, f"{time.monotonic() - began:.1f}")
        trial.expect_that(
            f"{allowed}: says what is missing", "threads" in daemon.last_words(), daemon.last_words().strip())
    trial.expect("exit statuses", set(outcomes.values()), {EX_OSERR})
    return {"threads": "1 to 8", "exit status": EX_OSERR}


def memory(daemon, what):
    """VmData, VmRSS, … in bytes."""
    text = Path(f"/proc/{daemon.pid}/status").read_text(encoding="ascii")
    return int(re.search(rf"^{what}:\s+(\d+) kB", text, re.M)[1]) << 10


class Nuisance:
    """What somebody from outside may send: large datagrams, calls without an end, questions whose answers nobody
    reads."""

    _large = b"OPTIONS sip:x SIP/2.0\r\n" + b"a" * 60_000
    _endless = b" " * (10 << 20)
    _unread = b'{"method":"org.sipregd.Registrations.Watch","parameters":{},"more":true}\0'

    def __init__(self, daemon, connections):
        self._datagrams = socket.socket(type=socket.SOCK_DGRAM)
        self._port = daemon.port
        self._sessions = [Control(daemon.socket, timeout=10) for _ in range(connections)]

    def go_on(self, seconds, until=lambda: False):
        deadline = time.monotonic() + seconds
        for number, session in enumerate(self._sessions):
            session.socket.settimeout(0.2)
            # Nobody may take it.
            with contextlib.suppress(OSError):
                session.socket.sendall(self._endless if number % 2 else self._unread)
        while time.monotonic() < deadline and not until():
            for _ in range(100):
                self._datagrams.sendto(self._large, ("127.0.0.1", self._port))


@fault(
    27, "memory limit", "prlimit --data: 64 MiB above what is in use, under a flood; then below it, and a reload",
    seconds=25, alone=True)
def memory_limited(trial):
    """What others send costs a bounded amount; who has nothing left ends, and begins again as the same."""
    town = Town(trial, 500).start()
    known, before = town.identities(), town.requests()
    daemon, used = town.daemon, memory(town.daemon, "VmData")
    trial.shell(f"prlimit --pid {daemon.pid} --data={used + (64 << 20)}:")
    nuisance = Nuisance(daemon, 24)
    nuisance.go_on(5)
    grown = memory(daemon, "VmData") - used
    trial.expect("alive with 64 MiB to spare", daemon.is_running, True)
    town.refresh()
    trial.expect("REGISTERs", town.requests() - before, town.count)

    time.sleep(STORE_DELAY * 4)
    trial.shell(f"prlimit --pid {daemon.pid} --data=1:")
    # What others send needs nothing more; ten times the accounts do.
    daemon.configure([town.account(number) for number in range(10 * town.count)])
    daemon.send(signal.SIGHUP)
    nuisance.go_on(20, until=lambda: not daemon.is_running)
    trial.expect("alive with nothing", daemon.is_running, False)
    town.configure()
    trial.expect("REGISTERs of the next life", town.restart(), 0)
    town.refresh()
    town.expect_nothing_lost(known)
    return {"grown by": f"{grown >> 20} MiB", "after its end needless REGISTERs": 0, "lapses": 0}
