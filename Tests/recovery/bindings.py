"""What became of bindings in an outage, from what the registrar noted."""

import itertools
import math
from dataclasses import dataclass

# What every account asks for and is granted, in seconds.
EXPIRES = 60
# A binding with so much left at the return is renewed before it ends, in seconds.
TIME_TO_COME_BACK = 5


@dataclass(frozen=True)
class Recovery:
    """`back`: seconds from the return until all are bound, infinite when one never was."""

    back: float
    # Accounts that were without a binding for a while.
    lapses: int
    # Of these, whose binding would have outlived the outage by the time that it takes to come back.
    needless: int
    accounts: int


def recovery(granted, began, returned, over):
    """`granted`: user and time of each binding. The outage was from `began` to `returned`; nobody looks after
    `over`."""
    times = {}
    for user, at in sorted(granted, key=lambda entry: entry[1]):
        times.setdefault(user, []).append(at)
    back, lapses, needless = 0, 0, 0
    for renewals in times.values():
        end_at_outage = max(at for at in renewals if at <= began) + EXPIRES
        gaps = [(early + EXPIRES, late) for early, late in itertools.pairwise([*renewals, math.inf])
                if late > early + EXPIRES and began < early + EXPIRES < over]
        if gaps:
            back = max(back, gaps[-1][1] - returned)
            lapses += 1
            needless += end_at_outage > returned + TIME_TO_COME_BACK
    return Recovery(back, lapses, needless, len(times))
