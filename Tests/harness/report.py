"""What was expected and what was seen, and how a test program ends."""

import io
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from harness.process import exit_on_sigterm


class Case:
    """One scenario: its expectations as they are met or not. `output`: a file that takes them; None: the terminal."""

    def __init__(self, name, output=None):
        self.name = name
        self.failures = 0
        self.output = output

    def expect(self, what, seen, expected):
        """Compares, and goes on: the rest of the scenario has something to tell too."""
        if seen == expected:
            self.say(f"  ok      {what}: {seen}")
        else:
            self.failures += 1
            self.say(f"  FAILED  {what}: expected {expected}, seen {seen}")
        return seen == expected

    def say(self, text):
        print(text, file=self.output, flush=True)


def run(cases, *arguments, at_once=1):
    """Runs functions that take a `Case` and the arguments; what documents them is their name. The exit status.

    `at_once`: how many beside each other. What several say comes when each has ended.
    """
    exit_on_sigterm()
    began = time.monotonic()
    failed = []
    for case in _played(cases, arguments, at_once):
        if case.output is not None:
            print(case.output.getvalue(), end="", flush=True)
        if case.failures:
            failed.append(case.name)
    print(f"{len(cases) - len(failed)} passed, {len(failed)} failed, in {time.monotonic() - began:.0f} s")
    for name in failed:
        print(f"  FAILED  {name}")
    return 1 if failed or not cases else 0


def _played(cases, arguments, at_once):
    """Each case when it is over, in the order in which they stand."""
    if at_once == 1:
        yield from (_play(function, arguments, None) for function in cases)
        return
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(lambda function: _play(function, arguments, io.StringIO()), cases)


def _play(function, arguments, output):
    case = Case(function.__doc__.splitlines()[0].rstrip("."), output)
    case.say(case.name)
    try:
        function(case, *arguments)
    except Exception:  # pylint: disable=broad-except
        case.failures += 1
        case.say("  FAILED  " + traceback.format_exc().replace("\n", "\n          "))
    return case
