#!/usr/bin/env python3
"""Plays the table of the field to a real sipregd, and prints what came of rows that came out otherwise.

Usage: program.py FOLDER [NAME]…, the folder with sipregd and sipregctl; names: those rows only, "*" at an end stands
for any. As root: it takes a network of its own, in which sipregd has port 5060.

One daemon has an account for each row, at one registrar that treats every account by its row. Rows that want a daemon
of their own are played beside it. Ends with 1 when a row came out otherwise, was never judged, or is of no known
verdict.
"""

import fnmatch
import importlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.network import enter_own_network
from harness.process import exit_on_sigterm
from house import play_accounts, play_requests
from rows import ROWS, Answered, Asked, Filed, Staged
from stage import Stage
from verdicts import ACCOUNTS, FILES, REQUESTS, Seen, problems

# The table only grows: a module that is not found leaves fewer.
LEAST_ROWS = 600
# Rows with a daemon of their own: they wait most of the time.
AT_ONCE = 48
# Rows that are played a second time at most: of more than these the program is wrong, and not the moment.
AGAIN = 8
GRAMMARS = {Answered: ACCOUNTS, Asked: REQUESTS, Filed: FILES}


def play_files(rows, binaries, scratch):
    """Yields each row with what `sipregd --check` said."""
    for row in rows:
        folder = Path(scratch) / row.name
        folder.mkdir()
        for name, data in row.files.items():
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o600)
        done = subprocess.run(
            [binaries / "sipregd", "--check", folder / "sipregd.toml"], capture_output=True, timeout=60, check=False)
        yield row, Seen(status=done.returncode, words=(done.stdout + done.stderr).decode(errors="replace"))


def play_staged(number, row, binaries, scratch):
    with Stage(binaries, Path(scratch) / row.name, number) as stage:
        try:
            seen = row.play(stage)
        except Exception as error:  # pylint: disable=broad-except
            seen = f"{type(error).__name__}: {error}"
    return row, [] if seen == row.verdict else [seen]


def play(rows, binaries, scratch):
    """Yields each row with what was wrong with it."""
    of = {kind: [row for row in rows if isinstance(row, kind)] for kind in (Answered, Asked, Filed, Staged)}
    checks = {row.name: GRAMMARS[type(row)].parse(row.verdict) for row in rows if type(row) in GRAMMARS}

    def judged(played):
        for row, seen in played:
            yield row, problems(checks[row.name], seen)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        stages = [pool.submit(play_staged, number, row, binaries, scratch) for number, row in enumerate(of[Staged])]
        yield from judged(play_files(of[Filed], binaries, scratch))
        if of[Answered]:
            yield from judged(play_accounts(of[Answered], binaries, scratch))
        if of[Asked]:
            yield from judged(play_requests(of[Asked], binaries, scratch))
        for stage in stages:
            yield stage.result()


def played(rows, binaries):
    """Each row with what was wrong with it."""
    with tempfile.TemporaryDirectory() as scratch:
        return list(play(rows, Path(binaries).resolve(), scratch)) if rows else []


def chosen(words):
    for module in sorted(Path(__file__).parent.glob("field_*.py")):
        importlib.import_module(module.stem)
    if len(ROWS) < LEAST_ROWS:
        sys.exit(f"only {len(ROWS)} rows")
    return [row for row in ROWS if not words or any(fnmatch.fnmatchcase(row.name, word) for word in words)]


def main(binaries, words):
    exit_on_sigterm()
    began = time.monotonic()
    rows, counts = chosen(words), Counter()
    outcomes = played(rows, binaries)
    # Many rows tell times, and nearly fifty daemons at once have two processors: what came out otherwise is played once
    # more with nobody beside it.
    others = [row for row, wrong in outcomes if wrong]
    again = {row.name: wrong for row, wrong in played(others, binaries)} if len(others) <= AGAIN else {}
    for row, wrong in outcomes:
        if wrong:
            last = again.get(row.name, wrong)
            print(f"{'FAILED' if last else 'AGAIN '}  {row.name}  ({row.source})\n        wanted: {row.verdict}")
            print(*(f"        seen:   {line}" for line in wrong), sep="\n", flush=True)
            if row.name in again:
                print(*(f"        then:   {line}" for line in last or ["as wanted"]), sep="\n", flush=True)
            wrong = last
        counts["failed" if wrong else "passed"] += 1
    print(f"{counts['passed']} rows as they should be, {counts['failed']} not, {len(again)} of them played twice, "
          f"in {time.monotonic() - began:.0f} s")
    return 0 if rows and counts["passed"] == len(rows) else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    enter_own_network(__file__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
