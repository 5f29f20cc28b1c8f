"""Captures that were never on a wire: good REGISTERs, and the same with one thing wrong each."""

import json
import subprocess
from pathlib import Path

CLIENT, HOP, REGISTRAR = "127.0.0.1:5062", "127.0.1.1:5064", "sip:sip.test"
CALL_ID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8@sip.test"

GOOD = f"""REGISTER {REGISTRAR} SIP/2.0
Via: SIP/2.0/UDP {CLIENT};rport;branch=z9hG4bKone
Max-Forwards: 70
Route: <sip:{HOP};lr>
From: <sip:alice@sip.test>;tag=88
To: <sip:alice@sip.test>
Call-ID: {CALL_ID}
CSeq: 7 REGISTER
Contact: <sip:alice@{CLIENT}>
Expires: 60
Content-Length: 0

"""
SIX = {CLIENT: "[::1]:5062", HOP: "[::1]:5064"}
NEXT = GOOD.replace("branch=z9hG4bKone", "branch=z9hG4bKtwo").replace("CSeq: 7", "CSeq: 8")


def strict(text):
    return text.replace(f"REGISTER {REGISTRAR}", f"REGISTER sip:{HOP}").replace(f"<sip:{HOP};lr>", f"<{REGISTRAR}>")


def direct(text):
    return text.replace(f"Route: <sip:{HOP};lr>\n", "").replace(f"REGISTER {REGISTRAR}", f"REGISTER sip:{HOP}")


def six(text):
    """Over IPv6."""
    for place, other in SIX.items():
        text = text.replace(place, other)
    return text


# The rule that must be broken, the routing, and the two requests.
FAULTS = [
    ("every Route with ;lr", "loose", GOOD.replace(";lr", ""), NEXT),
    ("Route names the proxies", "loose", GOOD.replace(f"Route: <sip:{HOP};lr>\n", ""), NEXT),
    ("Request-URI is the registrar", "loose", strict(GOOD), NEXT),
    ("no Route", "direct", direct(GOOD), direct(NEXT).replace("From:", "Route: <sip:127.0.0.1;lr>\nFrom:")),
    ("Request-URI is the proxy", "strict", strict(GOOD), NEXT),
    ("Route carries the registrar", "strict", strict(GOOD).replace(f"Route: <{REGISTRAR}>\n", ""), strict(NEXT)),
    ("Via is the local address", "loose", GOOD.replace(f"UDP {CLIENT}", "UDP 192.0.2.1:5062"), NEXT),
    ("Contact is the local address", "loose", GOOD, NEXT.replace(f"alice@{CLIENT}", "alice@192.0.2.1:5062")),
    ("Via is the local address", "loose", six(GOOD).replace("UDP [::1]", "UDP [::2]"), six(NEXT)),
    ("Contact is the local address", "loose", six(GOOD), six(NEXT).replace("alice@[::1]", "alice@[::2]")),
    ("Route names the proxies", "loose", six(GOOD).replace("sip:[::1]:5064", "sip:[::1]:5065"), six(NEXT)),
    ("Call-ID is UUID@domain", "loose", GOOD.replace(CALL_ID, "1@sip.test"), NEXT.replace(CALL_ID, "1@sip.test")),
    ("Call-ID and From tag stay", "loose", GOOD, NEXT.replace("Call-ID: 6", "Call-ID: 7")),
    ("Call-ID and From tag stay", "loose", GOOD, NEXT.replace("tag=88", "tag=89")),
    ("CSeq rises", "loose", GOOD, NEXT.replace("CSeq: 8", "CSeq: 7")),
    ("CSeq rises", "loose", GOOD, NEXT.replace("CSeq: 8", "CSeq: 6")),
    ("a retransmission is the same", "loose", GOOD, NEXT.replace("z9hG4bKtwo", "z9hG4bKone")),
    ("Max-Forwards is 70", "loose", GOOD.replace("Max-Forwards: 70", "Max-Forwards: 69"), NEXT),
    ("Expires is there", "loose", GOOD, NEXT.replace("Expires: 60\n", "")),
    ("branch has the magic cookie", "loose", GOOD.replace("z9hG4bKone", "one"), NEXT),
    ("no malformed packet", "loose", GOOD, NEXT.replace("Content-Length: 0", "Content-Length: nought")),
    ("no malformed packet", "loose", GOOD, NEXT[:-len("Content-Length: 0\n\n")]),
    ("no malformed packet", "loose", GOOD, "\x00\x01 nonsense"),
    ("there is no REGISTER to judge", "loose", *(text.replace("REGISTER", "OPTIONS") for text in (GOOD, NEXT))),
]
SOUND = [
    ("direct", direct(GOOD), direct(NEXT)), ("loose", GOOD, NEXT), ("strict", strict(GOOD), strict(NEXT)),
    *((routing, six(change(GOOD)), six(change(NEXT)))
      for routing, change in (("direct", direct), ("loose", str), ("strict", strict)))]


def capture(folder, name, routing, requests):
    """Writes the requests, as datagrams from the client to the next hop, and the facts. The path of the capture."""
    file = Path(folder) / f"{name}.pcapng"
    is_six = any("[::1]" in request for request in requests)
    change = six if is_six else str
    next_hop = change(HOP)
    (client, client_port), (hop, hop_port) = (
        place.replace("[", "").replace("]", "").rsplit(":", 1) for place in (change(CLIENT), next_hop))
    dump = "".join(_hexadecimal(request.replace("\n", "\r\n").encode()) for request in requests)
    subprocess.run(
        ["text2pcap", "-q", "-6" if is_six else "-4", f"{client},{hop}", "-u", f"{client_port},{hop_port}", "-", file],
        input=dump.encode(), check=True, capture_output=True)
    facts = {
        "routing": routing, "registrar": f"sip:{next_hop}" if routing == "direct" else REGISTRAR,
        "proxies": [] if routing == "direct" else [f"sip:{next_hop}"], "next_hop": next_hop, "peers": [next_hop],
        "ports": [int(hop_port)]}
    file.with_suffix(".json").write_text(json.dumps(facts))
    return file


def _hexadecimal(data):
    """As text2pcap wants it: an offset of 0 begins a packet."""
    rows = [data[start:start + 16] for start in range(0, len(data), 16)]
    return "".join(f"{16 * row:06x} {bytes_.hex(' ')}\n" for row, bytes_ in enumerate(rows)) + "\n"
