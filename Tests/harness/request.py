"""A SIP request as a scripted peer reads it, and the responses it may give."""

import itertools
import re
import time
from functools import cached_property

from harness.digest import parameters

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}


class Request:
    """Of sipregd, so of good form: whatever is missing raises."""

    def __init__(self, data, source):
        self.data = data
        self.source = source
        # Seconds of the monotonic clock, and of the wall clock, as sipregctl tells times.
        self.at, self.wall = time.monotonic(), time.time()
        head = data.decode("utf-8", "replace").partition("\r\n\r\n")[0].split("\r\n")
        self.method, self.uri, _ = head[0].split(" ", 2)
        self._fields = [(name.strip().lower(), value.strip()) for name, _, value in (
            line.partition(":") for line in head[1:])]

    def values(self, name):
        return [value for field, value in self._fields if COMPACT.get(field, field) == name.lower()]

    def value(self, name):
        """None when there is none."""
        return next(iter(self.values(name)), None)

    @cached_property
    def branch(self):
        return re.search(r"branch=([^;,\s]+)", self.value("Via"))[1]

    @cached_property
    def cseq(self):
        return int(self.value("CSeq").split()[0])

    @cached_property
    def call_id(self):
        return self.value("Call-ID")

    @cached_property
    def user(self):
        return re.search(r"sips?:([^@>]+)@", self.value("To"))[1]

    @cached_property
    def contacts(self):
        """URI and expires (None: not said) of each Contact."""
        found = re.findall(r"<([^>]*)>([^,]*)", ",".join(self.values("Contact")))
        return [(uri, _expires(parameters)) for uri, parameters in found]

    @property
    def contact(self):
        """The URI of the Contact that is registered, not of one that is removed beside it."""
        return next((uri for uri, expires in self.contacts if expires != 0), self.contacts[0][0])

    @cached_property
    def expires(self):
        """What is asked for, in seconds."""
        said = next((expires for _, expires in self.contacts if expires), None)
        return int(self.value("Expires") or 3600) if said is None else said

    @cached_property
    def credentials(self):
        """The parameters of Authorization and of Proxy-Authorization, as they stand between their quotes."""
        return [parameters(value) for value in self.values("Authorization") + self.values("Proxy-Authorization")]

    def reply(self, status, reason, *fields, body=b""):
        """The bytes of a response with these further header fields."""
        via = self.values("Via")
        host, port = self.source[:2]
        via[0] = via[0].replace(";rport", f";rport={port};received={host}", 1)
        lines = [f"SIP/2.0 {status} {reason}", *(f"Via: {value}" for value in via)]
        lines += [f"From: {self.value('From')}", f"To: {self.value('To')}" + (";tag=peer" if status > 100 else "")]
        lines += [f"Call-ID: {self.call_id}", f"CSeq: {self.value('CSeq')}", *fields, f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def pauses(requests):
    """Seconds from each of them to the next one."""
    return [later.at - earlier.at for earlier, later in itertools.pairwise(requests)]


def _expires(parameters):
    found = re.search(r";\s*expires=(\d+)", parameters, re.I)
    return int(found[1]) if found else None
