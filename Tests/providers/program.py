#!/usr/bin/env python3
"""Registers every account of config/providers.toml, as it stands there, at a provider of its kind: with a name server
that answers with the records of the file, and a registrar that asks for what the provider asks for.

Usage: program.py FOLDER, the one with sipregd and sipregctl. As root: it takes a network of its own, which has the
addresses of the file.
"""

import contextlib
import sys
import tempfile
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.certificates import Authority
from harness.daemon import Daemon
from harness.names import NameServer
from harness.network import enter_own_network
from harness.process import exit_on_sigterm, run, wait_until
from harness.secured import context
from registrars import Registrar, SecureRegistrar, WebSocketRegistrar
from table import PROVIDERS
from zone import zone

FILE = Path(__file__).resolve().parents[2] / "config" / "providers.toml"
# Most are bound at once, and the one whose first server is down a little later.
PATIENCE = 30


def registrar(provider, place, authority):
    asked = {"username": provider.username, "realm": provider.realm, "grants": provider.grants, "place": place}
    if provider.transport in ("udp", "tcp"):
        return Registrar(transport=provider.transport, **asked)
    domain = provider.domain
    secured = context(*authority.issue(domain, f"URI:sip:{domain}", f"DNS:{domain}"))
    if provider.transport == "tls":
        return SecureRegistrar(secured, **asked)
    return WebSocketRegistrar(provider.resource, context=secured, **asked)


def problems(provider, registrars, account):
    """What is not as the provider has to see it."""
    requests = [request for one in registrars for request in one.transactions()]
    if account["state"] != "registered":
        return [f"{account['state']}: {account.get('reason') or account.get('last_reason')}"]
    if not requests:
        return ["bound, and not at this provider"]
    found = {(request.uri, request.value("To").split("<")[1].split(">")[0]) for request in requests}
    return [] if found == {(provider.uri, provider.aor)} else [f"it saw {found}"]


def play(binaries, scratch):
    """What was wrong, by provider."""
    text = FILE.read_text(encoding="utf-8")
    names = [account["name"] for account in tomllib.loads(text)["account"]]
    if sorted(names) != sorted(provider.name for provider in PROVIDERS):
        sys.exit(f"the file has {names}")
    records, addresses = zone(text)
    for address in {*addresses, *(place[0] for provider in PROVIDERS for place in provider.places)}:
        run(["ip", "addr", "add", f"{address}/32", "dev", "lo"])
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(NameServer(records))
        authority = Authority(scratch)
        registrars = {
            provider.name: [
                stack.enter_context(registrar(provider, place, authority)) for place in provider.places]
            for provider in PROVIDERS}
        daemon = stack.enter_context(Daemon(binaries, scratch / "sipregd"))
        daemon.configure([], dns_servers=[server.place], defaults={"ca_file": str(authority.file)})
        # As it stands there: what is copied from it has to work.
        daemon.configuration.write_text(daemon.configuration.read_text() + text)
        checked = run([daemon.program, "--check", daemon.configuration])
        if "warning" in checked or f"{len(names)} accounts" not in checked:
            sys.exit(checked)
        daemon.start()
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: set(daemon.states().values()) == {"registered"}, PATIENCE, "all of them")
        return {
            provider.name: problems(provider, registrars[provider.name], daemon.account(provider.name))
            for provider in PROVIDERS}


def main(binaries):
    exit_on_sigterm()
    with tempfile.TemporaryDirectory() as scratch:
        wrong = play(Path(binaries).resolve(), Path(scratch))
    for name, lines in wrong.items():
        print(f"{'FAILED' if lines else 'ok    '}  {name}", *lines, sep="\n        ")
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    enter_own_network(__file__)
    sys.exit(main(sys.argv[1]))
