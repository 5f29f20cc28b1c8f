#!/usr/bin/env python3
"""Registers with TLS servers that are not ours, OpenSSL's, each with a certificate or a habit of its own: the table of
RFC 5922 as an operator meets it.

Usage: certificates.py FOLDER, the one with sipregd and sipregctl.

Prints each row: what the server showed, and that it was accepted, or the words of `sipregctl show`. Who is not accepted
must not have seen a REGISTER, and each server must have been asked for the name that was configured. Ends with 1 when a
row came out otherwise.
"""

import contextlib
import ssl
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.certificates import Authority, sign_itself
from harness.daemon import Daemon, account
from harness.network import free_endpoint
from harness.process import exit_on_sigterm
from harness.scripted import ScriptedRegistrar
from harness.secured import Secured, context
from harness.unbound import Unbound
from identities import ROWS

VERSIONS = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
# For a connection to come up, in seconds; longer than all handshakes together take.
CONNECT_TIMEOUT = 5
# Where SRV records lead.
TARGET = "edge.b.test"
PATIENCE = 40


class SecureRegistrar(Secured, ScriptedRegistrar):
    """Over TLS."""


class PlainServer(ScriptedRegistrar):
    """What answers where TLS was expected. `answer`: what it says to the first bytes; empty: nothing, and it closes;
    None: nothing for ever."""

    names = ()

    def __init__(self, answer, **server):
        super().__init__(transport="tcp", **server)
        self._words = answer

    def _read_stream(self, channel):
        if self._read_bytes(channel) and self._words is not None:
            channel.sendall(self._words)
            self._disconnect(lambda channel: None, [channel])


PLAIN = {"plain": b"HTTP/1.1 400 Bad Request\r\n\r\n", "hasty": b"", "mute": None}


class Bureau:
    """All who sign."""

    def __init__(self, folder):
        self._folder = folder
        self.ours = Authority(folder / "ours")
        self._authorities = {
            "ours": self.ours, "another": Authority(folder / "another", "Another Authority"),
            "between": Authority(folder / "between", "Authority Between", issuer=self.ours)}

    def certificate(self, row, name):
        """What the server shows: chain and key."""
        if row.issuer == "itself":
            return sign_itself(self._folder / name, row.subject, *row.names)
        usage = {"extendedKeyUsage": row.usage} if row.usage else {}
        chain, key = self._authorities[row.issuer].issue(
            name, *row.names, subject=row.subject, days=row.days, **usage)
        if row.server == "chainless":
            first, end, _ = chain.read_text().partition("-----END CERTIFICATE-----\n")
            chain.write_text(first + end)
        return chain, key

    def client(self, row, name):
        """What the daemon shows; None: nothing."""
        if row.client in ("", "none"):
            return None
        authority = self._authorities["another" if row.client == "another" else "ours"]
        days = (-9, -2) if row.client == "expired" else (-1, 30)
        certificate, key = authority.issue(f"{name}-client", "URI:sip:us.test", days=days)
        key.chmod(0o600)
        return certificate, key


class Play:
    """A row with its server and its account."""

    def __init__(self, number, row, bureau, before):
        self.row = row
        self.name = f"row{number}"
        place = ("::1" if row.expected.startswith("[") else "127.0.0.1", 0)
        shown = None
        self._made = datetime.now(UTC)
        if row.server == "before":
            self.server = before.server
        elif row.server in PLAIN:
            self.server = PlainServer(PLAIN[row.server], place=place)
        else:
            shown = bureau.certificate(row, self.name)
            self.server = SecureRegistrar(self._context(*shown, bureau), place=place)
        self._own = bureau.client(row, self.name)
        self._trusted = {"ours": bureau.ours.file, "itself": shown and shown[0], "system": None}[row.trusts]

    def _context(self, chain, key, bureau):
        made = context(chain, key, bureau.ours.file if self.row.client else None)
        if self.row.server in VERSIONS:
            # What OpenSSL has of old ones it gives away unwillingly.
            made.set_ciphers("DEFAULT:@SECLEVEL=0")
            made.minimum_version = made.maximum_version = VERSIONS[self.row.server]
        if self.row.server == "ciphers":
            made.maximum_version = ssl.TLSVersion.TLSv1_2
            made.set_ciphers("ECDHE-ECDSA-AES128-CCM")
        return made

    def account(self):
        row = self.row
        facts = {"expected": row.expected, "port": self.server.endpoint.port}
        changes = {"registrar": row.uri, **dict(row.keys)}
        changes = {key: value.format(**facts) for key, value in changes.items()}
        if self._trusted:
            changes["ca_file"] = str(self._trusted)
        if self._own:
            changes["certificate_file"], changes["private_key_file"] = map(str, self._own)
        return account(self.name, self.server, row.expected, **changes)

    @property
    def words(self):
        """What an operator has to read."""
        trusted = f"the authorities in {self._trusted}" if self._trusted else "the authorities of this system"
        begin, end = (f"{self._made + timedelta(days=day):%Y-%m-%d}" for day in self.row.days)
        return self.row.words.format(own=self._own and self._own[0], trusted=trusted, begin=begin, end=end)

    def is_settled(self, daemon):
        """Whether it came out as it has to. A refused account is tried again, and has no words meanwhile."""
        if self.words:
            return self.words in daemon.tell("show", self.name)[1]
        return daemon.account(self.name)["state"] == "registered"

    def problems(self, daemon, deadline):
        """What is not as it has to be, at this time (monotonic) at the latest."""
        while not self.is_settled(daemon):
            if time.monotonic() > deadline:
                seen = daemon.account(self.name)
                yield f"{seen['state']}: {seen.get('reason')}, not {self.words or 'registered'}"
                break
            time.sleep(0.2)
        if self.row.journal not in daemon.log.read_text():
            yield "the journal does not say so"
        if self.words and self.server.transactions(self.name):
            yield "REGISTER arrived"
        # With TLS 1.1 it does not come to names.
        if not isinstance(self.server, PlainServer) and self.row.server != "1.1":
            named = None if self.row.is_address else self.row.expected.lower()
            names = {name and name.lower() for name in self.server.names}
            if named not in names:
                yield f"it was asked for {names}"

    def told(self):
        shown = [*self.row.names, *([self.row.subject] if not self.row.names and self.row.server == "modern" else [])]
        remark = f" ({self.row.remark})" if self.row.remark else ""
        return f"{self.row.expected:18} {', '.join(shown)}{remark}: {self.words or 'accepted'}"


def records(plays):
    """Of the name server: everybody is at loopback."""
    for host in sorted({play.row.expected.lower() for play in plays if not play.row.is_address} | {TARGET}):
        if not any(play.row.is_searched for play in plays if play.row.expected == host):
            yield f"{host}. 60 IN A 127.0.0.1"
    for play in plays:
        if play.row.is_searched:
            yield f"_sips._tcp.{play.row.expected}. 60 IN SRV 0 0 {play.server.endpoint.port} {TARGET}."


def play_all(binaries, folder):
    """Each row with what is wrong with it."""
    bureau = Bureau(folder)
    plays = []
    for number, row in enumerate(ROWS, 1):
        plays.append(Play(number, row, bureau, plays[-1] if plays else None))
    with contextlib.ExitStack() as stack:
        for server in {play.server for play in plays}:
            stack.enter_context(server)
        names = stack.enter_context(
            Unbound(folder / "unbound", list(records(plays)), port=free_endpoint("127.0.0.1").port))
        daemon = stack.enter_context(Daemon(binaries, folder / "sipregd"))
        daemon.configure(
            [play.account() for play in plays], dns_servers=[names.place], connect_timeout=CONNECT_TIMEOUT)
        daemon.start()
        deadline = time.monotonic() + PATIENCE
        return [(play, list(play.problems(daemon, deadline))) for play in plays]


def main(binaries):
    exit_on_sigterm()
    # Of TLS 1.1, which is meant.
    warnings.simplefilter("ignore", DeprecationWarning)
    with tempfile.TemporaryDirectory() as folder:
        played = play_all(Path(binaries).resolve(), Path(folder))
    for play, problems in played:
        print(f"{'FAILED' if problems else 'ok    '}  {play.told()}", *problems, sep="\n          ")
    failed = sum(1 for _, problems in played if problems)
    print(f"{len(played) - failed} rows as they should be, {failed} not")
    return 1 if failed or not played else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
