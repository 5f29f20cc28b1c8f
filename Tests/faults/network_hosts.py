"""Faults of the host's place in the network: addresses, devices, routes, and the NAT in front of it."""

import time

from harness.daemon import account
from harness.names import NameServer, records
from harness.network import Host, cable
from harness.process import wait_until
from registry import fault
from trial import wait_for_state

# From the event of the kernel to the new Contact at the registrar, in seconds.
NOTICED = 5
# From the return of the way to the binding, after an outage of a minute or two, in seconds.
RECOVERY = 35


def neighbour(trial, name="client"):
    """A host on a cable to the trial's: 10.7.0.2 there, 10.7.0.1 here."""
    client = trial.use(Host(trial.folder, name))
    cable(None, client, "near", "10.7.0.1/24", "far", "10.7.0.2/24")
    return client


def registered(trial, client, accounts, **settings):
    daemon = trial.daemon(under=client.inside)
    daemon.configure(accounts, **settings)
    daemon.start()
    daemon.wait_registered(len(accounts))
    return daemon


def host_of(contact):
    """The address in the URI of a Contact."""
    return contact.partition("@")[2].partition(";")[0].rpartition(":")[0] if contact else None


@fault(13, "host address changes", by="another address in a namespace, the first taken away", seconds=20)
def address_changes(trial):
    """The new Contact is registered at once, and the old one removed with it."""
    client = neighbour(trial)
    registrar = trial.registrar(place=("10.7.0.1", 5060))
    registered(trial, client, [account("alice", registrar, expires=600)])
    before = registrar.binding("alice")
    trial.expect("bound", host_of(before), "10.7.0.2")
    client.do("""sysctl -qw net.ipv4.conf.far.promote_secondaries=1
        ip addr add 10.7.0.3/24 dev far
        ip addr del 10.7.0.2/24 dev far""")
    changed = time.monotonic()
    wait_until(lambda: host_of(registrar.binding("alice")) == "10.7.0.3", NOTICED + 5, "the new Contact")
    took = time.monotonic() - changed
    trial.expect_that("in time", took <= NOTICED, f"{took:.1f} s")
    removed = [uri for request in registrar.transactions() for uri, expires in request.contacts if expires == 0]
    trial.expect("removed with it", set(removed), {before})
    trial.expect_no_complaints(registrar)
    return {"new Contact after": f"{took:.1f} s", "REGISTERs": len(registrar.transactions()), "old Contact": "removed"}


@fault(14, "interface down", by="ip link set down in a namespace, for 90 s (10 min: the simulator)", seconds=130)
def interface_down(trial):
    """Nothing can be done meanwhile; the account is back soon after the device is."""
    client = neighbour(trial)
    registrar = trial.registrar(place=("10.7.0.1", 5060))
    daemon = registered(trial, client, [account("alice", registrar, expires=60)])
    client.do("ip link set far down")
    known = len(registrar.requests)
    time.sleep(90)
    trial.expect("state", daemon.account("alice")["state"] in ("waiting", "registering"), True)
    trial.expect("REGISTERs meanwhile", len(registrar.requests), known)
    client.do("ip link set far up")
    up = time.monotonic()
    wait_for_state(daemon, "alice", "registered", RECOVERY)
    took = time.monotonic() - up
    trial.expect_no_complaints(registrar)
    return {"registered after": f"{took:.1f} s", "lapses the network allowed": registrar.lapses}


@fault(15, "default route changes", by="another gateway on another device of a namespace", seconds=30)
def route_changes(trial):
    """The Contact becomes the address of the new way, no later than the next refresh; nothing lapses."""
    client = neighbour(trial)
    cable(None, client, "near2", "10.9.0.1/24", "far2", "10.9.0.2/24")
    trial.shell("for device in all near near2; do sysctl -qw net.ipv4.conf.$device.rp_filter=0; done")
    trial.shell("ip addr add 10.8.0.1/32 dev lo")
    client.do("ip route add default via 10.7.0.1")
    registrar = trial.registrar(place=("10.8.0.1", 5060))
    daemon = registered(trial, client, [account("alice", registrar, expires=30)])
    trial.expect("bound", host_of(registrar.binding("alice")), "10.7.0.2")
    client.do("ip route replace default via 10.9.0.1")
    changed = time.monotonic()
    wait_until(lambda: host_of(registrar.binding("alice")) == "10.9.0.2", 30, "the new Contact")
    took = time.monotonic() - changed
    trial.expect("lapses", registrar.lapses, 0)
    trial.expect("state", daemon.account("alice")["state"], "registered")
    trial.expect_no_complaints(registrar)
    return {"new Contact after": f"{took:.1f} s", "lapses": 0}


@fault(15, "IPv6 vanishes", by="its addresses taken from a namespace", seconds=40)
def ipv6_vanishes(trial):
    """The next refresh goes over IPv4, under the same identity, before the binding ends."""
    client = neighbour(trial)
    trial.shell("ip addr add 2001:db8:7::1/64 dev near nodad")
    client.do("ip addr add 2001:db8:7::2/64 dev far nodad")
    new = trial.registrar(place=("10.7.0.1", 5060))
    old = trial.registrar(place=("2001:db8:7::1", 5060))
    server = trial.use(NameServer({"pbx.test": lambda kind: records(kind, ["2001:db8:7::1", "10.7.0.1"])},
                                  host="10.7.0.1"))
    daemon = registered(
        trial, client, [account("alice", new, expires=60, registrar="sip:pbx.test")], dns_servers=[server.place])
    trial.expect("bound", host_of(old.binding("alice")), "[2001:db8:7::2]")
    client.do("ip -6 addr flush dev far; ip -6 route flush dev far")
    changed = time.monotonic()
    wait_until(lambda: host_of(new.binding("alice")) == "10.7.0.2", 50, "the new Contact")
    took = time.monotonic() - changed
    trial.expect("the old binding still holds", host_of(old.binding("alice")), "[2001:db8:7::2]")
    before, after = old.transactions("alice")[-1], new.transactions("alice")[0]
    trial.expect("Call-ID", after.call_id, before.call_id)
    trial.expect_that("CSeq rises", after.cseq > before.cseq, f"{before.cseq}, {after.cseq}")
    trial.expect("failures", daemon.account("alice")["failures"], 0)
    trial.expect_no_complaints(old, new)
    return {"bound over IPv4 after": f"{took:.1f} s", "lapses": 0}


@fault(34, "NAT rebinding", by="masquerade with other ports, conntrack flushed", seconds=60)
def nat_rebinding(trial):
    """With `contact_rewrite` the Contact follows the NAT; without it the refreshes go on all the same."""
    router = neighbour(trial, "router")
    client = trial.use(Host(trial.folder, "client"))
    cable(router, client, "lan", "192.168.7.1/24", "eth0", "192.168.7.2/24")
    client.do("ip route add default via 192.168.7.1")
    router.do("""sysctl -qw net.ipv4.ip_forward=1
        nft add table ip nat; nft add chain ip nat out '{ type nat hook postrouting priority 100; }'
        nft add rule ip nat out oifname far udp dport 5060 masquerade to :20000-20099""")
    registrar = trial.registrar(place=("10.7.0.1", 5060))
    daemon = registered(trial, client, [
        account("plain", registrar, expires=30),
        account("rewritten", registrar, expires=30, contact_rewrite=True)])

    def port():
        return int(registrar.binding("rewritten").partition("@")[2].partition(";")[0].rpartition(":")[2])

    wait_until(lambda: host_of(registrar.binding("rewritten")) == "10.7.0.2", 10, "the public address in the Contact")
    trial.expect_that("public port", 20000 <= port() < 20100, port())
    known = len(registrar.transactions("rewritten"))
    router.do("""nft flush chain ip nat out
        nft add rule ip nat out oifname far udp dport 5060 masquerade to :30000-30099
        conntrack -F 2> /dev/null""")
    moved = time.monotonic()
    wait_until(lambda: 30000 <= port() < 30100, 30, "the new port in the Contact")
    took = time.monotonic() - moved
    sent = len(registrar.transactions("rewritten")) - known
    trial.expect_that("REGISTERs until then, a refresh and its correction", sent <= 3, sent)
    before = len(registrar.transactions("plain"))
    wait_until(lambda: len(registrar.transactions("plain")) >= before + 1, 30, "a refresh without rewriting")
    trial.expect("plain: Contact", host_of(registrar.binding("plain")), "192.168.7.2")
    settled = len(registrar.transactions("rewritten"))
    time.sleep(6)
    trial.expect("no loop: REGISTERs after that, a refresh at most",
                 len(registrar.transactions("rewritten")) - settled <= 1, True)
    trial.expect("lapses", registrar.lapses, 0)
    trial.expect("state", daemon.account("rewritten")["state"], "registered")
    trial.expect_no_complaints(registrar)
    return {"Contact follows after": f"{took:.1f} s", "REGISTERs for it": sent, "lapses": 0}
