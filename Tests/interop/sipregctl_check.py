#!/usr/bin/env python3
"""Runs sipregctl as an operator and a script would, against a running sipregd: output, colours, exit statuses.

Usage: sipregctl_check.py SIPREGCTL SOCKET-PATH

The daemon must have at least one account, and all of them bound. Every check is printed; the first mismatch ends
the run with status 1.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from checks import check


def main(program, socket):
    environment = {**os.environ, "SIPREGD_CONTROL": socket}

    def run(*arguments, program=program, **options):
        return subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False, **options)

    status = run("status", "--json")
    check("status --json is one line of JSON", status.stdout.count("\n") == 1 and "total" in json.loads(status.stdout))
    check("status ends with 0 when all are bound", status.returncode == 0)
    check("status for people is a screen", 0 < run("status").stdout.count("\n") <= 12)

    listed = run("list", "--json")
    accounts = [json.loads(line) for line in listed.stdout.splitlines()]
    total = json.loads(status.stdout)["total"]
    check("list --json is one account a line", len(accounts) == total, total)
    check("list ends with 0 when all are bound", listed.returncode == 0)
    name = accounts[0]["name"]
    check("list --limit limits", len(run("list", "--json", "--limit", "1").stdout.splitlines()) == 1)
    check("list filters", run("list", "--domain", "nowhere.invalid").stdout == "No such accounts.\n")

    check("show names the account", name in run("show", name).stdout)
    check("explain names the account", run("explain", name).stdout.startswith(f"{name} is "))
    nobody = run("show", "nobody\x1b[2J")
    check("show of nobody ends with 1", nobody.returncode == 1)
    check("an error lets no escape sequence through", "\x1b" not in nobody.stderr and "\\x1b[2J" in nobody.stderr)
    said = run("refresh", name).stdout
    check("refresh says what it did", said.startswith(("1 REGISTER sent", "1 REGISTER leaves in")), said)
    waited = run("refresh", name, "--wait")
    check("refresh --wait tells the outcome", waited.returncode == 0 and "1 of 1 account refreshed." in waited.stdout,
          waited.stdout)
    check("all with a pattern is wrong usage", run("refresh", "--all", "--pattern", "*").returncode == 64)

    check("no colour without a terminal", "\x1b" not in run("list", "--limit", "1").stdout)
    check("colour when asked", "\x1b[32m" in run("list", "--limit", "1", "--color", "always").stdout)

    check("a daemon that is not there is 3", run("status", "--socket", socket + ".not-there").returncode == 3)
    check("wrong usage is 64", run("pause").returncode == 64)
    if os.geteuid() == 0:
        # A checkout may be nobody else's to look into.
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            stranger = run(
                "status", program=shutil.copy(program, folder), user=65534, group=65534, extra_groups=[])
        check("a stranger is 4", stranger.returncode == 4, stranger.stderr.strip())

    cut = subprocess.run(
        ["sh", "-c", '"$1" list | head -n 1', "sh", program], env=environment, capture_output=True, text=True,
        timeout=60, check=False)
    check("list | head ends quietly", cut.stderr == "" and cut.stdout.startswith("NAME"))
    print("all checks hold")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
