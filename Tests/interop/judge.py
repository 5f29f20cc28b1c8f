"""The rules for a REGISTER on the wire, applied to what Wireshark read from a capture.

A judge knows what was configured (`Facts`) and the packets, and nothing of the daemon.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from harness.network import Endpoint
from packets import read

UUID_AT_DOMAIN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}@[^@\s<>]+", re.I)


@dataclass
class Facts:
    """What was configured. `routing`: direct, loose or strict; `next_hop`: where a request is sent."""

    routing: str
    registrar: str
    proxies: list
    next_hop: str
    peers: list
    ports: list
    # Where it is not seen in the packets: over TLS, or in a WebSocket.
    transport: str = ""
    # The file with the secrets of TLS, and the ports on which it is spoken.
    keys: str = ""
    secured: list = field(default_factory=list)


@dataclass
class Verdict:
    routing: str
    frames: int
    requests: int
    # How often each rule was applied.
    checks: dict = field(default_factory=lambda: defaultdict(int))
    complaints: list = field(default_factory=list)

    def rule(self, name, holds, where, found):
        self.checks[name] += 1
        if not holds:
            self.complaints.append(f"{where}: {name}: {found}")


def judge(file):
    """The verdict on NAME.pcapng by the facts in NAME.json."""
    facts = Facts(**json.loads(Path(file).with_suffix(".json").read_text()))
    stream = "http" if facts.transport == "ws" else "sip"
    capture = read(file, facts.ports, facts.secured, facts.keys, stream)
    registers = [
        message for message in capture.messages
        if message.method == "REGISTER" and str(message.source) not in facts.peers]
    verdict = Verdict(facts.routing, capture.frames, len(registers))
    for message in registers:
        _judge_route(message, facts, verdict)
        _judge_fields(message, facts, verdict)
    _judge_order(registers, verdict)
    for frame, source, remark in capture.remarks:
        if str(source) not in facts.peers:
            verdict.complaints.append(f"frame {frame}: no malformed packet: {remark}")
    verdict.checks["no malformed packet"] += capture.frames
    if not registers:
        verdict.complaints.append("there is no REGISTER to judge")
    return verdict


def _judge_route(message, facts, verdict):
    """Where the request goes and what it says about the way (RFC 3261 §8.1.2, §12.2.1.1)."""
    where = f"frame {message.frame}"
    routes = message.values("Route")
    uri = message.request_uri
    verdict.rule("sent to the next hop", str(message.destination) == facts.next_hop, where, message.destination)
    if facts.routing == "direct":
        verdict.rule("Request-URI is the registrar", uri == facts.registrar, where, uri)
        verdict.rule("no Route", not routes, where, routes)
    elif facts.routing == "loose":
        verdict.rule("Request-URI is the registrar", uri == facts.registrar, where, uri)
        named, meant = ([_place(uri) for uri in uris] for uris in (routes, facts.proxies))
        verdict.rule("Route names the proxies", named == meant, where, routes)
        verdict.rule("every Route with ;lr", all("lr" in _parameters(route) for route in routes), where, routes)
    else:
        verdict.rule("Request-URI is the proxy", uri == facts.proxies[0], where, uri)
        verdict.rule("Route carries the registrar", routes[-1:] == [f"<{facts.registrar}>"], where, routes)
    verdict.rule("digest uri is the Request-URI", set(_digest_uris(message)) <= {uri}, where, _digest_uris(message))


def _place(route):
    """`sip:HOST:PORT` of a Route value or a URI."""
    return route.strip("<>").partition(";")[0]


def _parameters(route):
    return route.strip("<>").split(";")[1:]


def _digest_uris(message):
    return re.findall(r'^(?:Proxy-)?Authorization:.*?\buri="([^"]*)"', message.text, re.M | re.I)


def _judge_fields(message, facts, verdict):
    where = f"frame {message.frame}"

    def one(name):
        values = message.values(name)
        return values[0] if len(values) == 1 else None

    sent_by = _named(message, "Via", "Via.sent-by.address", "Via.sent-by.port")
    contact = _named(message, "Contact", "contact.host", "contact.port")
    if facts.transport in ("ws", "wss"):
        # RFC 7118 §5: nobody comes to a WebSocket by an address.
        for name, host in (("Via", sent_by), ("Contact", contact)):
            verdict.rule(f"{name} leads nowhere", re.fullmatch(r"\w+\.invalid:None", host) is not None, where, host)
    elif message.transport == "udp":
        local = str(message.source)
        verdict.rule("Via is the local address", sent_by == local, where, sent_by)
        verdict.rule("Contact is the local address", contact == local, where, contact)
    else:
        # A connection has a port of its own; Via and Contact name the one that listens.
        host = str(message.source).rpartition(":")[0]
        verdict.rule("Via is the local address", sent_by.rpartition(":")[0] == host, where, sent_by)
        verdict.rule("Contact is the local address", contact == sent_by, where, contact)
    transport = message.part("Via", "Via.transport")
    spoken = (facts.transport or message.transport).upper()
    verdict.rule("Via names the transport", transport == spoken, where, transport)
    branch = message.part("Via", "Via.branch") or ""
    verdict.rule("branch has the magic cookie", branch.startswith("z9hG4bK"), where, branch)
    call_id = one("Call-ID") or ""
    verdict.rule("Call-ID is UUID@domain", UUID_AT_DOMAIN.fullmatch(call_id) is not None, where, call_id)
    verdict.rule("Max-Forwards is 70", one("Max-Forwards") == "70", where, message.values("Max-Forwards"))
    expires = one("Expires") or ""
    verdict.rule("Expires is there", expires.isdecimal(), where, message.values("Expires"))
    method = message.part("CSeq", "CSeq.method")
    verdict.rule("CSeq is of REGISTER", method == "REGISTER", where, method)


def _named(message, header, host, port):
    """Host and port of a header field, as text."""
    return str(Endpoint((message.part(header, host) or "nobody").strip("[]"), message.part(header, port)))


def _judge_order(registers, verdict):
    """One Call-ID and one From tag for ever, and a CSeq that rises with every new request (RFC 3261 §10.2)."""
    identities = {}
    latest = {}
    transactions = {}
    for message in registers:
        where = f"frame {message.frame}"
        user = message.part("To", "to.addr")
        call_id = (message.values("Call-ID") or [""])[0]
        identity = (call_id, message.part("From", "from.tag"))
        verdict.rule(
            "Call-ID and From tag stay", identities.setdefault(user, identity) == identity, where, identity)
        number = int(message.part("CSeq", "CSeq.seq") or 0)
        branch = message.part("Via", "Via.branch")
        if branch in transactions:
            verdict.rule("a retransmission is the same", transactions[branch] == message.text, where, branch)
            continue
        transactions[branch] = message.text
        verdict.rule("CSeq rises", number > latest.get(call_id, 0), where, number)
        latest[call_id] = max(number, latest.get(call_id, 0))
