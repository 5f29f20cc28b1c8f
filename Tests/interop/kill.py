#!/usr/bin/env python3
"""Kills sipregd 200 times in a row, at random moments and under load, and looks for what it forgot.

Usage: kill.py FOLDER [SEED], the folder with sipregd and sipregctl.

The registrar is sipregd's lab: it counts a Call-ID that changes, a CSeq that does not rise, a binding that lapses. What
it accepted is held against what was due, so that a daemon that registers everything anew after a crash is found out.
Ends with 1 when an expectation was not met.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.daemon import Daemon, accounts_at
from harness.lab import Lab
from harness.report import run

KILLS = 200
ACCOUNTS = 200
# Refreshed after 10 to 12 s: with so many accounts, one is always under way.
EXPIRES = 20
EARLIEST = 10
# A life, in seconds: from the middle of the start to well into the work.
LIFE = (0.02, 1.1)
# Everybody at once in every so many-th life.
BURST = 10
# What a life may repeat: those whose 200 was on its way, or not yet on the disk.
REPEATED = 10


def identities(lab):
    """Call-ID and CSeq by address of record; raises when one has two bindings."""
    bindings = lab.ask("bindings")
    found = {binding["aor"]: (binding["call_id"], binding["cseq"]) for binding in bindings}
    if len(found) != len(bindings):
        raise AssertionError(f"{len(bindings)} bindings of {len(found)} addresses of record")
    return found


def expect_same(case, what, lab, before):
    """Nobody's identity changed since; nobody's CSeq fell. The identities now."""
    now = identities(lab)
    case.expect(f"{what}: bindings", len(now), ACCOUNTS)
    changed = [aor for aor, (call_id, _) in before.items() if now.get(aor, (None,))[0] != call_id]
    case.expect(f"{what}: with another Call-ID", changed[:3], [])
    fallen = [aor for aor, (_, cseq) in before.items() if aor in now and now[aor][1] < cseq]
    case.expect(f"{what}: with a CSeq that fell", fallen[:3], [])
    return now


def crash_often(case, daemon, lab, chance):
    """Lets it live and die; how many of the lives had everybody refresh at once."""
    known = identities(lab)
    bursts = 0
    for number in range(1, KILLS + 1):
        daemon.launch()
        time.sleep(chance.uniform(*LIFE))
        if number % BURST == 0:
            # A life that was too short for its control socket has no burst.
            bursts += daemon.ask("refresh", "--all")[0] == 0
            time.sleep(chance.uniform(0, 0.3))
        if not daemon.is_running:
            raise AssertionError(f"sipregd ended by itself:\n{daemon.last_words()}")
        daemon.kill()
        if number % 50 == 0:
            known = expect_same(case, f"after {number} kills", lab, known)
    return bursts


def killed_under_load(case, binaries, seed):
    """200 times SIGKILL with 200 accounts."""
    print(f"  seed {seed}")
    with tempfile.TemporaryDirectory() as folder, Lab(binaries / "sipregd", folder) as lab:
        # So that there are always requests on their way.
        lab.ask("fault delay 20")
        with Daemon(binaries, Path(folder) / "sipregd") as daemon:
            daemon.configure(accounts_at(lab, ACCOUNTS, expires=EXPIRES, minimum_interval=0))
            daemon.start()
            daemon.wait_registered(ACCOUNTS, 30)
            daemon.kill()
            first, began, before = identities(lab), time.monotonic(), lab.ask("stats")

            bursts = crash_often(case, daemon, lab, random.Random(seed))

            daemon.start()
            daemon.wait_registered(ACCOUNTS, 30)
            expect_same(case, "at the end", lab, first)
            expect_little(case, before, lab.ask("stats"), time.monotonic() - began, bursts)
            case.expect("all registered, says sipregctl", daemon.ask("status")[0], 0)
            case.expect("exit status of the last one", daemon.stop(), 0)
            expect_noticed(case, daemon, lab, first)


def expect_noticed(case, daemon, lab, known):
    """The control of the test: a daemon that lost its state cannot pass."""
    daemon.forget()
    daemon.start()
    daemon.wait_registered(ACCOUNTS, 30)
    strangers = {binding["call_id"] for binding in lab.ask("bindings")} - {call_id for call_id, _ in known.values()}
    case.expect("without its state it would be somebody else", len(strangers), ACCOUNTS)


def expect_little(case, before, after, seconds, bursts):
    """Nothing that a registrar would complain about, and no more than was due."""
    for count in ("call_id_changes", "cseq_violations", "lapses", "malformed", "refused", "removed"):
        case.expect(count, after[count], 0)
    accepted = after["accepted"] - before["accepted"]
    due = round(ACCOUNTS * (seconds / EARLIEST + bursts))
    print(f"          {accepted} REGISTERs accepted in {seconds:.0f} s, at most {due} due, {bursts} bursts among them")
    case.expect("not more than that, and what crashes repeat", accepted <= due + KILLS * REPEATED, True)
    case.expect("they were under load", accepted > ACCOUNTS * seconds / EXPIRES, True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    chosen = sys.argv[2] if len(sys.argv) == 3 else str(time.time_ns())
    sys.exit(run([killed_under_load], Path(sys.argv[1]).resolve(), chosen))
