"""What a domain publishes of its SIP servers (RFC 3263), at a real name server: found, changed, missing, too much."""

import time
from collections import Counter
from pathlib import Path

from harness.daemon import account
from harness.process import wait_until
from harness.unbound import Unbound
from registry import fault
from trial import wait_for_state

# The hosts that servers have, with their addresses.
HOSTS = {f"s{number}": f"127.0.0.{10 + number}" for number in range(1, 5)}


def hosts(seconds=60):
    return [f"{name}.test. {seconds} A {address}" for name, address in HOSTS.items()]


def service(domain, priority, weight, host, seconds=60, transport="udp"):
    """An SRV record."""
    return f"_sip._{transport}.{domain}.test. {seconds} SRV {priority} {weight} 5060 {host}.test."


def at(domain, user, registrar, **changes):
    """An account of a domain."""
    return account(user, registrar, registrar=f"sip:{domain}.test", **changes)


def servers(trial, *names, **settings):
    """A registrar on each of these hosts."""
    return [trial.registrar(place=(HOSTS[name], 5060), **settings) for name in names]


def replace(trial, path, text):
    """A file of the host, for this trial: it has mounts of its own."""
    other = trial.folder / Path(path).name
    other.write_text(text)
    other.chmod(0o644)
    trial.shell(f"mount --bind {other} {path}")


def renew(daemon, user):
    daemon.tell("refresh", user)


def steps(daemon, user):
    """What `explain` says of the last lookup."""
    lookups = daemon.ask("show", user)[1][0]["lookups"]
    return lookups[0]["steps"] if lookups else []


@fault(11, "SRV records change", by="unbound, in whose zone targets come, go, and are all gone for a while", seconds=60)
def services_change(trial):
    """What took the registration is stayed with as long as it is among the answers; then the account moves."""
    first, second = servers(trial, "s1", "s2")
    equal = [*hosts(0), service("pbx", 10, 10, "s1", 0), service("pbx", 10, 10, "s2", 0)]
    unbound = trial.use(Unbound(trial.folder / "unbound", [*hosts(0), service("pbx", 10, 10, "s1", 0)]))
    daemon = trial.started([at("pbx", "alice", first)], dns_servers=[unbound.place])
    daemon.wait_registered(1)

    def registers(registrar, seconds=20):
        known = len(registrar.transactions("alice"))
        renew(daemon, "alice")
        wait_until(lambda: len(registrar.transactions("alice")) > known, seconds, f"a REGISTER at {registrar.endpoint}")

    unbound.say(equal)
    # As long as an answer with TTL 0 is kept.
    time.sleep(5.5)
    for _ in range(4):
        registers(first)
        time.sleep(1)
    trial.expect("at the other one, of the same weight", len(second.transactions("alice")), 0)
    unbound.say([*hosts(0), service("pbx", 10, 10, "s2", 0)])
    time.sleep(5.5)
    registers(second)
    wait_for_state(daemon, "alice", "registered", 5)
    trial.expect("now at", daemon.do("show", "alice")["target_address"], "udp:127.0.0.12:5060")
    unbound.say([])
    time.sleep(5.5)
    renew(daemon, "alice")
    wait_for_state(daemon, "alice", "waiting", 10)
    why = daemon.account("alice")["reason"]
    trial.expect_that("without the name it says so", "no such name" in (why or ""), why)
    trial.expect("and is bound all the same", daemon.account("alice")["bound"], True)
    unbound.say(equal)
    back = wait_for_state(daemon, "alice", "registered", 40)
    trial.expect("lapses", first.lapses + second.lapses, 0)
    trial.expect_no_complaints(second)
    return {"back after NXDOMAIN within": f"{back:.0f} s", "lapses": 0}


@fault(12, "What a domain may publish", by="unbound with NAPTR, SRV or A only, truncation and 10,000 records",
       seconds=40)
def forms_of_domains(trial):
    """Each is found, in the order that the records say, and explained."""
    registrars = servers(trial, "s1", "s2", "s3", "s4")
    streams = trial.registrar(place=(HOSTS["s1"], 5060), transport="tcp")
    many = 40
    zone = [
        *hosts(86_400),
        'naptr.test. 60 NAPTR 10 10 "s" "SIP+D2U" "" edge.test.', "edge.test. 60 SRV 1 1 5060 s2.test.",
        'pointer.test. 60 NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.pointer.test.',
        service("pointer", 1, 1, "s1", transport="tcp"), service("pointer", 1, 1, "s2"),
        service("srv", 10, 0, "s3"), service("srv", 5, 0, "s4"),
        f"address.test. 60 A {HOSTS['s3']}",
        *(service("long", number, 0, "s2") for number in range(1, many)),
        *(service("longer", number // 100, number % 100, "s3") for number in range(100, 2_000)),
        *(service("longest", number // 100, number % 100, "s3") for number in range(100, 10_100)),
        service("weights", 10, 60, "s1"), service("weights", 10, 40, "s2"), service("weights", 20, 0, "s3"),
        service("day", 1, 1, "s4", 86_400),
        "_sip._udp.none.test. 60 SRV 0 0 0 .", f"none.test. 60 A {HOSTS['s1']}",
    ]
    unbound = trial.use(Unbound(trial.folder / "unbound", zone))
    replace(trial, "/etc/hosts", f"127.0.0.1 localhost\n{HOSTS['s4']} srv.example\n")
    home = {"naptr": "s2", "pointer": None, "srv": "s4", "address": "s3", "long": "s2", "longer": "s3",
            "day": "s4"}
    crowd = [f"w{number}" for number in range(400)]
    accounts = [at(domain, domain, registrars[0]) for domain in [*home, "longest", "none"]]
    accounts += [at("weights", user, registrars[0]) for user in crowd]
    accounts += [account("hosts", registrars[0], registrar="sip:srv.example")]
    daemon = trial.started(accounts, dns_servers=[unbound.place])
    for user in [*home, "hosts"]:
        wait_for_state(daemon, user, "registered", 15)
    for user, host in {**home, "hosts": "s4"}.items():
        places = [name for name, registrar in zip(HOSTS, registrars, strict=True) if registrar.binding(user)]
        trial.expect(f"{user}: bound at", places, [host] if host else [])
    trial.expect_that("pointer: over TCP", bool(streams.binding("pointer")), streams.binding("pointer"))
    for user, wanted in (("srv", "5 0 5060 s4.test"), ("naptr", "NAPTR naptr.test: 10 10"), ("hosts", "hosts file"),
                         ("long", f"and {many - 1 - 16} more"), ("day", "(TTL 3600 s)")):
        said = steps(daemon, user)
        trial.expect_that(f"{user}: explained", any(wanted in line for line in said), said)
    wait_for_state(daemon, "none", "waiting", 10)
    why = daemon.account("none")["reason"]
    trial.expect_that("none: says why", "no such service" in (why or ""), why)
    wait_until(lambda: daemon.account("longest")["state"] in ("registered", "waiting"), 30, "an end of 10,000 records")
    # More than fit into a message: what such a name server says is its own affair.
    why = daemon.account("longest")["reason"]
    trial.expect_that("10,000 records: bound, or it says why", daemon.account("longest")["bound"] or bool(why), why)
    wait_until(lambda: all(daemon.account(user)["bound"] for user in crowd[-5:]), 20, "all of the crowd")
    drawn = Counter(
        name for user in crowd for name, registrar in zip(HOSTS, registrars, strict=True) if registrar.binding(user))
    trial.expect("of lower priority", drawn["s3"], 0)
    # 60 of 100, four standard deviations of 400 draws around it.
    trial.expect_that("60 of 100 at the first", 0.5 < drawn["s1"] / len(crowd) < 0.7, dict(drawn))
    trial.expect_no_complaints(*registrars, streams)
    return {"domains": len(home) + 2, "of 400 by weights 60 and 40": f"{drawn['s1']} and {drawn['s2']}",
            "10,000 records": daemon.account("longest")["state"]}


@fault(10, "DNS silent: SRV records of old stay", by="unbound that is stopped, TTL 0; an account that needs no DNS",
       seconds=60)
def silent_about_services(trial):
    """Refreshes go on with the last good answers; who needs no DNS is not delayed, who needs it hears why."""
    first, second = servers(trial, "s1", "s2")
    zone = [*hosts(0), service("pbx", 10, 0, "s1", 0), service("pbx", 20, 0, "s2", 0)]
    unbound = trial.use(Unbound(trial.folder / "unbound", zone))
    old = trial.started([at("pbx", "old", first)], dns_servers=[unbound.place])
    old.wait_registered(1)
    unbound.fall_silent()
    time.sleep(5.5)
    took = []
    for _ in range(2):
        known = len(first.transactions("old"))
        renew(old, "old")
        began = time.monotonic()
        wait_until(lambda known=known: len(first.transactions("old")) > known, 15, "a refresh without DNS")
        took.append(time.monotonic() - began)
        time.sleep(1)
    new = trial.started([account("address", first), at("pbx", "new", first)], dns_servers=[unbound.place])
    address = wait_for_state(new, "address", "registered", 3)
    wait_for_state(new, "new", "waiting", 35)
    why = new.account("new")["reason"]
    trial.expect_that("new: says why", "no name server answered" in (why or ""), why)
    unbound.go_on()
    back = wait_for_state(new, "new", "registered", 60)
    trial.expect("lapses", first.lapses + second.lapses, 0)
    trial.expect_no_complaints(first, second)
    return {"refresh without DNS after": f"{max(took):.1f} s", "without need of DNS": f"{address:.1f} s",
            "back": f"{back:.0f} s"}


@fault(9, "resolv.conf changes", by="a name server that is not there, then another line in the file", seconds=40)
def resolv_conf_changes(trial):
    """The next lookup asks the new one."""
    [registrar] = servers(trial, "s1")
    unbound = trial.use(Unbound(trial.folder / "unbound", [*hosts(), service("pbx", 1, 1, "s1")]))
    replace(trial, "/etc/resolv.conf", "nameserver 127.0.0.99\n")
    daemon = trial.started([at("pbx", "alice", registrar)])
    wait_for_state(daemon, "alice", "waiting", 30)
    (trial.folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    renew(daemon, "alice")
    took = wait_for_state(daemon, "alice", "registered", 40)
    trial.expect("the way to it", unbound.place, "127.0.0.1:53")
    return {"registered after": f"{took:.0f} s"}


@fault(2, "One of a domain's servers is silent", by="two SRV records, the first of them of a host without a server",
       seconds=60)
def first_server_is_silent(trial):
    """It is left for the next within one attempt; the next account does not wait for it."""
    silent = trial.registrar(lambda request: [], place=(HOSTS["s1"], 5060))
    [good] = servers(trial, "s2")
    zone = [*hosts(), service("pbx", 10, 0, "s1"), service("pbx", 20, 0, "s2")]
    unbound = trial.use(Unbound(trial.folder / "unbound", zone))
    daemon = trial.started([at("pbx", "alice", good)], dns_servers=[unbound.place])
    took = wait_for_state(daemon, "alice", "registered", 45)
    trial.expect("attempts that failed", daemon.account("alice")["failures"], 0)
    daemon.configure([at("pbx", "alice", good), at("pbx", "bob", good)], dns_servers=[unbound.place])
    daemon.tell("reload")
    other = wait_for_state(daemon, "bob", "registered", 5)
    trial.expect("of bob at the silent one", len(silent.transactions("bob")), 0)
    trial.expect_no_complaints(good)
    return {"registered after": f"{took:.0f} s", "the next account after": f"{other:.1f} s"}
