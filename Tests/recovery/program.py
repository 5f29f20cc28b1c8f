#!/usr/bin/env python3
"""How soon bindings are back after an outage, and whether any lapses that need not: one table.

Usage: program.py FOLDER [KIND]…, the folder with sipregd and sipregctl; without a kind of outage: all. Every cell has a
registrar and a sipregd of its own at addresses of their own, and all run at once.

Ends with 1 when an account lapsed needlessly, or was late.
"""

import itertools
import signal
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bindings import EXPIRES, recovery
from harness.daemon import Daemon, account
from harness.process import Conversation, exit_on_sigterm, wait_until

# How the registrar fails, and over which transport.
KINDS = {
    "silence": "udp", "unreachable": "udp", "503": "udp", "503-later": "udp", "stopped": "udp",
    "refused": "tcp", "reset": "tcp"}
OUTAGES = (5, 20, 100)
CROWDS = (1, 5, 100)

# In seconds after the return. The daemon means to be back in 5 at the median and in 10 at worst; a machine that is busy
# may add to the worst.
MEDIAN, WORST = 5, 15
# How long who is not back by then is waited for, and how long who is back is watched.
PATIENCE, WATCH = 45, 12
# An outage begins so many seconds before the first refresh, so that all that are due meet it.
AHEAD = 1


@dataclass(frozen=True)
class Cell:
    number: int
    kind: str
    outage: int
    accounts: int

    def address(self, side):
        return f"127.{side}.0.{self.number + 1}"


class Registrar(Conversation):
    """The process of `registrar.py`."""

    def __init__(self, cell, folder):
        super().__init__(
            [sys.executable, "-B", Path(__file__).with_name("registrar.py"), KINDS[cell.kind], cell.address(31)],
            folder / "registrar.log", "the registrar")
        self.uri = self.greeting["uri"]

    def begin(self, kind):
        if kind == "stopped":
            self.send(signal.SIGSTOP)
        else:
            self.ask(f"fault {kind}")

    def end(self, kind):
        if kind == "stopped":
            self.send(signal.SIGCONT)
        else:
            self.ask("return")


def play(cell, binaries, scratch):
    """One outage. What came of it, and what the registrar has against sipregd."""
    folder = Path(scratch) / str(cell.number)
    folder.mkdir()
    with Registrar(cell, folder) as registrar, Daemon(binaries, folder / "sipregd") as daemon:
        daemon.configure(
            [account(f"u{number}", registrar, expires=EXPIRES) for number in range(cell.accounts)],
            local_address_v4=cell.address(32),
            local_address_v6="off")
        daemon.launch()
        wait_until(lambda: registrar.ask("bound")["bound"] == cell.accounts, 30, f"{cell} registered", interval=0.5)
        time.sleep(max(0, first_refresh(daemon) - AHEAD - time.time()))
        registrar.begin(cell.kind)
        began = time.monotonic()
        time.sleep(cell.outage)
        registrar.end(cell.kind)
        returned = time.monotonic()
        time.sleep(WATCH)
        # When all of them lapsed it is enough that they are back; else a lapse may still come.
        calm = returned + (WATCH if cell.outage >= EXPIRES else PATIENCE)
        seen = registrar.ask("bound")
        while seen["at"] < calm or (seen["bound"] < cell.accounts and seen["at"] < returned + PATIENCE):
            time.sleep(1)
            seen = registrar.ask("bound")
        noted = registrar.ask("end")
    return recovery(noted["granted"], began, returned, seen["at"]), noted


def first_refresh(daemon):
    """On the wall clock."""
    def planned():
        times = [account.get("next_action_at") for account in daemon.ask("list")[1]]
        # One whose answer is late has a request in flight.
        return min(times) if all(times) else None
    return wait_until(planned, 20, "the plan of every account")


# --- The table


def print_table(results):
    """A line for a kind and an outage, a column for a number of accounts."""
    print(f"{'registrar':12} {'for':>5}  " + "".join(f"{f'{count} accounts: back, lapses':36}" for count in CROWDS))
    for kind, outage in dict.fromkeys((cell.kind, cell.outage) for cell in results):
        found = {cell.accounts: (seen, noted) for cell, (seen, noted) in results.items()
                 if (cell.kind, cell.outage) == (kind, outage)}
        print(f"{kind:12} {outage:3} s  " + "".join(
            f"{words(*found[count]):36}" for count in CROWDS).rstrip())


def words(seen, noted):
    needless = f" ({seen.needless} needless)" if seen.needless else ""
    return f"{seen.back:4.1f} s, {seen.lapses}{needless}, {noted['in_vain']} in vain"


def problems(results):
    """What must not be, one a line."""
    for cell, (seen, noted) in results.items():
        name = f"{cell.kind} {cell.outage} s, {cell.accounts} accounts"
        if seen.accounts != cell.accounts:
            yield f"{name}: {seen.accounts} were ever bound"
        if seen.back > WORST:
            yield f"{name}: back after {seen.back:.1f} s"
        if seen.needless:
            yield f"{name}: {seen.needless} lapsed needlessly"
        yield from (f"{name}: {complaint}" for complaint in noted["complaints"])
    median = median_back(results)
    if median > MEDIAN:
        yield f"after {OUTAGES[-1]} s: {median:.1f} s in the median"


def median_back(results):
    """After the longest outage, over which every binding ends."""
    return statistics.median(seen.back for cell, (seen, _) in results.items() if cell.outage == OUTAGES[-1])


def main(binaries, kinds):
    exit_on_sigterm()
    began = time.monotonic()
    wanted = [Cell(number, *cell) for number, cell in enumerate(itertools.product(kinds, OUTAGES, CROWDS))]
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(len(wanted)) as pool:
        played = list(pool.map(lambda cell: play(cell, Path(binaries).resolve(), scratch), wanted))
    results = dict(zip(wanted, played, strict=True))
    print_table(results)
    worst = max(seen.back for seen, _ in results.values())
    print(f"back after {OUTAGES[-1]} s: {median_back(results):.1f} s in the median; of all the worst: {worst:.1f} s")
    found = list(problems(results))
    for problem in found:
        print(f"FAILED  {problem}")
    print(f"{len(results)} outages, {len(found)} failures, in {time.monotonic() - began:.0f} s")
    return 1 if found or not results else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or set(sys.argv[2:]) - set(KINDS):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:] or list(KINDS)))
