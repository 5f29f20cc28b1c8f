"""What becomes of TLS connections to a proxy and of the certificates on both sides, and of WebSockets."""

import ssl

from expectations import expect_binding
from harness.certificates import Authority
from harness.process import wait_until
from topology import Site

# Who is at work while certificates are replaced.
CROWD = [f"u{number}" for number in range(200)]
EXPIRES = 16


def one_connection(case, where):
    """Accounts that share a TLS connection."""
    with Site(where, "loose-tls-shared", [()], transport="tls") as site:
        site.start("alice", "bob", "carol")
        before = site.registrar.binding("alice")
        site.next_binding("alice", before)
        case.expect("connections at the proxy", site.edges[0].call("core.tcp_info")["opened_tls_connections"], 1)


def stranger(case, where):
    """A proxy whose certificate is for another address, until it shows the right one."""
    with Site(where, "loose-tls-stranger", [()], transport="tls") as site:
        edge = site.edges[0]
        edge.show(*site.authority.issue("stranger", "IP:127.9.9.9", "DNS:edge.test"))
        edge.stop()
        edge.start()
        site.configure("alice")
        site.daemon.start()
        wait_until(lambda: site.daemon.account("alice")["state"] == "waiting", 10, "alice waiting")
        words = (f"certificate of somebody else (expected {edge.endpoint.host}, "
                 "the certificate names edge.test, 127.9.9.9)")
        case.expect("the reason", words in site.daemon.tell("show", "alice")[1], True)
        case.expect("the registrar's binding", site.registrar.binding("alice"), None)
        site.certify(edge, "right")
        edge.stop()
        edge.start()
        site.daemon.do("refresh", "alice")
        site.daemon.wait_registered(1)


# --- Proxies that go and come

def edge_restart(transport, routing, *flags):
    def play(case, where):
        with Site(where, f"{routing}-{transport}-edge-restart", [flags], transport=transport) as site:
            site.start("alice", expires=EXPIRES)
            before = expect_binding(case, site)
            edge = site.edges[0]
            edge.stop()
            site.certify(edge, "rotated")
            edge.start()
            site.next_binding("alice", before)
            site.daemon.wait_registered(1)
            case.expect("bindings that lapsed", lapses(site), 0)
    play.__doc__ = f"A proxy with {transport.upper()} that comes back under another certificate, {routing} routing."
    return play


def closing_edge(transport, routing, *flags):
    def play(case, where):
        edge = (*flags, "IDLE_SECONDS=2")
        with Site(where, f"{routing}-{transport}-closing", [edge], transport=transport) as site:
            site.start("alice", expires=600)
            before = expect_binding(case, site)
            refused = refusals(site)
            for round_ in (1, 2):
                wait_until(lambda: site.edges[0].call("core.tcp_info")["opened_connections"] == 0, 20, "the end of it")
                site.daemon.do("refresh", "alice")
                after = site.next_binding("alice", before)
                case.expect(f"refresh {round_} is one request", after.cseq - before.cseq, 1)
                before = after
            case.expect("failed attempts", site.daemon.do("show", "alice")["account"]["failures"], 0)
            case.expect("refused requests", refusals(site) - refused, 0)
            case.expect("bindings that lapsed", lapses(site), 0)
    play.__doc__ = f"A proxy that ends each {transport.upper()} connection silent for two seconds, {routing} routing."
    return play


def lapses(site):
    """Bindings that ended, as the registrar has counted them and the daemon has said."""
    counted = site.registrar.statistics("usrloc:")["location_expires"]
    return counted + site.daemon.log.read_text().count("the binding lapsed")


def refusals(site):
    """Requests that were refused or came to nothing."""
    traffic = site.daemon.status()["traffic"]
    return traffic["transactions_refused"] + traffic["transactions_timed_out"]


# --- Certificates that are replaced under a crowd at work

class Crowd:
    """Two hundred accounts over one TLS connection, and what must not happen to them."""

    def __init__(self, site):
        self._site = site
        site.start(*CROWD, expires=EXPIRES)
        self._refused = refusals(site)
        self._challenges = site.registrar.challenges
        self.connections = self._connections()

    def _connections(self):
        """At the proxy: the ports that they come from."""
        connections = self._site.edges[0].call("core.tcp_list")
        return sorted(entry["src_port"] for entry in connections if entry["type"] == "TLS")

    def work_on(self):
        """Until every account has been refreshed."""
        wanted = self._succeeded() + len(CROWD)
        wait_until(lambda: self._succeeded() >= wanted, 3 * EXPIRES, "a refresh of everybody")

    def _succeeded(self):
        return self._site.daemon.status()["traffic"]["answers_good"]

    def expect_undisturbed(self, case):
        status = self._site.daemon.status()
        case.expect("bound, and none of them failing", (status["bound"], status["failing_refreshes"]), (len(CROWD), 0))
        case.expect("bindings that lapsed", lapses(self._site), 0)
        case.expect("requests that were refused", refusals(self._site) - self._refused, 0)
        case.expect("challenges", self._site.registrar.challenges, self._challenges)
        case.expect("the connection is the one it was", self._connections(), self.connections)

    def expect_recovered(self, case):
        """All are back over a new connection."""
        self._site.daemon.wait_registered(len(CROWD), 30)
        self.work_on()
        case.expect("bindings that lapsed", lapses(self._site), 0)
        case.expect("the connections are others", set(self._connections()) & set(self.connections), set())


def rotation_here(case, where):
    """Client certificate and authorities replaced by a reload, while 200 accounts refresh."""
    with Site(where, "loose-tls-rotation-here", [()], transport="tls", knows_clients=True) as site:
        crowd = Crowd(site)
        case.expect("connections", len(crowd.connections), 1)
        site.authority = Authority(site.trusted.parent / "another", "Another Authority")
        site.introduce("another")
        site.trust(site.authority)
        report = site.daemon.do("reload")
        changes = [report[kind] for kind in ("added", "removed", "changed")]
        case.expect("accounts that the reload changes", changes, [[], [], []])
        crowd.work_on()
        crowd.expect_undisturbed(case)
        # It knows nobody from before, and nobody from before knows it.
        edge = site.edges[0]
        site.certify(edge, "another-edge")
        edge.stop()
        edge.start()
        crowd.expect_recovered(case)


def rotation_there(case, where):
    """A proxy whose certificate is replaced by its tls.reload, while 200 accounts refresh."""
    with Site(where, "loose-tls-rotation-there", [()], transport="tls") as site:
        crowd = Crowd(site)
        edge = site.edges[0]
        place = (edge.secure.host, edge.secure.port)
        shown = ssl.get_server_certificate(place)
        site.certify(edge, "rotated")
        edge.call("tls.reload")
        case.expect("newcomers see another certificate", ssl.get_server_certificate(place) != shown, True)
        crowd.work_on()
        crowd.expect_undisturbed(case)


STRICT = ("strict", "STRICT")
CASES = [
    rotation_here, rotation_there, one_connection, stranger,
    *(kind(transport, *routing)
      for kind in (edge_restart, closing_edge) for transport in ("tls", "wss") for routing in (("loose",), STRICT))]
