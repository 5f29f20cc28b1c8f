#!/usr/bin/env python3
"""Registers with a real Kamailio, directly and through real outbound proxies, as an operator would.

Usage: kamailio.py FOLDER CAPTURES: the folder with sipregd and sipregctl, and one for what was on the wire.

Every expectation is printed with what was seen, most of it in the registrar's own location table. Ends with 1 when one
was not met. wire.py judges the captures.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import combinations
import connections
from expectations import expect_binding, expect_one_round_trip, number_in_series, register_and_refresh
from harness.process import wait_until
from harness.report import run
from topology import Site, Where

# Most of them wait.
AT_ONCE = 10


def direct_sha256(case, where):
    """Directly, SHA-256."""
    register_and_refresh(case, where, "direct-sha256", requests=2, ALGORITHM="SHA-256")


def loose_sha256(case, where):
    """Through a loose router, SHA-256."""
    register_and_refresh(case, where, "loose-sha256", (), requests=2, ALGORITHM="SHA-256")


def both_challenge(case, where):
    """407 by the proxy and 401 by the registrar."""
    with Site(where, "loose-407-and-401", [("CHALLENGE",)]) as site:
        credentials = [
            {"username": "alice", "realm": "edge.test", "password": "edge-alice"},
            {"username": "alice", "realm": "sip.test", "password": "secret-alice"}]
        site.start("alice", credentials=credentials, password=None)
        binding = expect_binding(case, site)
        case.expect("requests until the 200", number_in_series(binding), 3)
        expect_one_round_trip(case, site, binding)


def stale_nonce(case, where):
    """Nonces that live shorter than a registration."""
    with Site(where, "loose-stale", [()], NONCE_SECONDS=2) as site:
        site.start("alice")
        before = expect_binding(case, site)
        for round_ in (1, 2):
            after = site.next_binding("alice", before)
            case.expect(f"refresh {round_} is answered again", after.cseq - before.cseq, 2)
            before = after
        case.expect("challenges, of them stale", site.registrar.challenges, (3, 2))
        account = site.daemon.do("show", "alice")["account"]
        case.expect("state and failures", (account["state"], account["failures"]), ("registered", 0))


def wrong_password(case, where):
    """A password that is wrong."""
    with Site(where, "direct-wrong-password") as site:
        site.configure("alice", password="guessed")
        site.daemon.start()
        wait_until(lambda: site.daemon.account("alice")["state"] == "paused", 10, "alice paused")
        asked = site.registrar.challenges
        case.expect("challenged twice, or three times", asked[0] in (2, 3), True)
        time.sleep(6)
        case.expect("and none after that", site.registrar.challenges, asked)
        case.expect("the registrar's binding", site.registrar.binding("alice"), None)
        case.expect("exit status of sipregctl status", site.daemon.ask("status")[0], 1)


def registrar_restart(case, where):
    """A registrar that comes back without its memory."""
    come_back(case, Site(where, "loose-registrar-restart", [()]))


def registrar_restart_tcp(case, where):
    """A registrar that comes back without its memory and without the TCP connection."""
    come_back(case, Site(where, "direct-registrar-restart-tcp", transport="tcp"))


def come_back(case, site):
    with site:
        site.start("alice")
        before = expect_binding(case, site)
        site.registrar.stop()
        site.registrar.start()
        case.expect("the registrar remembers", site.registrar.binding("alice"), None)
        after = site.next_binding("alice", before)
        case.expect("Call-ID", after.call_id, before.call_id)
        case.expect("Path", after.path, site.path)
        case.expect("requests, with a nonce it no longer knew", after.cseq - before.cseq, 2)
        site.daemon.wait_registered(1)


def removal(case, where):
    """An account taken out of the file."""
    with Site(where, "strict-removal", [("STRICT",)]) as site:
        site.start("alice", "bob", expires=600)
        alice = expect_binding(case, site, "alice")
        expect_binding(case, site, "bob")
        site.configure("alice", expires=600)
        report = site.daemon.do("reload")
        case.expect("the reload removes", report["removed"], ["bob"])
        site.daemon.wait_registered(1)
        wait_until(lambda: site.registrar.binding("bob") is None, 10, "the end of bob's binding")
        case.expect("alice's binding", site.registrar.binding("alice").cseq, alice.cseq)


def unregister_on_stop(case, where):
    """A stop that takes the bindings along."""
    with Site(where, "direct-unregister-on-stop") as site:
        site.settings = {"unregister_on_stop": True}
        site.start("alice", "bob", expires=600)
        expect_binding(case, site, "alice")
        case.expect("exit status", site.daemon.stop(), 0)
        for user in ("alice", "bob"):
            case.expect(f"{user}'s binding", site.registrar.binding(user), None)


def restart(case, where):
    """A stop and a crash, with bindings that live on."""
    with Site(where, "loose-restart", [()]) as site:
        site.start("alice", expires=600)
        before = expect_binding(case, site)
        for what, end in (("SIGTERM", site.daemon.stop), ("SIGKILL", site.daemon.kill)):
            end()
            case.expect(f"the binding after {what}", site.registrar.binding("alice").cseq, before.cseq)
            site.daemon.start()
            site.daemon.wait_registered(1)
            time.sleep(1)
            case.expect("and after the start: nothing was due", site.registrar.binding("alice").cseq, before.cseq)
            site.daemon.do("refresh", "alice")
            after = site.next_binding("alice", before)
            case.expect("Call-ID", after.call_id, before.call_id)
            case.expect("Contact", after.contact, before.contact)
            case.expect("CSeq rises", after.cseq > before.cseq, True)
            before = after


CASES = [
    *connections.CASES, *combinations.CASES, direct_sha256, loose_sha256, both_challenge, stale_nonce, wrong_password,
    registrar_restart, registrar_restart_tcp, removal, unregister_on_stop, restart]


def main(binaries, captures):
    shutil.rmtree(captures, ignore_errors=True)
    Path(captures).mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        where = Where(Path(binaries).resolve(), Path(captures), Path(scratch))
        return run(CASES, where, at_once=AT_ONCE)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
