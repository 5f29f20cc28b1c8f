#!/usr/bin/env python3
"""Registers with a real Kamailio, directly and through real outbound proxies, as an operator would.

Usage: kamailio.py FOLDER CAPTURES: the folder with sipregd and sipregctl, and one for what was on the wire.

Every expectation is printed with what was seen, most of it in the registrar's own location table. Ends with 1 when one
was not met. wire.py judges the captures.
"""

import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.process import wait_until
from harness.report import run
from topology import Site

UUID_AT_DOMAIN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@sip\.test")


@dataclass(frozen=True)
class Where:
    binaries: Path
    captures: Path
    scratch: Path


def expect_binding(case, site, user="alice"):
    """The registrar's table and the daemon's own account of itself agree."""
    binding = site.registrar.binding(user)
    details = site.daemon.do("show", user)
    if not case.expect("the registrar has a binding", binding is not None, True):
        raise AssertionError("nothing to look at")
    case.expect("Path", binding.path, site.path)
    case.expect("Contact", binding.contact, details["account"]["contact"])
    case.expect("Call-ID", binding.call_id, details["call_id"])
    case.expect("it is UUID@domain", UUID_AT_DOMAIN.fullmatch(binding.call_id) is not None, True)
    case.expect("CSeq", binding.cseq, details["cseq"])
    return binding


def number_in_series(binding):
    """The how manieth number of its CSeq series a newcomer has used: a series begins behind a multiple of 64."""
    return (binding.cseq - 1) % 64 + 1


def expect_one_round_trip(case, site, before, user="alice"):
    """The next refresh comes by itself, and needs no challenge."""
    challenges = site.registrar.challenges
    after = site.next_binding(user, before)
    case.expect("the refresh keeps the Call-ID", after.call_id, before.call_id)
    case.expect("and is one request", after.cseq - before.cseq, 1)
    case.expect("with the nonce it had", site.registrar.challenges, challenges)
    return after


def register_and_refresh(case, where, name, *edges, requests, **options):
    with Site(where, name, edges, **options) as site:
        site.start("alice")
        binding = expect_binding(case, site)
        case.expect("requests until the 200", number_in_series(binding), requests)
        after = expect_one_round_trip(case, site, binding)
        case.expect("the Path is still there", after.path, site.path)


def direct(case, where):
    """Directly, MD5."""
    register_and_refresh(case, where, "direct-md5", requests=2)


def direct_sha256(case, where):
    """Directly, SHA-256."""
    register_and_refresh(case, where, "direct-sha256", requests=2, ALGORITHM="SHA-256")


def direct_tcp(case, where):
    """Directly, over TCP."""
    register_and_refresh(case, where, "direct-tcp", requests=2, transport="tcp")


def loose(case, where):
    """Through a loose router."""
    register_and_refresh(case, where, "loose-md5", (), requests=2)


def loose_sha256(case, where):
    """Through a loose router, SHA-256."""
    register_and_refresh(case, where, "loose-sha256", (), requests=2, ALGORITHM="SHA-256")


def loose_tcp(case, where):
    """Through a loose router, over TCP."""
    register_and_refresh(case, where, "loose-tcp", (), requests=2, transport="tcp")


def direct_tls(case, where):
    """Directly, over TLS."""
    register_and_refresh(case, where, "direct-tls", requests=2, transport="tls")


def loose_tls(case, where):
    """Through a loose router, over TLS to it."""
    register_and_refresh(case, where, "loose-tls", (), requests=2, transport="tls")


def chain_tls(case, where):
    """Through a chain of two proxies, over TLS to the first."""
    register_and_refresh(case, where, "loose-chain-tls", (), (), requests=2, transport="tls")


def direct_ws(case, where):
    """Directly, over a WebSocket."""
    register_and_refresh(case, where, "direct-ws", requests=2, transport="ws")


def loose_wss(case, where):
    """Through a loose router, over a WebSocket with TLS."""
    register_and_refresh(case, where, "loose-wss", (), requests=2, transport="wss")


def one_connection_tls(case, where):
    """Accounts that share a TLS connection."""
    with Site(where, "shared-tls", [()], transport="tls") as site:
        site.start("alice", "bob", "carol")
        before = site.registrar.binding("alice")
        site.next_binding("alice", before)
        case.expect("connections at the proxy", site.edges[0].call("core.tcp_info")["opened_tls_connections"], 1)


def edge_restart_tls(case, where):
    """A proxy with TLS that comes back under another certificate."""
    with Site(where, "edge-restart-tls", [()], transport="tls") as site:
        site.start("alice")
        before = expect_binding(case, site)
        edge = site.edges[0]
        edge.stop()
        edge.show(*site.authority.issue("rotated", f"IP:{edge.endpoint.host}"))
        edge.start()
        site.next_binding("alice", before)
        site.daemon.wait_registered(1)
        case.expect("state", site.daemon.do("show", "alice")["account"]["state"], "registered")


def closing_edge(case, site):
    """Two refreshes, each after the proxy has ended the connection that was silent."""
    with site:
        site.start("alice", expires=600)
        before = expect_binding(case, site)
        refused = site.daemon.status()["traffic"]["transactions_refused"]
        for round_ in (1, 2):
            wait_until(lambda: site.edges[0].call("core.tcp_info")["opened_connections"] == 0, 20, "the end of it")
            site.daemon.do("refresh", "alice")
            after = site.next_binding("alice", before)
            case.expect(f"refresh {round_} is one request", after.cseq - before.cseq, 1)
            before = after
        case.expect("failed attempts", site.daemon.do("show", "alice")["account"]["failures"], 0)
        case.expect("refused requests", site.daemon.status()["traffic"]["transactions_refused"] - refused, 0)


def closing_edge_tls(case, where):
    """A proxy that ends each TLS connection that is silent for two seconds."""
    closing_edge(case, Site(where, "closing-tls", [("IDLE_SECONDS=2",)], transport="tls"))


def closing_edge_wss(case, where):
    """A proxy that ends each WebSocket that is silent for two seconds."""
    closing_edge(case, Site(where, "closing-wss", [("IDLE_SECONDS=2",)], transport="wss"))


def stranger_tls(case, where):
    """A proxy whose certificate is for another address, until it shows the right one."""
    with Site(where, "stranger-tls", [()], transport="tls") as site:
        edge = site.edges[0]
        edge.show(*site.authority.issue("stranger", "IP:127.9.9.9", "DNS:edge.test"))
        edge.stop()
        edge.start()
        site.configure("alice")
        site.daemon.start()
        wait_until(lambda: site.daemon.account("alice")["state"] == "waiting", 10, "alice waiting")
        words = (f"certificate of somebody else (expected {edge.endpoint.host}, "
                 "the certificate names edge.test, 127.9.9.9)")
        case.expect("the reason", words in site.daemon.tell("show", "alice")[1], True)
        case.expect("the registrar's binding", site.registrar.binding("alice"), None)
        edge.show(*site.authority.issue("right", f"IP:{edge.endpoint.host}"))
        edge.stop()
        edge.start()
        site.daemon.do("refresh", "alice")
        site.daemon.wait_registered(1)


def strict(case, where):
    """Through a strict router."""
    register_and_refresh(case, where, "strict", ("STRICT",), requests=2)


def chain(case, where):
    """Through a chain of two proxies."""
    register_and_refresh(case, where, "loose-chain", (), (), requests=2)


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
    direct, direct_sha256, direct_tcp, direct_tls, direct_ws, loose, loose_sha256, loose_tcp, loose_tls, loose_wss,
    chain_tls, one_connection_tls, edge_restart_tls, closing_edge_tls, closing_edge_wss, stranger_tls, strict, chain,
    both_challenge, stale_nonce, wrong_password, registrar_restart, registrar_restart_tcp, removal, unregister_on_stop,
    restart]


def main(binaries, captures):
    shutil.rmtree(captures, ignore_errors=True)
    Path(captures).mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        return run(CASES, Where(Path(binaries).resolve(), Path(captures), Path(scratch)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
