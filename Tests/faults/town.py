"""Many accounts at the lab, and what may never happen to them."""

import json
import time

from harness.daemon import account
from harness.process import wait_until

# A record may wait this long for company before it is written; a crash in between costs a REGISTER.
STORE_DELAY = 0.25


class Town:
    """The lab, and a daemon with accounts `u0`, `u1`, … there."""

    def __init__(self, trial, count, daemon=None, expires=3600, lab=()):
        self._trial = trial
        self.count = count
        self.expires = expires
        self.lab = trial.lab(*lab)
        self.daemon = daemon or trial.daemon()

    def account(self, number, **changes):
        # It is refreshed at a word, again and again.
        settings = {"expires": self.expires, "minimum_interval": 0, **changes}
        return account(f"u{number}", self.lab, "lab.invalid", **settings)

    def configure(self, **settings):
        self.daemon.configure([self.account(number) for number in range(self.count)], **settings)

    def accounts_file(self, numbers, **changes):
        """The path of a file of these accounts, the same one each time."""
        file = self.daemon.configuration.with_name("accounts.jsonl")
        file.write_text("".join(json.dumps(self.account(number, **changes)) + "\n" for number in numbers))
        file.chmod(0o600)
        return str(file)

    def start(self, **settings):
        """Configured, started, all registered."""
        self.configure(**settings)
        self.daemon.start()
        self.daemon.wait_registered(self.count, 60)
        return self

    def identities(self):
        """Call-IDs by address of record, as the lab has them."""
        return {binding["aor"]: binding["call_id"] for binding in self.lab.ask("bindings")}

    def requests(self):
        """Without copies: on a busy machine the lab may still find some behind what it answered."""
        stats = self.lab.ask("stats")
        return stats["requests"] - stats["retransmissions"]

    def refresh(self):
        """Everybody, now; returns when all have."""
        before = self.lab.ask("stats")["refreshes"]
        self.daemon.do("refresh", "--all")
        wait_until(lambda: self.lab.ask("stats")["refreshes"] >= before + self.count, 60, "all refreshed")
        # The registrar counts before it answers; whoever is asked again before that has a request in flight already.
        self.daemon.wait_registered(self.count)

    def refresh_one(self, name):
        """Seconds from the word of an operator until the registrar has answered; nobody else may be refreshed then."""
        before = self.lab.ask("stats")["refreshes"]
        began = time.monotonic()
        self.daemon.do("refresh", name)
        wait_until(lambda: self.lab.ask("stats")["refreshes"] > before, 10, f"{name} is refreshed", interval=0.002)
        return time.monotonic() - began

    def crash(self):
        """When what became known is on the disk."""
        time.sleep(STORE_DELAY * 4)
        self.daemon.kill()

    def restart(self):
        """After a crash. How many REGISTERs it sends for bindings that live."""
        if self.daemon.is_running:
            self.crash()
        before = self.requests()
        self.daemon.start()
        self.daemon.wait_registered(self.count)
        return self.requests() - before

    def store(self):
        """What the daemon says of its state: `healthy`, `problem`."""
        return self.daemon.status()["store"]

    def wait_for_store(self, healthy, seconds=30):
        wait_until(lambda: self.store()["healthy"] is healthy, seconds, f"state healthy: {healthy}")

    def expect_nothing_lost(self, known=None):
        """No identity changed, no CSeq repeated, no binding over before it was renewed."""
        seen = self.lab.ask("stats")
        for count in ("call_id_changes", "cseq_violations", "lapses"):
            self._trial.expect(count, seen[count], 0)
        if known is not None:
            now = self.identities()
            changed = [aor for aor, call_id in known.items() if now.get(aor) != call_id]
            self._trial.expect("with another Call-ID, or gone", changed[:3], [])
