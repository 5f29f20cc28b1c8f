"""What operators are told."""

import json
import time

from digests import credentials
from harness.request import pauses
from rows import staged
from saying import ok, response, say


@staged("bound-while-refreshes-fail", "behaviour",
        "status 0, 3 of 3 bound, 3 refreshes failing, still bound in the log")
def bound_while_refreshes_fail(stage):
    """Bound for two minutes, and no refresh succeeds."""
    registrar = stage.registrar(lambda request, number: (ok() if number == 1 else say(480))(request, number))
    daemon = stage.daemon([stage.account(f"u{number}", registrar, expires=120) for number in range(3)])
    daemon.wait_registered(3)
    time.sleep(1.5)
    daemon.tell("refresh", "--all")
    time.sleep(2)
    status, words = daemon.tell("status")
    log = daemon.log.read_text()
    return ", ".join((
        f"status {status}", "3 of 3 bound" if "3 of 3 bound" in words else words[:200],
        "3 refreshes failing" if "3 refreshes failing" in words else words[:200],
        "still bound in the log" if "still bound" in log else log[-300:]))


@staged("pauses-are-counted-apart", "behaviour", "status 0 with an account paused by its operator")
def pauses_are_counted_apart(stage):
    registrar = stage.registrar(lambda request, number: ok()(request, number))
    daemon = stage.daemon([stage.account(user, registrar) for user in ("alice", "bob")])
    daemon.wait_registered(2)
    daemon.tell("pause", "bob")
    time.sleep(1.5)
    return f"status {daemon.tell('status')[0]} with an account paused by its operator"


@staged("refresh-tells-what-it-does", "behaviour",
        "REGISTER sent, the paused one is named, --pattern with --all is refused")
def refresh_tells_what_it_does(stage):
    registrar = stage.registrar(lambda request, number: ok()(request, number))
    daemon = stage.daemon([stage.account(user, registrar) for user in ("alice", "bob")])
    daemon.wait_registered(2)
    daemon.tell("pause", "bob")
    time.sleep(1.5)
    words = daemon.tell("refresh", "alice", "bob")[1]
    both = daemon.tell("refresh", "--all", "--pattern", "a*")
    return ", ".join((
        "REGISTER sent" if "REGISTER" in words and "sent" in words else words[:200],
        "the paused one is named" if "bob" in words and "paused" in words.lower() else words[:200],
        "--pattern with --all is refused" if both[0] not in (0, 1) else f"--pattern with --all: {both}"))


@staged("explains-what-was-tried", "behaviour", "the user name, realm, algorithm, expiry and ten refreshes are told")
def explains_what_was_tried(stage):
    def answer(request, number):
        if credentials(request) is None:
            return [response(request, 401, (
                'WWW-Authenticate: Digest realm="field-realm", nonce="f", algorithm=SHA-256, qop="auth"',))]
        return ok()(request, number)

    registrar = stage.registrar(answer)
    daemon = stage.daemon([stage.account("alice", registrar, username="desk-7", expires=20)])
    daemon.wait_registered(1)
    for _ in range(11):
        time.sleep(1.2)
        daemon.tell("refresh", "alice")
    time.sleep(1)
    _, words = daemon.tell("show", "alice")
    details = daemon.ask("show", "alice")[1][0]
    missing = [text for text in ("desk-7", "field-realm", "SHA-256") if text not in words]
    shown = len(json.dumps(details.get("exchanges", [])).split('"REGISTER"')) - 1
    return "the user name, realm, algorithm, expiry and ten refreshes are told" if not missing and shown >= 10 else (
        f"missing {missing}, {shown} refreshes\n{words}")


@staged("seen-behind-a-nat", "RFC 3581 §4", "not called reachable, the address that was seen is told")
def seen_behind_a_nat(stage):
    registrar = stage.registrar(lambda request, number: [
        response(request, 200, ("Via: SIP/2.0/UDP {sent_by};rport=40404;received=198.51.100.77{branch}",))])
    daemon = stage.daemon([stage.account("alice", registrar)])
    daemon.wait_registered(1)
    words = daemon.tell("explain", "alice")[1] + daemon.tell("show", "alice")[1]
    return ", ".join((
        "called reachable" if "and reachable" in words else "not called reachable",
        "the address that was seen is told" if "198.51.100.77" in words else words[:300]))


@staged("refreshes-hammered", "§10.2", "REGISTERs 5 s apart")
def refreshes_hammered(stage):
    """An operator's impatience does not undercut minimum_interval."""
    registrar = stage.registrar(lambda request, number: ok()(request, number))
    daemon = stage.daemon([stage.account("alice", registrar, minimum_interval=5, expires=60)])
    daemon.wait_registered(1)
    for _ in range(20):
        daemon.tell("refresh", "alice")
        time.sleep(0.3)
    gaps = pauses(registrar.transactions())
    return "REGISTERs 5 s apart" if gaps and min(gaps) > 4.8 else f"apart by {gaps}"
