"""A registrar that accepts whatever comes, and remembers every REGISTER there ever was."""

import re
import socket
import threading
import time
from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True)
class Register:
    """`at`: of time.monotonic()."""

    at: float
    aor: str
    call_id: str
    cseq: int
    branch: str
    expires: int
    contact: str


class Witness:
    """A context. Its `requests` are without the copies that were sent again."""

    def __init__(self, host="127.0.0.1"):
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.address = "{}:{}".format(*self._socket.getsockname())
        self.requests = []
        self._branches = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def account(self, user, **keys):
        """The keys of an account that registers here."""
        return {"name": user, "aor": f"sip:{user}@lab.invalid", "registrar": f"sip:{self.address}", **keys}

    def _serve(self):
        while True:
            data, peer = self._socket.recvfrom(65535)
            if not data:
                return
            text = data.decode(errors="replace")
            self._note(text)
            self._socket.sendto(self._accepting(text), peer)

    def _note(self, text):
        def field(pattern):
            return re.search(pattern, text, re.M | re.I).group(1)

        branch = field(r"^Via:.*;branch=([^;\s]+)")
        if branch in self._branches:
            return
        self._branches.add(branch)
        self.requests.append(Register(
            time.monotonic(), field(r"^To: <([^>]*)>"), field(r"^Call-ID: (\S+)"), int(field(r"^CSeq: (\d+)")), branch,
            int(field(r"^Expires: (\d+)")), field(r"^Contact: <([^>]*)>")))

    @staticmethod
    def _accepting(text):
        kept = [line for line in text.split("\r\n") if re.match(r"(Via|From|Call-ID|CSeq|Contact|Expires):", line)]
        to = re.search(r"^To: .*?$", text, re.M).group().strip()
        return "\r\n".join(["SIP/2.0 200 OK", *kept, f"{to};tag=w", "Content-Length: 0", "", ""]).encode()

    def complaints(self):
        """What no client may do over its whole life: another Call-ID, or a CSeq that does not rise (§10.2)."""
        found, last = [], defaultdict(dict)
        for request in self.requests:
            known = last[request.aor]
            if known and request.call_id not in known:
                found.append(f"{request.aor}: another Call-ID")
            if request.cseq <= known.get(request.call_id, 0):
                found.append(f"{request.aor}: CSeq {request.cseq} after {known[request.call_id]}")
            known[request.call_id] = request.cseq
        return found
