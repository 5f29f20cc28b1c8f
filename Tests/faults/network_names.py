"""Faults of the DNS: a name server of the test's own that is dead, wrong, or of another mind."""

import time

from harness.daemon import account
from harness.names import NXDOMAIN, SERVFAIL, NameServer, alias, failure, records, truncated
from harness.network import free_endpoint
from harness.process import wait_until
from registry import fault
from trial import wait_for_state

# A failure of the DNS is remembered for 30 s, and the back-off comes on top.
RECOVERY = 70


def named(user, name, registrar, **changes):
    """An account whose registrar has a name."""
    return account(user, registrar, registrar=f"sip:{name}:{registrar.endpoint.port}", **changes)


@fault(9, "DNS dead at start", by="a name server that is silent, and one that is not there", seconds=80)
def dead_at_start(trial):
    """The daemon starts, says why it waits, and registers when the DNS comes."""
    registrar = trial.registrar()
    is_dead = True
    zone = {"pbx.test": lambda kind: None if is_dead else records(kind, ["127.0.0.1"])}
    silent = trial.use(NameServer(zone))
    absent = free_endpoint("127.0.0.1")
    daemons = {}
    for user, place in (("silent", silent.place), ("absent", str(absent))):
        daemons[user] = trial.started([named(user, "pbx.test", registrar)], dns_servers=[place])
    for user, daemon in daemons.items():
        wait_for_state(daemon, user, "waiting", 15)
        why = daemon.account(user).get("reason")
        trial.expect_that(f"{user}: says why", bool(why), why)
        trial.expect(f"{user}: ready all the same", daemon.status()["ready"], True)
    is_dead = False
    trial.use(NameServer(zone, absent.host, absent.port))
    began = time.monotonic()
    took = {}
    for user, daemon in daemons.items():
        wait_for_state(daemon, user, "registered", RECOVERY)
        took[user] = time.monotonic() - began
    trial.expect_no_complaints(registrar)
    return {f"{user}, registered after": f"{seconds:.0f} s" for user, seconds in took.items()}


@fault(10, "DNS dead later, TTL over", by="a name server that falls silent, one that ends, one with SERVFAIL",
       seconds=60)
def dead_later(trial):
    """The last good answer stays in use; no refresh is missed."""
    registrar = trial.registrar()
    is_dead = False
    answers = {
        "silent": lambda kind: None if is_dead else records(kind, ["127.0.0.1"], 1),
        "ended": lambda kind: records(kind, ["127.0.0.1"], 1),
        "servfail": lambda kind: failure(SERVFAIL) if is_dead else records(kind, ["127.0.0.1"], 1)}
    servers = {user: trial.use(NameServer({"pbx.test": answer})) for user, answer in answers.items()}
    daemons = {
        user: trial.started([named(user, "pbx.test", registrar, expires=30)], dns_servers=[server.place])
        for user, server in servers.items()}
    for daemon in daemons.values():
        daemon.wait_registered(1)
    known = {user: len(registrar.transactions(user)) for user in answers}
    is_dead = True
    servers["ended"].stop()
    for user in answers:
        wait_until(
            lambda user=user: len(registrar.transactions(user)) >= known[user] + 2, 60, f"two refreshes of {user}")
    for user, daemon in daemons.items():
        trial.expect(f"{user}: state", daemon.account(user)["state"], "registered")
    asked = len(servers["silent"].questions) + len(servers["servfail"].questions)
    trial.expect("lapses", registrar.lapses, 0)
    trial.expect_no_complaints(registrar)
    return {"refreshes of each without DNS": 2, "lapses": 0, "questions in vain": asked}


@fault(11, "DNS records change (A)", by="a name server with another address, TTL 5 s", seconds=30)
def records_change(trial):
    """The next refresh goes to the new address, under the same identity."""
    old = trial.registrar()
    new = trial.registrar(place=("127.0.0.2", old.endpoint.port))
    addresses = ["127.0.0.1"]
    server = trial.use(NameServer({"pbx.test": lambda kind: records(kind, addresses, 5)}))
    daemon = trial.started([named("alice", "pbx.test", old, expires=20)], dns_servers=[server.place])
    daemon.wait_registered(1)
    addresses[0] = "127.0.0.2"
    changed = time.monotonic()
    wait_until(lambda: new.binding("alice"), 20, "a binding at the new address")
    took = time.monotonic() - changed
    trial.expect("at the old one within that time", old.lapses, 0)
    trial.expect_that("old binding still alive, when the new one was made", bool(old.binding("alice")),
                      old.binding("alice"))
    before, after = old.transactions("alice")[-1], new.transactions("alice")[0]
    trial.expect("Call-ID", after.call_id, before.call_id)
    trial.expect_that("CSeq rises", after.cseq > before.cseq, f"{before.cseq}, {after.cseq}")
    later = len(old.transactions("alice"))
    wait_until(lambda: len(new.transactions("alice")) >= 3, 20, "a refresh there")
    trial.expect("REGISTERs at the old one after that", len(old.transactions("alice")) - later, 0)
    trial.expect_no_complaints(old, new)
    return {"bound at the new address after": f"{took:.0f} s", "lapses": 0}


@fault(12, "NXDOMAIN, SERVFAIL, truncation, loops", by="a name server with a bad answer for each account", seconds=80)
def bad_answers(trial):
    """Who has an address registers; who has none waits and says why; and all are back when the zone is right."""
    registrar = trial.registrar()
    good = lambda kind: records(kind, ["127.0.0.1"], 5)  # noqa: E731
    bad = {
        "nxdomain": lambda kind: failure(NXDOMAIN), "servfail": lambda kind: failure(SERVFAIL),
        "loop": lambda kind: alias("loop.test"), "chain": lambda kind: alias("nowhere.test"),
        "empty": lambda kind: records(kind, []),
        "endless": lambda kind: (0, False, alias("endless.test")[2] * 40)}
    fine = {"good": good, "truncated": lambda kind: truncated(records(kind, ["127.0.0.1"])),
            "many": lambda kind: truncated(records(kind, ["127.0.0.1"] * 2000))}
    server = trial.use(NameServer({f"{user}.test": answer for user, answer in {**bad, **fine}.items()}))
    daemon = trial.started(
        [named(user, f"{user}.test", registrar) for user in [*bad, *fine]], dns_servers=[server.place])
    for user in fine:
        wait_for_state(daemon, user, "registered", 15)
    for user in bad:
        wait_for_state(daemon, user, "waiting", 20)
        why = daemon.account(user).get("reason")
        trial.expect_that(f"{user}: says why", bool(why), why)
        trial.expect(f"{user}: REGISTERs", len(registrar.transactions(user)), 0)
    asked = {user: sum(name == f"{user}.test" for name, _ in server.questions) for user in bad}
    trial.expect_that("questions about a bad name", max(asked.values()) <= 12, max(asked.values()))
    for user in bad:
        server.zone[f"{user}.test"] = good
    began = time.monotonic()
    for user in bad:
        wait_for_state(daemon, user, "registered", RECOVERY)
    trial.expect_no_complaints(registrar)
    return {"back within": f"{time.monotonic() - began:.0f} s", "questions about a bad name": max(asked.values())}
