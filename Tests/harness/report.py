"""What was expected and what was seen, and how a test program ends."""

import time
import traceback

from harness.process import exit_on_sigterm


class Case:
    """One scenario: its expectations as they are met or not."""

    def __init__(self, name):
        self.name = name
        self.failures = 0

    def expect(self, what, seen, expected):
        """Compares, and goes on: the rest of the scenario has something to tell too."""
        if seen == expected:
            print(f"  ok      {what}: {seen}", flush=True)
        else:
            self.failures += 1
            print(f"  FAILED  {what}: expected {expected}, seen {seen}", flush=True)
        return seen == expected


def run(cases, *arguments):
    """Runs functions that take a `Case` and the arguments; what documents them is their name. The exit status."""
    exit_on_sigterm()
    began = time.monotonic()
    failed = []
    for function in cases:
        case = Case(function.__doc__.splitlines()[0].rstrip("."))
        print(case.name, flush=True)
        try:
            function(case, *arguments)
        except Exception:  # pylint: disable=broad-except
            case.failures += 1
            print("  FAILED  " + traceback.format_exc().replace("\n", "\n          "), flush=True)
        if case.failures:
            failed.append(case.name)
    print(f"{len(cases) - len(failed)} passed, {len(failed)} failed, in {time.monotonic() - began:.0f} s")
    for name in failed:
        print(f"  FAILED  {name}")
    return 1 if failed or not cases else 0
