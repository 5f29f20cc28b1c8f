"""Faults in what a registrar says: a scripted one answers every account with another of them."""

import time

from harness.daemon import account
from harness.process import wait_until
from harness.request import pauses
from harness.scripted import by_user
from registry import fault
from trial import wait_for_state

# --- Building blocks


def first(times, response):
    """This response so many times, then honesty."""
    return lambda request, number: [response(request)] if number <= times else None


def always(response):
    return lambda request, number: [response(request)]


def ok(*fields, body=b""):
    return lambda request: request.reply(200, "OK", *fields, body=body)


def no(status, *fields):
    return lambda request: request.reply(status, "No", *fields)


def seconds_until_next(daemon, user):
    """Until what the daemon does next about the account, as the daemon says."""
    return daemon.account(user)["next_action_at"] - time.time()


def gaps(registrar, user):
    """Seconds between the transactions of a user."""
    return pauses(registrar.transactions(user))


# --- The faults


@fault(35, "malformed, oversized or binary 200", by="a scripted registrar: 9 kinds, then honest", seconds=75)
def malformed_200(trial):
    """What cannot be read is no answer; what can is taken. Nobody crashes, and all get registered."""
    def contact(request):
        return f"Contact: <{request.contact}>;expires=60"

    answers = {
        "garbage": lambda request: bytes(range(256)) * 4,
        "binary-body": lambda request: request.reply(200, "OK", contact(request), body=bytes(range(256))),
        "no-end": lambda request: request.reply(200, "OK", contact(request))[:-2],
        "no-cseq": lambda request: request.reply(200, "OK", contact(request)).replace(b"CSeq:", b"X-CSeq:"),
        "huge-status": lambda request: request.reply(4294967496, "OK", contact(request)),
        "huge-field": lambda request: request.reply(200, "OK", contact(request), "X-Long: " + "x" * 60000),
        "many-contacts": lambda request: request.reply(
            200, "OK", *(f"Contact: <sip:{number}@192.0.2.1>" for number in range(1500)), contact(request)),
        "length-lies": lambda request: request.reply(200, "OK", contact(request)).replace(
            b"Content-Length: 0", b"Content-Length: 9999"),
        "nul": lambda request: request.reply(200, "O\0K", contact(request), "X-Nul: \0\0\0"),
    }
    # Each with a registrar of its own: one that cannot be understood is silent for all who use it.
    registrars = {name: trial.registrar(by_user({name: first(1, answer)})) for name, answer in answers.items()}
    daemon = trial.started([account(name, registrar, retry_base=4) for name, registrar in registrars.items()])
    began = time.monotonic()
    daemon.wait_registered(len(answers), 90)
    took = time.monotonic() - began
    trial.expect_no_complaints(*registrars.values())
    sent = max(len(registrar.transactions()) for registrar in registrars.values())
    trial.expect_that("transactions of an account", sent <= 4, sent)
    return {"all registered after": f"{took:.0f} s", "REGISTERs of an account, at most": sent}


@fault(36, "200 without our Contact", by="a scripted registrar, twice, then honest", seconds=25)
def foreign_200(trial):
    """Strictly that is no registration, whatever else is bound; otherwise one that is not ours is believed, two are
    not."""
    registrar = trial.registrar(by_user({
        "nobody": first(2, ok()),
        "stranger": first(2, ok("Contact: <sip:stranger@192.0.2.1>;expires=60")),
        "star": first(2, ok("Contact: *")),
        "strangers": first(2, ok("Contact: <sip:stranger@192.0.2.1>;expires=60, <sip:other@192.0.2.2>;expires=60")),
        "believed": always(ok("Contact: <sip:stranger@192.0.2.1>;expires=60")),
        "empty": always(ok("Expires: 60"))}))
    users = ["nobody", "stranger", "star", "strangers"]
    daemon = trial.started([
        *(account(user, registrar, retry_base=8, contact_match="strict") for user in users[:3]),
        account("strangers", registrar, retry_base=8),
        account("believed", registrar), account("empty", registrar)])
    for user in ("believed", "empty"):
        wait_for_state(daemon, user, "registered", 10)
        trial.expect(f"{user}: granted", daemon.do("show", user).get("granted_expiry_seconds"), 60)
    for user in users:
        wait_for_state(daemon, user, "waiting", 10)
        trial.expect(f"{user}: why", daemon.account(user)["last_status"], 200)
        trial.expect(f"{user}: bound", registrar.binding(user), None)
    began = time.monotonic()
    daemon.wait_registered(len(users) + 2, 60)
    trial.expect_no_complaints(registrar)
    least = min(min(gaps(registrar, user)[:2]) for user in users)
    trial.expect_that("seconds between tries", least >= 4, f"{least:.1f}")
    return {"tries apart, at least": f"{least:.1f} s", "registered after": f"{time.monotonic() - began:.0f} s"}


@fault(37, "expires 0, 1, missing, 2^40, another Contact's", by="a scripted registrar", seconds=20)
def odd_expires(trial):
    """Only what our own Contact is granted counts, within bounds."""
    def granting(text):
        return always(lambda request: request.reply(200, "OK", f"Contact: <{request.contact}>{text}"))

    registrar = trial.registrar(by_user({
        "nought": granting(";expires=0"), "one": granting(";expires=1"), "missing": granting(""),
        "huge": granting(f";expires={1 << 40}"), "huger": granting(";expires=" + "9" * 400),
        "longest": granting(f";expires={(1 << 32) - 1}"),
        "foreign": granting(";expires=300, <sip:other@192.0.2.1>;expires=7"),
        "header": always(lambda request: request.reply(200, "OK", f"Contact: <{request.contact}>", "Expires: 90"))}))
    users = ["nought", "one", "missing", "huge", "huger", "longest", "foreign", "header"]
    daemon = trial.started([account(user, registrar, expires=120) for user in users])
    wait_for_state(daemon, "header", "registered", 10)
    week = 7 * 86400
    for user, granted in (("missing", 120), ("huge", 120), ("huger", 120), ("longest", week), ("foreign", 300),
                          ("header", 90)):
        trial.expect(f"{user}: granted", daemon.do("show", user).get("granted_expiry_seconds"), granted)
        trial.expect(f"{user}: REGISTERs", len(registrar.transactions(user)), 1)
    trial.expect("nought: state", daemon.account("nought")["state"], "waiting")
    wait_until(lambda: len(registrar.transactions("one")) >= 3, 20, "three REGISTERs for an expiry of 1 s")
    least = min(gaps(registrar, "one"))
    trial.expect_that("one: seconds between REGISTERs", least >= 4.9, f"{least:.1f}")
    trial.expect_no_complaints(registrar)
    return {"2^40 taken as": "7 d", "1 s refreshed every": f"{least:.1f} s", "0": "not registered"}


@fault(38, "423 without Min-Expires, below what we asked, above our maximum", by="a scripted registrar", seconds=10)
def odd_423(trial):
    """Followed once and upwards, or not at all."""
    def honest_423(request, _):
        return [no(423, "Min-Expires: 120")(request)] if request.expires < 120 else None

    registrar = trial.registrar(by_user({
        "missing": always(no(423)), "below": always(no(423, "Min-Expires: 30")),
        "same": always(no(423, "Min-Expires: 60")), "above": always(no(423, "Min-Expires: 1000000")),
        "huge": always(no(423, "Min-Expires: " + "9" * 40)), "moving": always(
            lambda request: no(423, f"Min-Expires: {request.expires + 60}")(request)),
        "honest": honest_423}))
    users = {"missing": 1, "below": 1, "same": 1, "above": 1, "huge": 1, "moving": 2, "honest": 3}
    daemon = trial.started([account(user, registrar) for user in users])
    wait_for_state(daemon, "honest", "registered", 10)
    for user, count in users.items():
        if user != "honest":
            wait_for_state(daemon, user, "waiting", 10)
        trial.expect(f"{user}: REGISTERs", len(registrar.transactions(user)), count)
    trial.expect("honest: granted", daemon.do("show", "honest").get("granted_expiry_seconds"), 120)
    daemon.do("refresh", "honest")
    wait_until(lambda: len(registrar.transactions("honest")) == 4, 10, "a refresh")
    trial.expect("honest: asks for what it learned", registrar.transactions("honest")[-1].expires, 120)
    trial.expect_no_complaints(registrar)
    return {"REGISTERs of an attempt": "1 where it is of no use, 2 where it moves", "learned": "120 s, kept"}


@fault(39, "Retry-After 0, 7, 86400, 10^24", by="a scripted registrar: 503 and 480", seconds=20)
def odd_retry_after(trial):
    """Honoured between the floor of 5 s and the cap of 30 min."""
    values = {"nought": "0", "seven": "7", "day": "86400", "aeon": "1" + "0" * 24}
    # Each with a registrar of its own: a 503 speaks for all who use it.
    registrars = {
        f"{name}-{status}": trial.registrar(by_user({
            f"{name}-{status}": first(1, no(status, f"Retry-After: {value}"))}))
        for name, value in values.items() for status in (503, 480)}
    daemon = trial.started([account(user, registrar) for user, registrar in registrars.items()])
    for user in registrars:
        wait_until(lambda user=user: daemon.account(user)["state"] in ("waiting", "registered"), 10, user)
    for name in ("day", "aeon"):
        for status in (503, 480):
            wait = seconds_until_next(daemon, f"{name}-{status}")
            trial.expect_that(f"{name}-{status}: waits 30 min", 1700 < wait <= 1801, f"{wait:.0f} s")
    waited = {}
    for name, floor in (("nought", 5), ("seven", 7)):
        for status in (503, 480):
            user = f"{name}-{status}"
            wait_for_state(daemon, user, "registered", 20)
            waited[name] = gaps(registrars[user], user)[0]
            trial.expect_that(f"{user}: waits", floor - 0.1 <= waited[name] < floor + 5, f"{waited[name]:.1f} s")
    trial.expect_no_complaints(*registrars.values())
    return {"0": f"{waited['nought']:.1f} s", "7": f"{waited['seven']:.1f} s", "86400 and 10^24": "30 min"}


@fault(40, "loops of 3xx, 401 and 407, 439, 420", by="a scripted registrar that never says yes", seconds=12)
def loops(trial):
    """Every loop is left after a few requests."""
    def circle(request, _):
        return [no(302, f"Contact: <{other.uri if request in registrar.requests else registrar.uri}>")(request)]

    def spiral(request, number):
        return [no(302, f"Contact: <{registrar.uri};transport=udp;n={number}>")(request)]

    def alternating(request, number):
        return [registrar.challenge(request, status=(401, 407)[number % 2], realm=f"realm-{number}")]

    answers = {
        "circle": circle, "spiral": spiral, "alternating": alternating,
        "two-realms": lambda request, number: [registrar.challenge(request, status=(401, 407)[number % 2])],
        "stale": lambda request, _: [registrar.challenge(request, is_stale=True)],
        "no-outbound": always(no(439)), "extension": always(no(420, "Unsupported: path, outbound, gruu")),
        "extension-required": always(no(421, "Require: sec-agree"))}
    registrar = trial.registrar(by_user(answers))
    other = trial.registrar(by_user(answers))
    daemon = trial.started([account(user, registrar) for user in answers])
    counts = {}
    for user in answers:
        wait_until(lambda user=user: daemon.account(user)["state"] in ("waiting", "paused"), 10, f"{user}'s rest")
    time.sleep(3)
    for user in answers:
        counts[user] = len(registrar.transactions(user)) + len(other.transactions(user))
        trial.expect_that(f"{user}: REGISTERs", 1 <= counts[user] <= 7, counts[user])
        trial.expect_that(f"{user}: at rest", daemon.account(user)["state"] in ("waiting", "paused"),
                          daemon.account(user)["state"])
    trial.expect_no_complaints(registrar)
    return ", ".join(f"{user} {count}" for user, count in counts.items()) + " REGISTERs"


@fault(31, "wrong password, endless 401", by="a scripted registrar whose every answer is a new challenge", seconds=20)
def wrong_password(trial):
    """Wrong credentials are sent at most twice; those that once were right are doubted: tried soon, and then slowly."""
    is_changed = False

    def changed(request, _):
        return [registrar.challenge(request)] if is_changed else None

    registrar = trial.registrar(by_user({
        "ever": lambda request, _: [registrar.challenge(request)], "changed": changed}))
    daemon = trial.started([account(user, registrar) for user in ("ever", "changed")])
    wait_for_state(daemon, "changed", "registered", 10)
    wait_for_state(daemon, "ever", "paused", 10)
    is_changed = True
    known = len(registrar.transactions("changed"))
    daemon.do("refresh", "changed")
    wait_for_state(daemon, "changed", "waiting", 10)
    time.sleep(8)
    wrong = {
        "ever": [request for request in registrar.transactions("ever") if request.credentials],
        "changed": registrar.transactions("changed")[known:]}
    next_probe = {user: seconds_until_next(daemon, user) for user in wrong}
    for user, most in (("ever", 2), ("changed", 4)):
        count = len(wrong[user])
        trial.expect_that(f"{user}: requests with wrong credentials", 1 <= count <= most, count)
    trial.expect_that("ever: the next probe", 1500 < next_probe["ever"] <= 1801, f"in {next_probe['ever']:.0f} s")
    trial.expect_that("changed: the next try", next_probe["changed"] <= 300, f"in {next_probe['changed']:.0f} s")
    trial.expect_that("changed: still bound", daemon.account("changed")["bound"], daemon.account("changed")["state"])
    trial.expect_no_complaints(registrar)
    return {"wrong requests": ", ".join(f"{user} {len(requests)}" for user, requests in wrong.items()),
            "next probe": "30 min"}
