"""The words of verdicts: clauses with "; " between them, each a pattern with a function that tells what is wrong.

Of an account: "bound", "bound for 30 s", "not bound", "paused", "next in 15–30 s", "2 REGISTERs", "at most 3
REGISTERs", "says TEXT" and "does not say TEXT" (what sipregctl explains, in either case), "sent TEXT" and "never sent
TEXT" (in the last REGISTER, or in any), "asked at 127.41" (where the last one went), "apart by at least 5 s", "no
lapse". Of a request: "200", "404", "silence", "answered" (finally, whatever it is), "with TEXT", "at the port of Via",
"at the source port", "logged TEXT". Of files: "taken", "refused", "says TEXT".
"""

import re
from types import SimpleNamespace as Seen  # noqa: F401  (what there is to judge)

from harness.request import pauses


class Unknown(Exception):
    """A verdict that nobody understands: an error of the table."""


class Clauses:
    """Patterns in the order in which they were given."""

    def __init__(self):
        self._known = []

    def clause(self, pattern):
        """Marks a function of what was seen and of the pattern's groups. It returns None, or what was seen instead."""
        def mark(function):
            self._known.append((re.compile(pattern), function))
            return function
        return mark

    def parse(self, verdict):
        """Functions of what was seen. Raises `Unknown`."""
        return [self._parse(text) for text in verdict.split("; ")]

    def _parse(self, text):
        for pattern, function in self._known:
            found = pattern.fullmatch(text)
            if found:
                return lambda seen: function(seen, *found.groups())
        raise Unknown(f"no verdict: {text!r}")


def problems(checks, seen):
    """What was seen that should not have been, in words."""
    return list(dict.fromkeys(problem for problem in (check(seen) for check in checks) if problem))


# --- Accounts: `seen` has `account`, `details`, `explained`, `requests`, `last_answer` (times of the wall clock)

ACCOUNTS = Clauses()


def is_bound(seen):
    return seen.account["state"] in ("registered", "refreshing")


def standing(seen):
    """In short."""
    reason = seen.account.get("reason")
    return f"{seen.account['state']}{f' ({reason})' if reason else ''}, {len(seen.requests)} REGISTERs"


@ACCOUNTS.clause("bound")
def bound(seen):
    return None if is_bound(seen) and not seen.account["failures"] else standing(seen)


@ACCOUNTS.clause(r"bound for (\d+) s")
def bound_for(seen, seconds):
    granted = seen.details.get("granted_expiry_seconds")
    return bound(seen) or (None if granted == int(seconds) else f"bound for {granted} s")


@ACCOUNTS.clause("not bound")
def not_bound(seen):
    return standing(seen) if is_bound(seen) else None


@ACCOUNTS.clause("paused")
def paused(seen):
    return None if seen.account["state"] == "paused" else standing(seen)


@ACCOUNTS.clause("not paused")
def not_paused(seen):
    return standing(seen) if seen.account["state"] == "paused" else None


@ACCOUNTS.clause(r"next in (\d+)–(\d+) s")
def next_in(seen, least, most):
    if seen.account.get("next_action_at") is None:
        return f"{standing(seen)}, nothing next"
    wait = seen.account["next_action_at"] - seen.requests[-1].wall
    # The answer took its time, and so did the daemon.
    return None if int(least) - 0.5 <= wait <= int(most) + 1.5 else f"{standing(seen)}, next in {wait:.1f} s"


@ACCOUNTS.clause(r"(at most |at least )?(\d+) REGISTERs?")
def registers(seen, bounded, number):
    count, number = len(seen.requests), int(number)
    holds = {"at most ": count <= number, "at least ": count >= number, None: count == number}[bounded]
    return None if holds else standing(seen)


@ACCOUNTS.clause(r"says (.+)")
def says(seen, text):
    return None if text.lower() in seen.explained.lower() else f"says: {' '.join(seen.explained.split())[:300]}"


@ACCOUNTS.clause(r"does not say (.+)")
def does_not_say(seen, text):
    return f"says: {' '.join(seen.explained.split())[:300]}" if text.lower() in seen.explained.lower() else None


@ACCOUNTS.clause(r"sent (.+)")
def sent(seen, text):
    data = seen.requests[-1].data
    return None if text.encode() in data else f"sent {data[:700]}"


@ACCOUNTS.clause(r"never sent (.+)")
def never_sent(seen, text):
    found = [request.data for request in seen.requests if text.encode() in request.data]
    return f"sent {found[0][:700]}" if found else None


@ACCOUNTS.clause(r"asked at (\S+)")
def asked_at(seen, host):
    last = seen.requests[-1].local[0]
    return None if last.startswith(host) else f"asked at {last}, {standing(seen)}"


@ACCOUNTS.clause(r"apart by at least (\d+) s")
def apart(seen, seconds):
    gaps = pauses(seen.requests)
    return None if all(gap >= int(seconds) - 0.1 for gap in gaps) else f"apart by {[round(gap, 1) for gap in gaps]}"


# --- Requests: `seen` has `answers` (bytes, and whether they came to the port of Via or to the source port), `place` of
# the sender, whose parts a text may name in braces, and `log`

REQUESTS = Clauses()


def finals(seen):
    return [(data, port) for data, port in seen.answers if data[8:9] >= b"2"]


def in_short(seen):
    return ", ".join(f"{data.splitlines()[0].decode(errors='replace')} at {port}" for data,
                     port in seen.answers) or "silence"


@REQUESTS.clause(r"(\d{3})")
def status(seen, code):
    return None if [data[8:11] for data, _ in finals(seen)] == [code.encode()] else in_short(seen)


@REQUESTS.clause("answered")
def is_answered(seen):
    return None if len(finals(seen)) == 1 else in_short(seen)


@REQUESTS.clause("silence")
def is_silent(seen):
    return in_short(seen) if seen.answers else None


@REQUESTS.clause(r"at the (port of Via|source port)")
def at_the_port(seen, port):
    return None if seen.answers and all(at == port for _, at in seen.answers) else in_short(seen)


@REQUESTS.clause(r"with (.+)")
def with_text(seen, text):
    wanted = text.format_map(seen.place).encode()
    return None if any(wanted in data for data, _ in seen.answers) else f"{[data[:400] for data, _ in seen.answers]}"


@REQUESTS.clause(r"logged (.+)")
def logged(seen, text):
    return None if text.lower() in seen.log.lower() else f"logged {seen.log[-300:]!r}"


# --- Files: `seen` has `status` and `words`

FILES = Clauses()


@FILES.clause("taken")
def taken(seen):
    return seen.words if seen.status else None


@FILES.clause("refused")
def refused(seen):
    return None if seen.status in (1, 2, 78) else f"status {seen.status}: {seen.words}"


@FILES.clause(r"says (.+)")
def says_of_files(seen, text):
    return None if text.lower() in seen.words.lower() else seen.words
