#!/usr/bin/env python3
"""A registrar in a process of its own, that fails in the way it is told and notes every binding it grants.

Usage: registrar.py TRANSPORT HOST. Commands on standard input, an object for each on standard output: `fault KIND`,
`return`, `bound`, `end`. The first object has its URI.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.scripted import ScriptedRegistrar

# What a registrar in trouble says, in seconds: no longer than sipregd waits anyhow.
RETRY_AFTER = 5


class FailingRegistrar(ScriptedRegistrar):
    """Honest until a fault begins. It remembers nonces and bindings over it."""

    def __init__(self, **server):
        super().__init__(self._unavailable, **server)
        # The user and the time of each binding it granted, renewals among them.
        self.granted = []
        # REGISTERs that came while a fault lasted, copies and those without an answer among them.
        self.in_vain = 0
        self._fault = None

    def begin(self, fault):
        """`stopped` is not for it to produce: who sends the signal does."""
        self._fault = fault
        if fault in ("unreachable", "refused"):
            self.leave()
        elif fault == "reset":
            self.reset()

    def end(self):
        if self._fault in ("unreachable", "refused"):
            self.come_back()
        self._fault = None

    def responses(self, request):
        self.in_vain += self._fault is not None
        # As if it had never come: its next copy, after the return, is the first.
        return [] if self._fault == "silence" else super().responses(request)

    def accept(self, request):
        self.granted.append((request.user, request.at))
        return super().accept(request)

    def _unavailable(self, request):
        if self._fault not in ("503", "503-later"):
            return None
        return [request.reply(503, "Overload",
                              *([f"Retry-After: {RETRY_AFTER}"] if self._fault == "503-later" else []))]

    def _admit(self, channel):
        if self._fault == "reset":
            self._prepare_reset(channel)
            channel.close()
        else:
            super()._admit(channel)


def main(transport, host):
    with FailingRegistrar(transport=transport, place=(host, 0)) as registrar:
        say(uri=registrar.uri)
        for line in sys.stdin:
            command, *words = line.split()
            if command == "fault":
                registrar.begin(*words)
            elif command == "return":
                registrar.end()
            elif command == "end":
                say(granted=registrar.granted, in_vain=registrar.in_vain, complaints=registrar.complaints()[:5])
                return
            say(at=time.monotonic(), bound=len(registrar.bindings))


def say(**words):
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
