"""Who answers: the lab that sipregd carries with it, or Kamailio. Both are witnesses, too."""

import json
import select
import subprocess
import time
from pathlib import Path

from .kamailio import Kamailio
from .process import Failure, Program


class LabRegistrar:
    """`sipregd lab`: counts bindings, lapses, Call-ID changes, CSeq violations, and how early refreshes come."""

    domain = "bench.invalid"
    realm = "lab.invalid"

    def __init__(self, arguments, folder):
        self._program = Program(
            [arguments.binary, "lab", "--max-expires", arguments.expires, "--nonce-lifetime", 86_400],
            Path(folder) / "lab.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.endpoint = self._read()["registrar"]
        if arguments.loss:
            self.ask(f"fault loss {arguments.loss}")

    def password(self, _user):
        return "secret"

    def ask(self, command):
        self._program.input.write(f"{command}\n".encode())
        self._program.input.flush()
        answer = self._read()
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def _read(self):
        if not select.select([self._program.output], [], [], 60)[0]:
            raise Failure("the lab does not answer")
        line = self._program.output.readline()
        if not line:
            raise Failure("the lab has ended")
        return json.loads(line)

    def counters(self):
        """What has been counted; cheap however many bindings there are."""
        return self.ask("counters")

    def begin(self):
        """How early refreshes come, and what was first and last, is looked at anew."""
        self.ask("begin")

    def verdict(self):
        """The counters, and what was wrong."""
        return self.ask("stats")

    def cpu(self):
        return self._program.cpu()

    def stop(self):
        self._program.kill()


class KamailioRegistrar:
    """Kamailio with the registrar's configuration of the interoperability tests. It counts less than the lab does."""

    domain = realm = "sip.test"

    def __init__(self, arguments, folder):
        if arguments.loss:
            raise Failure("Kamailio's registrar loses nothing; leave out --loss")
        configuration = Path(__file__).resolve().parent.parent / "interop" / "kamailio" / "registrar.cfg"
        self._kamailio = Kamailio(
            folder, configuration, memory=256 + arguments.accounts // 250, values={"NONCE_SECONDS": 86_400})
        self.endpoint = self._kamailio.endpoint
        self._first_request_at = None
        self._former_requests = 0

    def password(self, user):
        return f"secret-{user}"

    def counters(self):
        found = self._kamailio.statistics("accepted_regs", "location_contacts", "rcv_requests")
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
        return self._kamailio.program.cpu()

    def stop(self):
        self._kamailio.stop()
