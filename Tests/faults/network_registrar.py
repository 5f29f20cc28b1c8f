"""Faults of the registrar as a whole: it goes, and comes back without its memory."""

import statistics
import time

from filters import Packets
from harness.daemon import Daemon, accounts_at
from harness.kamailio import DOMAIN, Registrar
from harness.process import run, wait_until
from registry import fault

# After an outage of 100 s, in seconds.
MEDIAN, WORST = 15, 35
# REGISTERs to one destination in a second (`registrations_per_second`).
RATE = 300


@fault(1, "registrar down for 100 s, and back without memory", seconds=200,
       by="Kamailio, killed and started again; 20 daemons, expires 60")
def registrar_restarts(trial):
    """Twenty runs at once: the registrar has everybody back soon after its return."""
    registrar = trial.use(Registrar(trial.folder))
    users = [f"user{number}" for number in range(20)]
    for user in users:
        daemon = trial.use(Daemon(trial.binaries, trial.folder / user))
        daemon.configure([{
            "name": user, "aor": f"sip:{user}@{DOMAIN}", "registrar": registrar.uri, "password": f"secret-{user}",
            "expires": 60}])
        daemon.launch()
        # So that every run is at a point of its own of the refresh cycle.
        time.sleep(2.5)
    wait_until(lambda: all(registrar.binding(user) for user in users), 30, "20 bindings")
    before = {user: registrar.binding(user) for user in users}
    registrar.stop()
    time.sleep(100)
    registrar.start()
    back = time.monotonic()
    took = {}
    while len(took) < len(users) and time.monotonic() - back < WORST + 30:
        for user in users:
            if user not in took and registrar.binding(user):
                took[user] = time.monotonic() - back
        time.sleep(0.2)
    trial.expect("runs that recovered", len(took), len(users))
    for user in took:
        after = registrar.binding(user)
        trial.expect(f"{user}: Call-ID", after.call_id, before[user].call_id)
        trial.expect_that(f"{user}: CSeq rises", after.cseq > before[user].cseq, after.cseq)
    median, worst = statistics.median(took.values()), max(took.values())
    trial.expect_that(f"median at most {MEDIAN} s", median <= MEDIAN, f"{median:.1f} s")
    trial.expect_that(f"worst at most {WORST} s", worst <= WORST, f"{worst:.1f} s")
    return {"runs": len(took), "median": f"{median:.1f} s", "worst": f"{worst:.1f} s"}


@fault(28, "registrar reboot under 10,000 accounts", seconds=300,
       by="the lab: 180 s silent, then without bindings and nonces; expires 120")
def mass_recovery(trial):
    """Before its binding ends each tries by itself, at the rate allowed; then hardly anything is sent; when it is back
    all come back, at that rate."""
    count = 10_000
    lab = trial.lab()
    daemon = trial.started(accounts_at(lab, count, expires=120), registrations_per_second=RATE)
    daemon.wait_registered(count, 90)
    # Datagrams that the system hands on as one would count as one.
    run(["ip", "link", "set", "dev", "lo", "gso_max_segs", "1"])
    sent = Packets(f"udp dport {lab.endpoint.port}")
    before = started(daemon)
    lab.ask("fault silence on")
    lab.ask("reboot")
    # All bindings are over by then, and those that tried by themselves until the last moment have given up.
    pace = 0
    for _ in range(30):
        time.sleep(5)
        pace, before = max(pace, (started(daemon) - before) / 5), started(daemon)
    early = sent.count
    time.sleep(30)
    late = sent.count - early
    lab.ask("fault silence off")
    back = time.monotonic()
    rates = []
    took = {}
    before = lab.ask("stats")
    while 1.0 not in took and time.monotonic() - back < 180:
        time.sleep(1)
        after = lab.ask("stats")
        rates.append(after["requests"] - after["retransmissions"] - before["requests"] + before["retransmissions"])
        before = after
        for share in (0.5, 0.99, 1.0):
            if after["bindings"] >= share * count:
                took.setdefault(share, time.monotonic() - back)
    trial.expect("all are back", 1.0 in took, True)
    trial.expect_that("REGISTERs in a second of the outage", pace <= 1.1 * RATE, f"{pace:.0f}")
    trial.expect_that("datagrams in the last 30 s of the outage", late <= 60, late)
    # Each needs two requests: the nonce is gone, too.
    trial.expect_that("requests in a second", max(rates) <= 2.2 * RATE, max(rates))
    stats = lab.ask("stats")
    for name in ("call_id_changes", "cseq_violations", "malformed", "lapses"):
        trial.expect(name, stats[name], 0)
    return {"datagrams in 180 s without an answer": early + late, "of these in the last 30 s": late,
            "back, half": f"{took.get(0.5, -1):.0f} s", "99 %": f"{took.get(0.99, -1):.0f} s",
            "all": f"{took.get(1.0, -1):.0f} s", "requests a second, at most": max(rates)}


def started(daemon):
    """REGISTERs, each with its copies, so far."""
    return daemon.status()["traffic"]["transactions_started"]


@fault(3, "30 % loss both ways, 1,000 accounts, expires 300", seconds=320,
       by="nftables, numgen random, for 5 min in a namespace")
def loss(trial):
    """No binding lapses."""
    count, seconds = 1000, 300
    lab = trial.lab()
    port = lab.endpoint.port
    # Datagrams that the system hands on as one would be lost as one.
    run(["ip", "link", "set", "dev", "lo", "gso_max_segs", "1"])
    lost = Packets(f"udp dport {port} numgen random mod 100 < 30", verdict="drop")
    lost_answers = Packets(f"udp sport {port} numgen random mod 100 < 30", verdict="drop")
    sent = Packets(f"udp dport {port}")
    daemon = trial.started(accounts_at(lab, count, expires=300))
    began = time.monotonic()
    daemon.wait_registered(count, 120)
    ramp = time.monotonic() - began
    time.sleep(max(0, seconds - ramp))
    stats = lab.ask("stats")
    for name in ("lapses", "call_id_changes", "cseq_violations", "refused", "malformed"):
        trial.expect(name, stats[name], 0)
    trial.expect("bindings", stats["bindings"], count)
    share = lost.count / sent.count
    trial.expect_that("share of requests that was lost", 0.25 < share < 0.35, f"{share:.0%}")
    trial.expect_that("answers lost", lost_answers.count > 500, lost_answers.count)
    trial.expect_that("refreshes", stats["refreshes"] >= count, stats["refreshes"])
    return {"lapses": stats["lapses"], "refreshes": stats["refreshes"], "requests lost": f"{share:.0%}",
            "all registered after": f"{ramp:.0f} s", "least lead of a refresh": f"{stats['refresh_lead_min']:.0f} s"}


@fault(30, "every nonce stale at once", "the lab forgets its nonces under 200 accounts", seconds=5)
def every_nonce_stale(trial):
    """A challenge with stale=true is answered at once and is no failure."""
    count = 200
    lab = trial.lab()
    daemon = trial.started(accounts_at(lab, count, expires=60))
    daemon.wait_registered(count)
    before = lab.ask("stats")
    lab.ask("stale")
    began = time.monotonic()
    daemon.do("refresh", "--all")
    wait_until(lambda: lab.ask("stats")["refreshes"] - before["refreshes"] >= count, 30, "all refreshed")
    took = time.monotonic() - began
    after = lab.ask("stats")
    sent = after["requests"] - before["requests"]
    trial.expect("stale challenges", after["stale_challenges"] - before["stale_challenges"], count)
    trial.expect("requests", sent, 2 * count)
    trial.expect("lapses", after["lapses"], 0)
    trial.expect("registered", daemon.status()["counts"]["registered"], count)
    return {"all refreshed after": f"{took:.1f} s", "REGISTERs": sent, "lapses": after["lapses"]}
