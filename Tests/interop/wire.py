#!/usr/bin/env python3
"""Judges with Wireshark's dissector what was on the wire when sipregd met Kamailio.

Usage: wire.py CAPTURES, the folder in which kamailio.py left its captures.

First the judge itself is tried on captures with one fault each. Then every capture is judged, and the check list is
printed with what was checked in how many packets. Ends with 1 when the judge is blind, a rule is broken, or a kind of
REGISTER is not among the captures.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import doctored
from judge import judge

REGISTERS = [
    ("REGISTER without a proxy", "direct"),
    ("REGISTER, loose routing", "loose"),
    ("REGISTER, strict routing", "strict"),
]
LATER = ["INVITE without a proxy", "INVITE, loose routing", "BYE"]


def judge_sees(pool):
    """Whether the judge finds nothing in what is right, and the fault in what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        sound = [
            doctored.capture(folder, f"sound-{routing}", routing, requests)
            for routing, *requests in doctored.SOUND]
        faulty = [
            doctored.capture(folder, f"fault-{number}", routing, requests)
            for number, (_, routing, *requests) in enumerate(doctored.FAULTS)]
        verdicts = list(pool.map(judge, sound + faulty))
    failures = [f"nothing is wrong, yet {found.complaints}" for found in verdicts[:len(sound)] if found.complaints]
    for (rule, *_), verdict in zip(doctored.FAULTS, verdicts[len(sound):], strict=True):
        if not any(rule in complaint for complaint in verdict.complaints):
            failures.append(f"'{rule}' was broken, yet {verdict.complaints}")
    print(f"the judge on {len(sound)} sound and {len(faulty)} doctored captures: {len(failures)} misjudged")
    for failure in failures:
        print(f"  FAILED  {failure}")
    return not failures


def row(*cells):
    print("| {:25} | {:7} | {:>7} | {:90} |".format(*cells))


def print_check_list(verdicts):
    """Whether every line that can be judged was judged, and holds."""
    rules = {routing: {rule for verdict in found for rule in verdict.checks} for routing, found in verdicts.items()}
    common = set.intersection(*rules.values()) if rules else set()
    every = [verdict for found in verdicts.values() for verdict in found]
    frames = sum(verdict.frames for verdict in every)
    malformed = any("no malformed packet" in complaint for verdict in every for complaint in verdict.complaints)
    holds = frames > 0 and not malformed

    row("check list", "result", "packets", "what was checked")
    row("-" * 25, "-" * 7, "-" * 6 + ":", "-" * 90)
    for title, routing in REGISTERS:
        found = verdicts.get(routing, [])
        is_good = bool(found) and not any(verdict.complaints for verdict in found)
        holds = holds and is_good
        row(
            title, "ok" if is_good else "FAILED" if found else "NOT RUN", sum(verdict.requests for verdict in found),
            ", ".join(sorted(rules.get(routing, set()) - common)))
    for title in LATER:
        row(title, "-", 0, "comes with calls")
    row("Wireshark", "FAILED" if malformed or not frames else "ok", frames, "no malformed packet")
    print(f"\nin every REGISTER: {', '.join(sorted(common))}")
    return holds


def main(folder):
    files = sorted(Path(folder).glob("*.pcapng"))
    verdicts = {}
    with ThreadPoolExecutor(2) as pool:
        sees = judge_sees(pool)
        for file, verdict in zip(files, pool.map(judge, files), strict=True):
            verdicts.setdefault(verdict.routing, []).append(verdict)
            print(f"  {'FAILED' if verdict.complaints else 'ok    '}  {file.stem}: {verdict.requests} REGISTER")
            for complaint in verdict.complaints:
                print(f"          {complaint}")
    print()
    return 0 if print_check_list(verdicts) and sees else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
