"""Faults of TCP connections: reset, finished, half-open."""

import time

from filters import Packets
from harness.daemon import account
from harness.process import wait_until
from registry import fault
from trial import wait_for_state


def connected(trial, expires=30):
    """A registrar over TCP, and a daemon with a binding there."""
    registrar = trial.registrar(transport="tcp")
    daemon = trial.started([account("alice", registrar, expires=expires)])
    daemon.wait_registered(1)
    return registrar, daemon


def goes_on(trial, registrar, daemon, seconds):
    """The binding is refreshed before it ends; how long after now."""
    began = time.monotonic()
    known = len(registrar.transactions())
    wait_until(lambda: len(registrar.transactions()) > known, seconds, "a REGISTER over a new connection")
    took = time.monotonic() - began
    wait_for_state(daemon, "alice", "registered", 10)
    trial.expect("lapses", registrar.lapses, 0)
    trial.expect_no_complaints(registrar)
    return {"refreshed after": f"{took:.1f} s", "lapses": 0}


@fault(33, "TCP RST while idle", by="SO_LINGER 0 at the registrar", seconds=25)
def reset_while_idle(trial):
    """The next refresh makes a new connection."""
    registrar, daemon = connected(trial)
    registrar.reset()
    return goes_on(trial, registrar, daemon, 25)


@fault(33, "TCP FIN while idle", by="shutdown at the registrar", seconds=25)
def finished_while_idle(trial):
    """The next refresh makes a new connection."""
    registrar, daemon = connected(trial)
    registrar.finish()
    return goes_on(trial, registrar, daemon, 25)


@fault(33, "TCP RST in place of an answer", by="the registrar ends the connection on a REGISTER", seconds=15)
def reset_instead_of_answer(trial):
    """A request that its connection took along is no failure: the next one goes over another connection at once."""
    return ended_instead_of_answered(trial, lambda registrar: registrar.reset())


@fault(33, "TCP FIN in place of an answer", by="the registrar ends the connection on a REGISTER", seconds=15)
def finish_instead_of_answer(trial):
    """The same for a connection that ends in good order."""
    return ended_instead_of_answered(trial, lambda registrar: registrar.finish())


def ended_instead_of_answered(trial, end):
    def answer(request):
        # After the REGISTER without credentials and the one with them: the first refresh.
        if len(registrar.transactions()) != 3:
            return registrar.honest(request)
        end(registrar)
        return []

    registrar = trial.registrar(answer, transport="tcp")
    daemon = trial.started([account("alice", registrar, expires=60)])
    daemon.wait_registered(1)
    failed = daemon.status()["traffic"]["transactions_refused"]
    began = time.monotonic()
    daemon.ask("refresh", "alice")
    wait_until(lambda: len(registrar.transactions()) >= 4, 15, "a REGISTER over a new connection")
    took = time.monotonic() - began
    wait_for_state(daemon, "alice", "registered", 5)
    trial.expect("failed attempts", daemon.status()["traffic"]["transactions_refused"] - failed, 0)
    trial.expect("lapses", registrar.lapses, 0)
    trial.expect_no_complaints(registrar)
    return {"refreshed after": f"{took:.1f} s", "lapses": 0}


@fault(33, "half-open TCP connection: the peer forgot it", by="nftables drops all while the registrar resets",
       seconds=60)
def half_open(trial):
    """What is sent into it is answered by a RST once the way is back; a new connection is made."""
    registrar, daemon = connected(trial, expires=120)
    rules = drop_established(trial, registrar.endpoint.port)
    registrar.reset()
    daemon.ask("refresh", "alice")
    time.sleep(20)
    for rule in rules:
        rule.let_through()
    return goes_on(trial, registrar, daemon, 60)


@fault(33, "half-open TCP connection: what goes into it vanishes", by="nftables drops it for good", seconds=110)
def black_hole(trial):
    """The silence is noticed, and a new connection made before the binding ends."""
    registrar, daemon = connected(trial, expires=120)
    drop_established(trial, registrar.endpoint.port)
    daemon.ask("refresh", "alice")
    return goes_on(trial, registrar, daemon, 110)


def drop_established(trial, port):
    """Drops what belongs to the connections to this port that exist now. The rules."""
    rules = []
    for line in trial.shell(f"ss -tnH state established dport = :{port}").splitlines():
        mine = line.split()[2].rpartition(":")[2]
        rules += [Packets(f"tcp dport {port} tcp sport {mine}", "drop"),
                  Packets(f"tcp sport {port} tcp dport {mine}", "drop")]
    return rules
