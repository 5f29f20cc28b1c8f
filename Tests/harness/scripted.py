"""A registrar that does as a test says: honest by itself, and with any answer in place of its own."""

import itertools
import time
from collections import Counter

from harness.digest import is_right
from harness.server import Server

REALM = "scripted.test"
TIMER_F = 32


class ScriptedRegistrar(Server):
    """`answer(request)`: the responses, each as bytes or as (seconds to wait, bytes); None: the honest ones.

    A request that comes again gets what it got before (RFC 3261 §17.2), but for what is still to come.
    """

    def __init__(self, answer=None, grants=None, **server):
        super().__init__(**server)
        self.answer = answer or (lambda request: None)
        # What is granted whatever is asked, in seconds; None: what is asked.
        self.grants = grants
        # All that came, copies among them.
        self.requests = []
        # By user: contact, end of the binding (monotonic), Call-ID.
        self.bindings = {}
        # Bindings that were renewed after their end.
        self.lapses = 0
        self._firsts = {}
        self._answers = {}
        self._nonces = set()
        self._numbers = itertools.count(1)

    def responses(self, request):
        self.requests.append(request)
        is_first = self._firsts.setdefault(request.branch, request) is request
        if is_first:
            responses = self.answer(request)
            if responses is None:
                responses = self.honest(request)
            self._answers[request.branch] = [
                response if isinstance(response, tuple) else (0, response) for response in responses]
        return [(delay, text) for delay, text in self._answers[request.branch] if is_first or not delay]

    # --- What was seen

    def transactions(self, user=None):
        """The first copy of each request, of one user or of all."""
        return [request for request in list(self._firsts.values()) if user in (None, request.user)]

    def binding(self, user):
        """The contact that is bound now; None: none is."""
        contact, end, _ = self.bindings.get(user, (None, 0, None))
        return contact if end > time.monotonic() else None

    def complaints(self):
        """What a registrar holds against a client: a Call-ID that changed, a CSeq that did not rise, a request while
        another one waits for its answer."""
        found = []
        latest = {}
        for request in self.transactions():
            before = latest.get(request.user)
            latest[request.user] = request
            if before is None:
                continue
            if request.call_id != before.call_id:
                found.append(f"{request.user}: another Call-ID")
            if request.cseq <= before.cseq:
                found.append(f"{request.user}: CSeq {request.cseq} after {before.cseq}")
            if request.at < self._end(before):
                found.append(f"{request.user}: CSeq {request.cseq} while {before.cseq} had no answer")
        return found

    def _end(self, request):
        """When the transaction of a request was over: at its final response, with the connection that ended in place of
        one, or at Timer F, with a second for errors."""
        if not self._is_datagram and not self._answers[request.branch]:
            return request.at
        delays = [delay for delay, text in self._answers[request.branch] if text[8:9] >= b"2"]
        return request.at + min([TIMER_F - 1, *delays])

    # --- Being honest

    def honest(self, request):
        """Digest with MD5 and qop=auth, then the binding."""
        known = [given for given in request.credentials if given.get("nonce") in self._nonces]
        if any(is_right(given, request, given["username"]) for given in known):
            return [self.accept(request)]
        return [self.challenge(request, is_stale=len(known) < len(request.credentials))]

    def challenge(self, request, is_stale=False, status=401, realm=REALM):
        """With a new nonce."""
        nonce = f"nonce-{next(self._numbers)}"
        self._nonces.add(nonce)
        name = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}[status]
        stale = ", stale=true" if is_stale else ""
        return request.reply(
            status, "Who Is It", f'{name}: Digest realm="{realm}", nonce="{nonce}", qop="auth", algorithm=MD5{stale}')

    def accept(self, request):
        """The binding, and the 200."""
        if request.user in self.bindings and self.binding(request.user) is None:
            self.lapses += 1
        contact = request.contact
        if request.expires == 0:
            self.bindings.pop(request.user, None)
            return request.reply(200, "OK")
        seconds = request.expires if self.grants is None else self.grants
        self.bindings[request.user] = (contact, request.at + seconds, request.call_id)
        return request.reply(200, "OK", f"Contact: <{contact}>;expires={seconds}")

    def forget(self):
        """As a reboot does: no binding, no nonce."""
        self.bindings.clear()
        self._nonces.clear()


def numbered(answer):
    """For `ScriptedRegistrar`: `answer(request, number)`, with the number of the user's transaction (1: the first)."""
    counts = Counter()

    def counted(request):
        counts[request.user] += 1
        return answer(request, counts[request.user])
    return counted


def by_user(answers):
    """With such an answer for each user."""
    return numbered(lambda request, number: answers[request.user](request, number))
