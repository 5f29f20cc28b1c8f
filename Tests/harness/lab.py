"""The registrar and the proxies that sipregd carries with it, as a process of their own."""

from pathlib import Path

from harness.network import Endpoint
from harness.process import Conversation


class Lab(Conversation):
    """A context. It counts bindings, lapses, Call-ID changes, CSeq violations, and how early refreshes come."""

    def __init__(self, program, folder, *arguments):
        super().__init__([program, "lab", "--port", "0", *arguments], Path(folder) / "lab.log", "the lab")

    @property
    def endpoint(self):
        """Of the registrar."""
        host, port = self.greeting["registrar"].split(":")
        return Endpoint(host, int(port))

    @property
    def uri(self):
        return f"sip:{self.endpoint}"
