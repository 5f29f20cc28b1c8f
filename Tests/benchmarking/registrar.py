"""Who answers: the lab that sipregd carries with it, or Kamailio. Both are witnesses, too."""

import time
from pathlib import Path

from harness import kamailio, lab
from harness.certificates import Authority
from harness.digest import PASSWORD


class LabRegistrar(lab.Lab):
    """It knows more than Kamailio does."""

    domain = "bench.invalid"
    realm = "lab.invalid"
    authorities = None

    def __init__(self, arguments, folder):
        super().__init__(
            arguments.binary, folder, "--max-expires", arguments.expires, "--nonce-lifetime", 86_400)
        if arguments.loss:
            self.ask(f"fault loss {arguments.loss}")

    @property
    def account_uri(self):
        return self.uri

    def password(self, _user):
        return PASSWORD

    def counters(self):
        """What has been counted; cheap however many bindings there are."""
        return self.ask("counters")

    def begin(self):
        """How early refreshes come, and what was first and last, is looked at anew."""
        self.ask("begin")

    def verdict(self):
        """The counters, and what was wrong."""
        return self.ask("stats")


class KamailioRegistrar(kamailio.Registrar):
    """With the configuration of the interoperability tests. It counts less than the lab does."""

    domain = realm = kamailio.DOMAIN

    def __init__(self, arguments, folder):
        if arguments.loss:
            raise RuntimeError("Kamailio's registrar loses nothing; leave out --loss")
        secured = arguments.transport in ("tls", "wss")
        memory = 256 + arguments.accounts // 250 + arguments.connections // 4
        super().__init__(folder, memory=(memory, 16), secured=secured, NONCE_SECONDS=86_400)
        self._transport = arguments.transport
        # What a client has to trust; None: nothing.
        self.authorities = None
        if secured:
            self._authority = Authority(Path(folder) / "authority")
            self.show(*self.issue("registrar"))
            self.authorities = self._authority.file
        self._first_request_at = None
        self._former_requests = 0

    def issue(self, name):
        """A certificate for our address, and its key."""
        return self._authority.issue(name, f"IP:{self.endpoint.host}")

    @property
    def account_uri(self):
        return self.uri_over(self._transport)

    def password(self, user):
        return f"secret-{user}"

    def counters(self):
        found = self.statistics("accepted_regs", "location_contacts", "rcv_requests")
        requests = found["rcv_requests"]
        now = time.monotonic()
        if self._first_request_at is None and requests > self._former_requests:
            self._first_request_at = now
        registrations = found["location_contacts"]
        refreshes = found["accepted_regs"] - registrations
        return {
            "requests": requests, "retransmissions": 0, "registrations": registrations, "refreshes": refreshes,
            "first_request_at": self._first_request_at, "last_registration_at": now, "last_refresh_at": now}

    def begin(self):
        self._first_request_at = None
        self._former_requests = self.counters()["requests"]

    def verdict(self):
        counters = self.counters()
        return {**counters, "bindings": counters["registrations"]}

    def cpu(self):
        return self.process.cpu()
