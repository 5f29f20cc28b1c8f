#!/usr/bin/env python3
"""Lets foreign clients ask a running sipregd: the Python package `varlink`, and sipregctl as a script would use it.

Usage: control.py FOLDER, the folder with sipregd and sipregctl.

The daemon has a few accounts at sipregd's lab. Ends with 1 when a client is not content.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.daemon import Daemon, account
from harness.lab import Lab
from harness.report import run

HERE = Path(__file__).resolve().parent
USERS = ["alice", "bob", "carol"]


def with_clients(case, binaries):
    """Clients of the control socket."""
    with (tempfile.TemporaryDirectory() as folder, Lab(binaries / "sipregd", folder) as lab,
          Daemon(binaries, Path(folder) / "sipregd") as daemon):
        daemon.configure([account(user, lab, "lab.invalid") for user in USERS])
        daemon.start()
        daemon.wait_registered(len(USERS))
        for client in (["varlink_client.py"], ["sipregctl_check.py", binaries / "sipregctl"]):
            print(f"  {client[0]}", flush=True)
            status = subprocess.run(
                [sys.executable, HERE / client[0], *client[1:], daemon.socket], check=False, timeout=120).returncode
            case.expect(f"exit status of {client[0]}", status, 0)
        case.expect("exit status of sipregd", daemon.stop(), 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(run([with_clients], Path(sys.argv[1]).resolve()))
