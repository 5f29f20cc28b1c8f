"""Which faults there are: the functions in the modules of this folder that are marked as one."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A function that produces a fault. `number` is that of the table of faults; None: a measurement beside it."""

    number: int | None
    name: str
    # How it is produced, in a few words.
    by: str
    # How long it takes, about, in seconds. The longest begin first; three times that and a minute is too long.
    seconds: int
    # Whether nothing else may run meanwhile: it loads the processors, or measures them.
    alone: bool
    function: Callable

    @property
    def key(self):
        return self.function.__name__

    @property
    def limit(self):
        return 3 * self.seconds + 60


FAULTS = []


def fault(number, name, by, *, seconds=20, alone=False):
    """Marks a function that takes a `Trial` and returns what it measured: a dictionary, or a text.

    A fault may have several functions: one for each way to produce it.
    """
    def mark(function):
        FAULTS.append(Fault(number, name, by, seconds, alone, function))
        return function
    return mark


def measurement(name, by, *, seconds=20, alone=False):
    """Marks a function that measures what no fault of the table asks for."""
    return fault(None, name, by, seconds=seconds, alone=alone)
