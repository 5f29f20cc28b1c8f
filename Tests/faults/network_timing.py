"""Faults of when and how often: answers lost, late, twice, out of order, and a proxy that dies in between."""

import random
import time

from filters import Packets
from harness.daemon import account, accounts_at
from harness.process import wait_until
from harness.relay import Relay
from harness.scripted import TIMER_F
from registry import fault
from trial import wait_for_state


@fault(2, "proxy killed between 401 and 200", by="a relay that ends with the second REGISTER; another one", seconds=45)
def proxy_dies_midway(trial):
    """The other proxy takes over within the attempt; the identity stays, and one binding comes of it."""
    registrar = trial.registrar()
    first = trial.use(Relay(registrar.endpoint, lambda data, is_request: [] if b"nonce=" in data and is_request
                            else [0]))
    second = trial.use(Relay(registrar.endpoint, lambda data, is_request: [0]))
    daemon = trial.started(
        [account("alice", registrar, outbound_proxy="pair")],
        proxies={"pair": {"routes": [[first.uri], [second.uri]]}})
    began = time.monotonic()
    wait_until(lambda: registrar.transactions("alice"), 10, "the first REGISTER")
    wait_until(lambda: first.received > 2, 10, "the answer to the challenge")
    first.stop()
    wait_for_state(daemon, "alice", "registered", TIMER_F + 10)
    took = time.monotonic() - began
    trial.expect_no_complaints(registrar)
    trial.expect("failures", daemon.account("alice")["failures"], 0)
    trial.expect("it says by which way", daemon.account("alice").get("via"), second.uri + ";lr")
    sent = len(registrar.transactions("alice"))
    trial.expect_that("REGISTERs that arrived", sent in (2, 3), sent)
    return {"registered by the other proxy after": f"{took:.1f} s", "REGISTERs at the registrar": sent}


@fault(4, "replies lost one way", by="nftables drops all that the registrar says, for 40 s", seconds=80)
def replies_lost(trial):
    """Requests arrive, answers do not: the binding lives on, and the account recovers by itself."""
    registrar = trial.registrar()
    daemon = trial.started([account("alice", registrar, expires=120)])
    daemon.wait_registered(1)
    answers = Packets(f"udp sport {registrar.endpoint.port}", verdict="drop")
    daemon.do("refresh", "alice")
    before = len(registrar.requests)
    time.sleep(40)
    heard = len(registrar.requests) - before
    answers.let_through()
    healed = time.monotonic()
    wait_for_state(daemon, "alice", "registered", 40)
    took = time.monotonic() - healed
    trial.expect("lapses", registrar.lapses, 0)
    trial.expect_no_complaints(registrar)
    trial.expect_that("datagrams in 40 s", heard <= 24, heard)
    return {"registered after": f"{took:.1f} s", "datagrams in 40 s without an answer": heard, "lapses": 0}


@fault(5, "duplicated and reordered responses", by="a relay: copies, and up to 300 ms late", seconds=50)
def duplicates(trial):
    """Two cycles of 100 accounts through a relay that doubles and shuffles in both directions."""
    count = 100
    lab = trial.lab()
    chance = random.Random(5)
    relay = trial.use(Relay(lab.endpoint, lambda data, is_request: [
        chance.uniform(0, 0.3) for _ in range(chance.choice((1, 2, 3)))]))
    daemon = trial.started(accounts_at(relay, count, expires=30))
    daemon.wait_registered(count, 30)
    wait_until(lambda: lab.ask("stats")["refreshes"] >= 2 * count, 50, "two refreshes of all")
    stats = lab.ask("stats")
    for name in ("lapses", "cseq_violations", "call_id_changes", "refused", "malformed"):
        trial.expect(name, stats[name], 0)
    trial.expect("bindings", stats["bindings"], count)
    return {"datagrams in": relay.received, "out": relay.sent, "refreshes": stats["refreshes"], "lapses": 0}


@fault(5, "100 after 200, 401 twice, 401 after 200", by="a scripted registrar", seconds=5)
def answers_out_of_order(trial):
    """The first final response is the answer; whatever follows is nobody's."""
    def answer(request):
        honest = registrar.honest(request)[0]
        unknown = registrar.challenge(request)
        provisional = request.reply(100, "Trying")
        if not request.credentials:
            return [honest, honest, (0.2, honest), (0.3, provisional)]
        return [honest, provisional, honest, unknown, (0.3, unknown), (0.4, honest)]

    registrar = trial.registrar(answer)
    daemon = trial.started([account("alice", registrar)])
    daemon.wait_registered(1)
    for _ in range(3):
        known = len(registrar.transactions())
        daemon.do("refresh", "alice")
        wait_until(lambda known=known: len(registrar.transactions()) > known, 10, "a refresh")
        time.sleep(0.6)
        trial.expect("REGISTERs of a refresh", len(registrar.transactions()) - known, 1)
        trial.expect("state", daemon.account("alice")["state"], "registered")
    trial.expect("copies of ours", len(registrar.requests) - len(registrar.transactions()), 0)
    trial.expect_no_complaints(registrar)
    return {"REGISTERs of 3 refreshes": 3, "copies": 0}


@fault(6, "200 after Timer F", by="a scripted registrar that takes 34 s, once", seconds=70)
def late_200(trial):
    """It comes to nobody, whatever is under way by then; there is one binding, and it is ours."""
    def answer(request):
        responses = registrar.honest(request)
        return [(TIMER_F + 2, responses[0])] if len(registrar.transactions()) == 2 else responses

    registrar = trial.registrar(answer)
    daemon = trial.started([account("alice", registrar, expires=300)])
    took = wait_for_state(daemon, "alice", "registered", TIMER_F + 40)
    # Past the late 200, whichever came first.
    time.sleep(4)
    trial.expect("state", daemon.account("alice")["state"], "registered")
    trial.expect("REGISTERs", len(registrar.transactions()), 3)
    trial.expect("CSeq", daemon.do("show", "alice")["cseq"], registrar.transactions()[-1].cseq)
    trial.expect_no_complaints(registrar)
    return {"registered after": f"{took:.0f} s", "REGISTERs": 3, "datagrams": len(registrar.requests)}


@fault(7, "registrar that takes 5 to 20 s", by="a scripted registrar", seconds=50)
def slow_registrar(trial):
    """Slow is not dead: nobody gives up, nobody asks twice at once."""
    seconds = {"five": 5, "ten": 10, "twenty": 20}
    registrar = trial.registrar(lambda request: [
        (seconds[request.user], registrar.honest(request)[0])])
    daemon = trial.started([account(user, registrar, expires=120) for user in seconds])
    took = {user: wait_for_state(daemon, user, "registered", 50) for user in seconds}
    copies = {}
    for user in seconds:
        known = registrar.transactions(user)
        copies[user] = sum(request.user == user for request in registrar.requests) / len(known)
        trial.expect(f"{user}: REGISTERs", len(known), 2)
        trial.expect_that(f"{user}: datagrams of each", copies[user] <= 8, copies[user])
        trial.expect(f"{user}: failures", daemon.account(user)["failures"], 0)
    trial.expect_no_complaints(registrar)
    return {"registered within": f"{sum(took.values()):.0f} s", "datagrams of a REGISTER, at 20 s": copies["twenty"]}
