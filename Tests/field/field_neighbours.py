"""Accounts of which a registrar treats some otherwise: the others do not suffer for it (RFC 3263 §4.3, §21.5.4)."""

import time

from digests import credentials
from quarter import Closing, Resetting
from rows import staged
from saying import ok, response, say, silence, then

# For the accounts of these rows, which ask for 20 s.
WATCHED = 45
SOON = 12


def neighbours(stage, treat, is_bad_first, bad=5, good=5, proxies=None, place=None, transport="udp"):
    """`bad` accounts that are treated so, and good ones. Which of the good ones were late, and which lapsed."""
    def answer(request, number):
        return (treat if request.user.startswith("bad") else ok())(request, number)

    registrar = stage.registrar(answer, transport=transport)
    users = [f"bad{number}" for number in range(bad)] + [f"good{number}" for number in range(good)]
    if not is_bad_first:
        users.reverse()
    accounts = [stage.account(user, registrar, **(place(user, registrar) if place else {})) for user in users]
    # sipregd takes accounts in the order of their names.
    for number, account in enumerate(accounts):
        account["name"] = f"{number:03}-{account['name']}"
    daemon = stage.daemon(accounts, proxies(registrar) if proxies else None)
    wanted = [account["name"] for account in accounts if "good" in account["name"]]
    began = time.monotonic()
    late = lapses = None
    while time.monotonic() < began + WATCHED:
        states = daemon.states()
        unbound = [name for name in wanted if states[name] not in ("registered", "refreshing")]
        if not unbound and late is None:
            late, lapses = time.monotonic() - began > SOON, set()
        if lapses is not None:
            lapses.update(unbound)
        time.sleep(0.7)
    if late is None:
        return f"{len(unbound)} good ones never registered"
    return f"good ones {'late' if late else 'in time'}, {len(lapses)} lapsed"


def delayed(seconds, answer):
    return lambda request, number: [(seconds, data) for data in answer(request, number)]


FINE = "good ones in time, 0 lapsed"
TREATMENTS = {
    "silent": silence, "503": say(503), "503-later": say(503, "Retry-After: 1800"), "480": say(480), "500": say(500),
    "403": say(403), "408": say(408), "unreadable": ok("-CSeq"), "slow": delayed(14, ok()),
    "wrong-password": say(401, 'WWW-Authenticate: Digest realm="field", nonce="f", qop="auth"')}
for _name, _treat in TREATMENTS.items():
    for _order, _first in (("first", True), ("last", False)):
        staged(f"neighbours-{_name}-{_order}", "§21.5.4, RFC 3263 §4.3", FINE)(
            lambda stage, treat=_treat, first=_first: neighbours(stage, treat, first))
for _name in ("silent", "503", "503-later"):
    staged(f"neighbours-bound-then-{_name}", "§21.5.4, RFC 3263 §4.3", FINE)(
        lambda stage, treat=then(ok(), TREATMENTS[_name]): neighbours(stage, treat, True))
for _name, _treat in (("closed", lambda request, number: [Closing(say(403)(request, number)[0])]),
                      ("reset", lambda request, number: [Resetting()]), ("silent", silence)):
    staged(f"neighbours-over-tcp-{_name}", "§18.1.1", FINE)(
        lambda stage, treat=_treat: neighbours(stage, treat, False, transport="tcp"))
staged("neighbour-with-a-plain-503-first", "§21.5.4",
       FINE)(lambda stage: neighbours(stage, say(503), True, bad=1, good=9))
staged("neighbour-with-a-later-503-first", "§21.5.4", FINE)(
    lambda stage: neighbours(stage, say(503, "Retry-After: 1800"), True, bad=1, good=90))
staged("neighbours-20-silent-of-200", "practice",
       FINE)(lambda stage: neighbours(stage, silence, True, bad=20, good=180))


def behind_a_proxy(stage, treat):
    """One proxy, two domains: the accounts of one get this."""
    return neighbours(
        stage, treat, True, proxies=lambda edge: {"edge": {"routes": [[f"{stage.uri(edge)};lr"]]}},
        place=lambda user, edge: {
            "aor": f"sip:{user}@{user[:3]}.field.test", "registrar": f"sip:{user[:3]}.field.test",
            "outbound_proxy": "edge"})


staged("proxy-with-a-silent-domain", "RFC 4320 §4.2", FINE)(lambda stage: behind_a_proxy(stage, silence))
staged("proxy-with-a-408-domain", "RFC 3263 §4.3", FINE)(lambda stage: behind_a_proxy(stage, say(408)))
staged("proxy-with-a-503-domain", "§21.5.4", FINE)(lambda stage: behind_a_proxy(stage, say(503, "Retry-After: 600")))


@staged("crowd-loses-connections", "§18.1.1", "all registered")
def crowd_loses_connections(stage):
    """Twenty accounts; the connection ends with every seventh answer."""
    def answer(request, number):
        [data] = ok()(request, number) if credentials(request) else [
            response(request, 401, ('WWW-Authenticate: Digest realm="field", nonce="f", qop="auth"',))]
        answer.count += 1
        return [Closing(data) if answer.count % 7 == 0 else data]

    answer.count = 0
    registrar = stage.registrar(answer, transport="tcp")
    daemon = stage.daemon([
        stage.account(f"u{number}", registrar, expires=300)
        for number in range(20)])
    time.sleep(SOON)
    unbound = [name for name, state in daemon.states().items() if state != "registered"]
    return f"{len(unbound)} not registered" if unbound else "all registered"


@staged("connection-goes-mute", "§17.1.2.2, §18.1.1",
        "six answered over another connection within 40 s, 12 REGISTERs asked")
def connection_goes_mute(stage):
    """The peer reads on and answers no more, as behind a balancer that forgot it; over another connection it does."""
    mute, asked, back = set(), [], {}

    def answer(request, number):
        if number > 1 and not asked:
            mute.add(request.source)
        if request.source in mute:
            asked.append(request)
            return []
        if asked:
            back.setdefault(request.user, time.monotonic())
        return ok()(request, number)

    registrar = stage.registrar(answer, transport="tcp")
    daemon = stage.daemon([stage.account(f"u{number}", registrar, expires=300) for number in range(6)])
    daemon.wait_registered(6)
    began = time.monotonic()
    daemon.tell("refresh", "--all")
    while len(back) < 6 and time.monotonic() < began + 70:
        time.sleep(0.2)
    took = max(back.values(), default=began) - began
    words = "within 40 s" if took < 40 else f"after {took:.0f} s"
    count = "six" if len(back) == 6 else len(back)
    return f"{count} answered over another connection {words}, {len(asked) + len(back)} REGISTERs asked"


@staged("registrar-refuses-and-comes-back", "behaviour", "registered within 35 s, once a try")
def refused_then_back(stage):
    """Nobody listens at first."""
    registrar = stage.registrar(lambda request, number: ok()(request, number), transport="tcp")
    registrar.leave()
    time.sleep(0.3)
    daemon = stage.daemon([stage.account("alice", registrar)])
    time.sleep(15)
    registrar.come_back()
    began = time.monotonic()
    while daemon.account("alice")["state"] != "registered" and time.monotonic() < began + 40:
        time.sleep(0.5)
    took = time.monotonic() - began
    count = len(registrar.transactions())
    times = "once a try" if count == 1 else f"{count} REGISTERs"
    return f"registered {'within 35 s' if took < 35 else 'late'}, {times}"
