"""A NAT between the daemon and its registrar: what it forgets, and what it forgets in silence."""

import time

from harness.daemon import account
from harness.edge import Edge
from harness.network import Host, cable
from harness.process import wait_until
from network_hosts import neighbour, registered
from registry import fault

# The longest interval of `keepalive = "auto"` over UDP, and what becomes known with an answer, in seconds.
INTERVAL, MOMENT = 29, 3
# For a pong (RFC 5626 §4.4.1).
PONG = 10


class Router:
    """Hides the client behind 10.7.0.2, each flow at a port of this range; what is idle for `timeout` seconds is
    forgotten."""

    def __init__(self, trial, timeout, ports="20000-20099"):
        self.host = neighbour(trial, "router")
        self.client = trial.use(Host(trial.folder, "client"))
        cable(self.host, self.client, "lan", "192.168.7.1/24", "eth0", "192.168.7.2/24")
        self.client.do("ip route add default via 192.168.7.1")
        self.host.do(f"""sysctl -qw net.ipv4.ip_forward=1
            nft add table ip nat; nft add chain ip nat out '{{ type nat hook postrouting priority 100; }}'
            nft add chain ip nat through '{{ type filter hook forward priority 0; }}'
            nft add rule ip nat through ct state invalid drop
            sysctl -qw net.netfilter.nf_conntrack_udp_timeout={timeout}
            sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream={timeout}
            sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0""")
        self.use(ports)

    def use(self, ports):
        self.host.do("nft flush chain ip nat out")
        for protocol in ("udp", "tcp"):
            self.host.do(f"nft add rule ip nat out oifname far meta l4proto {protocol} masquerade to :{ports}")

    def forget(self, ports="30000-30099"):
        """All that it knows; from here on flows have other ports. What belongs to a connection it does not know
        vanishes."""
        self.use(ports)
        self.host.do("conntrack -F 2> /dev/null")


def edge(trial, port, **settings):
    return trial.use(Edge(place=("10.7.0.1", port), **settings))


@fault(34, "NAT that forgets after 30 s", by="conntrack timeouts of 30 s, an OPTIONS from the registrar", seconds=85)
def nat_forgets(trial):
    """By itself the flow is kept open where the registrar sees us elsewhere, by STUN where that is answered."""
    router = Router(trial, timeout=30)
    edges = {"stun": edge(trial, 5060), "line ends": edge(trial, 5070, answers_keepalives=False),
             "off": edge(trial, 5080)}
    daemons = {
        name: registered(trial, router.client, [
            account("alice", peer, expires=3600, **({"keepalive": "off"} if name == "off" else {}))])
        for name, peer in edges.items()}
    for name, peer in edges.items():
        trial.expect(f"{name}: reached at first", peer.reaches("alice"), True)
    time.sleep(65)
    reached = {name: peer.reaches("alice") for name, peer in edges.items()}
    trial.expect("reached after 65 s", reached, {"stun": True, "line ends": True, "off": False})
    trial.expect("without another REGISTER", [len(peer.transactions()) for peer in edges.values()], [2, 2, 2])
    trial.expect("asked", {kind for _, kind in edges["stun"].keepalives}, {"stun"})
    trial.expect("in the end", edges["line ends"].keepalives[-1][1], "line ends")
    trial.expect("off", edges["off"].keepalives, [])
    words = {name: " ".join(daemon.ask("explain", "alice")[1][0]["explanation"]) for name, daemon in daemons.items()}
    trial.expect_that("said", "24 to 29 s by STUN; last answer" in words["stun"], words["stun"])
    trial.expect_that("said", "by line ends, which nobody answers" in words["line ends"], words["line ends"])
    trial.expect_that("said", "calls will not come" in words["off"], words["off"])
    trial.expect_that(
        "nobody is called reachable", not any("and reachable" in text for text in words.values()), "")
    trial.expect_no_complaints(*edges.values())
    return {"reached after 65 s": "by STUN, and by line ends", "without keep-alives": "not reached"}


@fault(34, "NAT that forgets after 5 s", by="conntrack timeouts of 5 s, an OPTIONS from the registrar", seconds=25)
def nat_forgets_soon(trial):
    """`keepalive = 3` holds it open."""
    router = Router(trial, timeout=5)
    peer = edge(trial, 5060)
    registered(trial, router.client, [account("alice", peer, expires=3600, keepalive=3)])
    for _ in range(4):
        time.sleep(4)
        trial.expect("reached", peer.reaches("alice"), True)
    gaps = [second[0] - first[0] for first, second in zip(peer.keepalives, peer.keepalives[1:], strict=False)]
    trial.expect_that("intervals", all(gap < 3.3 for gap in gaps), f"{max(gaps):.1f} s at most")
    return {"longest interval": f"{max(gaps):.1f} s"}


@fault(34, "NAT moves the flow to another port", by="masquerade with other ports, conntrack flushed", seconds=75)
def nat_moves_flow(trial):
    """It is noticed with the next keep-alive, and everybody registers anew; by line ends with the first refresh."""
    router = Router(trial, timeout=30)
    peer = edge(trial, 5060)
    daemon = registered(
        trial, router.client, [account(name, peer, expires=3600) for name in ("alice", "bob")])
    router.forget()
    moved = time.monotonic()
    trial.expect("reached where we were", peer.reaches("alice"), False)
    wait_until(lambda: len(peer.transactions()) >= 6, INTERVAL + MOMENT + 5, "two REGISTERs")
    took = time.monotonic() - moved
    trial.expect_that("within an interval", took <= INTERVAL + MOMENT, f"{took:.1f} s")
    trial.expect("reached", [peer.reaches(name) for name in ("alice", "bob")], [True, True])
    trial.expect("failures", daemon.account("alice")["failures"], 0)
    time.sleep(INTERVAL + MOMENT)
    trial.expect("REGISTERs of each", [len(peer.transactions(name)) for name in ("alice", "bob")], [3, 3])
    trial.expect("lapses", peer.lapses, 0)
    trial.expect_no_complaints(peer)
    return {"registered anew after": f"{took:.1f} s"}


@fault(34, "NAT forgets a TCP connection", by="conntrack flushed, what it does not know dropped", seconds=50)
def nat_forgets_connection(trial):
    """Nobody hears of it; the ping that is not answered tells."""
    interval = 10
    router = Router(trial, timeout=30)
    peer = edge(trial, 5060, transport="tcp")
    daemon = registered(
        trial, router.client, [account("alice", peer, expires=3600, keepalive=interval)])
    wait_until(lambda: len(peer.keepalives) >= 2, 2 * interval, "a second ping")
    trial.expect("reached", peer.reaches("alice"), True)
    router.forget()
    forgotten = time.monotonic()
    known = len(peer.transactions())
    trial.expect("reached over what is forgotten", peer.reaches("alice"), False)
    wait_until(lambda: len(peer.transactions()) > known, interval + PONG + MOMENT + 5, "a REGISTER")
    took = time.monotonic() - forgotten
    trial.expect_that("within an interval and the wait", took <= interval + PONG + MOMENT, f"{took:.1f} s")
    daemon.wait_registered(1)
    trial.expect("reached", peer.reaches("alice"), True)
    trial.expect("failures", daemon.account("alice")["failures"], 0)
    trial.expect_no_complaints(peer)
    return {"registered anew after": f"{took:.1f} s"}
