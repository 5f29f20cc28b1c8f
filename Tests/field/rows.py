"""The table of the field: what registrars, proxies, callers and files are like, and what must come of it.

A row is one line in one of the modules `field_*.py`: a name, which is also the user part of its account; where it comes
from (a section of an RFC, or "practice" where only the field asks for it); what is sent; the verdict, in the words of
`verdicts.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

# When most rows are judged, in seconds after the start: longer than a few round trips and the first copies.
SOON = 9


@dataclass(frozen=True)
class Answered:
    """An account, and how its registrar answers. `answer(request, number)`: as `ScriptedRegistrar.answer`, with the
    number of the account's transaction (1: the first) beside it."""

    name: str
    source: str
    answer: Callable
    verdict: str
    # Keys of the account's table.
    account: dict = field(default_factory=dict)
    transport: str = "udp"
    # The host of the registrar's URI, where it is a name; the records that the name server has for it.
    zone: Callable | None = None
    after: float = SOON


@dataclass(frozen=True)
class Asked:
    """A request to the daemon. `message(place)`: its bytes, from a sender at this place."""

    name: str
    source: str
    message: Callable
    verdict: str


@dataclass(frozen=True)
class Filed:
    """Files that `sipregd --check` is given, by name: the first is the configuration."""

    name: str
    source: str
    files: dict
    verdict: str


@dataclass(frozen=True)
class Staged:
    """What wants a daemon of its own. `play(stage)` returns what was seen, which must be the verdict."""

    name: str
    source: str
    play: Callable
    verdict: str


ROWS = []


def add(row):
    if any(row.name == other.name for other in ROWS):
        raise ValueError(f"two rows are called {row.name}")
    ROWS.append(row)


def answered(name, source, answer, verdict, after=SOON, transport="udp", zone=None, **account):
    add(Answered(name, source, answer, verdict, account, transport, zone, after))


def asked(name, source, message, verdict):
    add(Asked(name, source, message, verdict))


def filed(name, source, files, verdict):
    add(Filed(name, source, files, verdict))


def staged(name, source, verdict):
    """Marks a function as a row."""
    def mark(play):
        add(Staged(name, source, play, verdict))
        return play
    return mark
