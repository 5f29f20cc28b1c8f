"""Faults that the system reports when sipregd sends: no way, not permitted, no room, nobody there."""

import time

from filters import Packets
from harness.daemon import account
from harness.network import Host, cable
from harness.process import Process, wait_until
from harness.scripted import TIMER_F, ScriptedRegistrar
from registry import fault
from trial import wait_for_state

# How long a destination may go unnoticed once it is back, in seconds.
RECOVERY = 35


@fault(8, "ENETUNREACH, EHOSTUNREACH, EACCES, EPERM, EINVAL on send", seconds=60,
       by="routes taken away, unreachable, prohibit, blackhole; nftables drops what leaves")
def no_way_out(trial):
    """Each account loses its own way for 12 s, notices at once, and is back without a lapse."""
    faults = {
        "unreachable": ("ip route add unreachable {}", "ip route del unreachable {}"),
        "prohibited": ("ip route add prohibit {}", "ip route del prohibit {}"),
        "blackhole": ("ip route add blackhole {}", "ip route del blackhole {}"),
        "filtered": ("nft add rule inet t out ip daddr {} drop", "nft flush chain inet t out"),
        "no-route": ("ip rule add to {} unreachable", "ip rule del to {}"),
    }
    hosts = {user: f"10.8.0.{number}" for number, user in enumerate(faults, 1)}
    client = trial.use(Host(trial.folder, "client"))
    cable(None, client, "near", "10.7.0.1/24", "far", "10.7.0.2/24")
    client.do("nft add table inet t; nft add chain inet t out '{ type filter hook output priority 0; }'")
    client.do("ip route add default via 10.7.0.1")
    for host in hosts.values():
        trial.shell(f"ip addr add {host}/32 dev lo")
    registrars = {user: trial.registrar(place=(host, 5060)) for user, host in hosts.items()}
    daemon = trial.daemon(under=client.inside)
    daemon.configure([account(user, registrars[user]) for user in faults])
    daemon.start()
    daemon.wait_registered(len(faults))
    for user, (begin, _) in faults.items():
        client.do(begin.format(hosts[user]))
        daemon.ask("refresh", user)
    noticed = {user: wait_for_state(daemon, user, "waiting", 12) for user in faults}
    for user in faults:
        why = daemon.account(user).get("reason")
        trial.expect_that(f"{user}: says why", bool(why), why)
    time.sleep(12)
    for user, (_, end) in faults.items():
        client.do(end.format(hosts[user]))
    healed = time.monotonic()
    took = {}
    for user in faults:
        wait_for_state(daemon, user, "registered", RECOVERY)
        took[user] = time.monotonic() - healed
        trial.expect(f"{user}: lapses", registrars[user].lapses, 0)
    trial.expect_no_complaints(*registrars.values())
    return {"noticed within": f"{sum(noticed.values()):.1f} s", "back within": f"{max(took.values()):.1f} s",
            "lapses": 0}


@fault(8, "ENOBUFS, EMSGSIZE, EPERM from sendmmsg", by="strace attached: sendmmsg fails until it lets go", seconds=30)
def errors_of_sendmmsg(trial):
    """What nothing else produces: the call itself fails, and the account goes on."""
    users = {}
    for error in ("ENOBUFS", "EMSGSIZE", "EPERM", "ENOMEM", "EAGAIN"):
        registrar = trial.registrar()
        users[error] = trial.started([account("alice", registrar)]), registrar
    for daemon, _ in users.values():
        daemon.wait_registered(1)
    tracers = [failing_sends(trial, daemon, error) for error, (daemon, _) in users.items()]
    for error, (daemon, registrar) in users.items():
        daemon.ask("refresh", "alice")
        # A socket that takes no more is no failure: the message waits.
        wait_for_state(daemon, "alice", "refreshing" if error == "EAGAIN" else "waiting", RECOVERY)
        trial.expect(f"{error}: REGISTERs that left", len(registrar.transactions()), 2)
    for tracer in tracers:
        tracer.stop()
    began = time.monotonic()
    measured = {}
    for error, (daemon, registrar) in users.items():
        wait_until(lambda registrar=registrar: len(registrar.transactions()) == 3, RECOVERY, f"{error}: a REGISTER")
        measured[error] = max(registrar.transactions()[2].at - began, 0)
        daemon.wait_registered(1)
        trial.expect(f"{error}: lapses", registrar.lapses, 0)
        trial.expect_no_complaints(registrar)
    return {error: f"{seconds:.1f} s" for error, seconds in measured.items()}


def failing_sends(trial, daemon, error):
    """strace, once it holds every thread."""
    tracer = Process(
        ["strace", "-f", "-p", daemon.pid, "-e", "trace=sendmmsg", "-e", "signal=none",
         "-e", f"inject=sendmmsg:error={error}"], trial.folder / f"strace-{error}.log")
    wait_until(lambda: " attached" in tracer.tail(), 10, "strace")
    return tracer


@fault(8, "ECONNREFUSED over TCP", by="no one listens at the first of two proxies", seconds=5)
def connection_refused(trial):
    """The next proxy is tried within the attempt, at once."""
    registrar = trial.registrar(transport="tcp")
    with ScriptedRegistrar(transport="tcp") as server:
        closed = server.uri
    began = time.monotonic()
    daemon = trial.started(
        [account("alice", registrar, outbound_proxy="pair")],
        proxies={"pair": {"routes": [[closed], [registrar.uri]]}})
    daemon.wait_registered(1)
    took = time.monotonic() - began
    trial.expect_that("registered at once, seconds since the start", took < 10, f"{took:.1f}")
    trial.expect("failures", daemon.account("alice")["failures"], 0)
    trial.expect_no_complaints(registrar)
    return {"registered by the other proxy after the start by": f"{took:.1f} s",
            "REGISTERs": len(registrar.transactions())}


@fault(8, "ICMP unreachable", by="nftables rejects what comes to the first of two proxies", seconds=10)
def icmp_unreachable(trial):
    """The next proxy is tried within the attempt, long before Timer F."""
    registrar = trial.registrar()
    measured = {}
    kinds = {"port": "port-unreachable", "host": "host-unreachable", "admin": "admin-prohibited"}
    routes = {}
    for number, (user, kind) in enumerate(kinds.items()):
        Packets(f"udp dport {7001 + number}", f"reject with icmpx {kind}")
        routes[user] = {"routes": [[f"sip:127.0.0.1:{7001 + number}"], [registrar.uri]]}
    daemon = trial.started([account(user, registrar, outbound_proxy=user) for user in kinds], proxies=routes)
    began = time.monotonic()
    for user in kinds:
        wait_for_state(daemon, user, "registered", TIMER_F + 5)
        measured[user] = time.monotonic() - began
        trial.expect_that(f"{user}: in time", measured[user] <= 8, f"{measured[user]:.1f} s")
        trial.expect(f"{user}: failures", daemon.account(user)["failures"], 0)
    trial.expect_no_complaints(registrar)
    return {user: f"{seconds:.1f} s" for user, seconds in measured.items()}
