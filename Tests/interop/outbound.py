#!/usr/bin/env python3
"""Two flows of one account over two real edge proxies (RFC 5626): one edge dies, and a request of the registrar still
arrives over the other.

Usage: outbound.py FOLDER, the one with sipregd and sipregctl.

Ends with 1 when something was otherwise than expected.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.caller import ask
from harness.daemon import Daemon
from harness.kamailio import DOMAIN, Kamailio, NotDone
from harness.process import wait_until
from harness.report import run

EXPIRES = 30


class Site:
    """Two edges before a registrar, and a daemon with one account."""

    def __init__(self, scratch, binaries, *flags):
        self.registrar = Kamailio(scratch, "outbound-registrar")
        self.edges = [
            Kamailio(scratch, "outbound-edge", *flags, REGISTRAR=self.registrar.uri) for _ in range(2)]
        self.daemon = Daemon(binaries, Path(scratch) / "sipregd")

    def __enter__(self):
        self.registrar.start()
        for edge in self.edges:
            edge.start()
        self.daemon.__enter__()
        return self

    def __exit__(self, *error):
        self.daemon.__exit__(*error)
        for edge in self.edges:
            edge.stop()
        self.registrar.stop()

    def start(self, transport="udp"):
        account = {
            "name": "alice", "aor": f"sip:alice@{DOMAIN}", "registrar": f"sip:{DOMAIN}", "expires": EXPIRES,
            "outbound_proxy": "edges", "flows": 2}
        routes = [[f"{edge.uri};transport={transport}"] for edge in self.edges]
        self.daemon.configure([account], {"edges": {"routes": routes}})
        self.daemon.start()

    def bindings(self):
        """By reg-id: Path and instance of each."""
        try:
            rows = self.registrar.call("ul.lookup", "location", f"alice@{DOMAIN}")["Contacts"]
        except NotDone:
            return {}
        return {row["Contact"]["Reg-Id"]: row["Contact"] for row in rows}

    def reached(self):
        """The status of the answer to an OPTIONS for alice, asked of the registrar."""
        return ask(self.registrar.endpoint, f"sip:alice@{DOMAIN}", "OPTIONS", timeout=8)


def two_flows(case, binaries, scratch, transport):
    with Site(scratch, binaries) as site:
        site.start(transport)
        site.daemon.wait_registered(2)
        bindings = site.bindings()
        case.expect("flows that the registrar keeps apart", sorted(bindings), [1, 2])
        case.expect("of one instance", len({row["Instance"] for row in bindings.values()}), 1)
        case.expect("each over its edge", [str(site.edges[number - 1].endpoint) in row["Path"]
                                           for number, row in sorted(bindings.items())], [True, True])
        details = site.daemon.do("show", "alice")
        case.expect("which is said", details["flow"], "1 of 2")
        case.expect("with a GRUU", details["public_gruu"].startswith(f"sip:alice@{DOMAIN};gr="), True)
        case.expect("a request arrives", site.reached(), 200)
        site.edges[0].stop()
        case.expect("and when the first edge is dead", site.reached(), 200)
        before = site.bindings()[1]["CSeq"]
        site.edges[0].start()
        # The edge has forgotten whose connection is whose: the flow is registered anew.
        wait_until(lambda: site.bindings().get(1, {}).get("CSeq", 0) > before, 60, "the first flow again")
        site.edges[1].stop()
        case.expect("and when the other is, after the first is back", site.reached(), 200)
        site.edges[1].start()
        time.sleep(EXPIRES)
        site.daemon.wait_registered(2)
        case.expect("and no binding is left over", sorted(site.bindings()), [1, 2])


def over_udp(case, binaries, scratch):
    """Two flows over two edges, UDP."""
    two_flows(case, binaries, scratch, "udp")


def over_tcp(case, binaries, scratch):
    """Two flows over two edges, TCP."""
    two_flows(case, binaries, scratch, "tcp")


def without_outbound(case, binaries, scratch):
    """Edges that know no flows: one binding, and the other flow says why it rests."""
    with Site(scratch, binaries, "NO_OUTBOUND") as site:
        site.start()
        wait_until(lambda: site.daemon.account("alice")["state"] == "registered", 10, "flow 1 bound")
        wait_until(lambda: site.daemon.account("alice/2")["state"] == "paused", 10, "flow 2 at rest")
        case.expect("bindings", len(site.bindings()), 1)
        case.expect("what flow 2 says", "439" in site.daemon.account("alice/2")["reason"], True)
        case.expect("a request arrives", site.reached(), 200)


def main(binaries):
    binaries = Path(binaries).resolve()
    with tempfile.TemporaryDirectory() as folder:
        def placed(function):
            def play(case):
                function(case, binaries, Path(folder) / function.__name__)
            play.__doc__ = function.__doc__
            return play
        return run([placed(function) for function in (over_udp, over_tcp, without_outbound)])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
