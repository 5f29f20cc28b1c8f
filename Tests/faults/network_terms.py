"""Where accounts send from: an address, an interface and a mark of their own, and what becomes of it when they go."""

import socket
import struct
import time

from harness.daemon import account
from harness.network import Host, cable
from harness.process import wait_until
from harness.scripted import ScriptedRegistrar
from registry import fault, measurement
from trial import wait_for_state

# From the event of the kernel to the binding, in seconds.
NOTICED = 5
EXPEDITED = 46
ACCOUNTS = ("plain", "address", "device", "marked", "all", "port")


class Marked(ScriptedRegistrar):
    """Notes the mark of each datagram: `marks`, by the address that it came from."""

    def __init__(self, **server):
        super().__init__(**server)
        self.marks = {}
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)

    def _read(self, source):
        data, ancillary, _, address = source.recvmsg(1 << 16, 256)
        self.marks.setdefault(address[0], set()).update(
            struct.unpack_from("B", value)[0] >> 2 for _, kind, value in ancillary if kind == socket.IP_TOS)
        self._receive(data, address, source)


def two_ways(trial):
    """A client with two cables to the registrar's host: 10.7.0.2 and 10.8.0.2 there."""
    client = trial.use(Host(trial.folder, "client"))
    cable(None, client, "near", "10.7.0.1/24", "far", "10.7.0.2/24")
    cable(None, client, "near2", "10.8.0.1/24", "far2", "10.8.0.2/24")
    trial.shell("ip addr add 198.51.100.1/32 dev lo")
    client.do("ip route add default via 10.7.0.1; ip route add default via 10.8.0.1 dev far2 metric 50000")
    for do, devices in ((trial.shell, "all near near2"), (client.do, "all far far2")):
        do(f"for device in {devices}; do sysctl -qw net.ipv4.conf.$device.rp_filter=0; done")
    return client


def host_of(contact):
    return contact.partition("@")[2].partition(";")[0].rpartition(":")[0] if contact else None


@measurement("addresses, interfaces and marks of one's own", by="two ways to a registrar, and what it sees", seconds=20)
def ways_of_their_own(trial):
    """Address, interface and DSCP of each account as it says, and its Contact with them."""
    client = two_ways(trial)
    registrar = trial.use(Marked(place=("198.51.100.1", 5060)))
    streams = trial.registrar(transport="tcp", place=("198.51.100.1", 5060))
    daemon = trial.daemon(under=client.inside)
    daemon.configure([
        account("stream", streams, local_address="10.8.0.2", dscp=10),
        account("stream-device", streams, interface="far2", dscp="AF11"),
        account("stream-plain", streams),
        account("plain", registrar),
        account("address", registrar, local_address="10.8.0.2"),
        account("device", registrar, interface="far2"),
        account("marked", registrar, dscp="EF"),
        account("all", registrar, local_address="10.8.0.2", interface="far2", dscp=10),
        account("port", registrar, local_port=5077),
    ])
    daemon.start()
    daemon.wait_registered(9)
    contacts = {name: host_of(registrar.binding(name)) for name in ACCOUNTS}
    trial.expect("Contacts", contacts, {
        "plain": "10.7.0.2", "address": "10.8.0.2", "device": "10.8.0.2", "marked": "10.7.0.2", "all": "10.8.0.2",
        "port": "10.7.0.2"})
    ports = {name: {request.source[1] for request in registrar.transactions(name)} for name in contacts}
    trial.expect("source ports", ports, {name: {5077 if name == "port" else daemon.port} for name in contacts})
    trial.expect("the port of its Contact", ":5077" in registrar.binding("port"), True)
    sources = {name: {request.source[0] for request in registrar.transactions(name)} for name in contacts}
    trial.expect("sources", sources, {name: {host} for name, host in contacts.items()})
    trial.expect(
        "sources of streams", {request.user: request.source[0] for request in streams.transactions()},
        {"stream": "10.8.0.2", "stream-device": "10.8.0.2", "stream-plain": "10.7.0.2"})
    trial.expect(
        "Contacts of streams", [host_of(streams.binding(name)) for name in ("stream", "stream-device", "stream-plain")],
        ["10.8.0.2", "10.8.0.2", "10.7.0.2"])
    trial.expect("marks", registrar.marks, {"10.7.0.2": {0, EXPEDITED}, "10.8.0.2": {0, 10}})
    # As long as a record may be on its way to the disk.
    time.sleep(1)
    before = [len(each.transactions()) for each in (registrar, streams)]
    daemon.kill()
    daemon.start()
    daemon.wait_registered(9)
    time.sleep(3)
    after = [len(each.transactions()) for each in (registrar, streams)]
    trial.expect("requests after a restart", after, before)
    trial.expect_no_complaints(registrar)
    return {"Contacts": " ".join(sorted(set(contacts.values()))), "marks": "0, EF, AF11"}


@fault(14, "the interface of one account is not there", by="a cable that comes, goes and comes again", seconds=60)
def interface_of_one_account(trial):
    """It waits with words, nobody else suffers, and it is bound soon after the interface is there."""
    client = trial.use(Host(trial.folder, "client"))
    cable(None, client, "near", "10.7.0.1/24", "far", "10.7.0.2/24")
    registrar = trial.registrar(place=("0.0.0.0", 5060))
    daemon = trial.daemon(under=client.inside)
    daemon.configure([
        account("alice", registrar, registrar="sip:10.7.0.1"),
        account("bob", registrar, registrar="sip:10.8.0.1", interface="far2"),
        account("carol", registrar, registrar="sip:10.8.0.1", local_address="10.8.0.2"),
    ])
    daemon.start()
    wait_for_state(daemon, "alice", "registered", 10)
    wait_until(lambda: daemon.account("bob")["state"] == daemon.account("carol")["state"] == "waiting", 10, "both wait")
    trial.expect("words", [daemon.account(name)["reason"] for name in ("bob", "carol")], [
        "there is no interface far2", "10.8.0.2 is no address of this host"])
    cable(None, client, "near2", "10.8.0.1/24", "far2", "10.8.0.2/24")
    came = time.monotonic()
    for name in ("bob", "carol"):
        wait_for_state(daemon, name, "registered", NOTICED + 30)
    took = time.monotonic() - came
    trial.expect_that("in time", took <= NOTICED, f"{took:.1f} s")
    client.do("ip link del far2")
    cable(None, client, "near2", "10.8.0.1/24", "far2", "10.8.0.2/24")
    # It has another number now.
    for name in ("bob", "carol"):
        known = len(registrar.transactions(name))
        time.sleep(1)
        daemon.tell("refresh", name)
        wait_until(lambda name=name, known=known: len(registrar.transactions(name)) > known, 10, f"a refresh of {name}")
        wait_for_state(daemon, name, "registered", 10)
    trial.expect("alice", daemon.account("alice")["failures"], 0)
    trial.expect_no_complaints(registrar)
    return {"bound after": f"{took:.1f} s"}
