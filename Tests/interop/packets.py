"""SIP messages of a capture, as Wireshark's dissector reads them."""

import json
import subprocess
from dataclasses import dataclass

from harness.network import Endpoint


def as_list(value):
    """tshark writes one value where there is one, and an array where there are several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@dataclass
class Message:
    frame: int
    source: Endpoint
    destination: Endpoint
    transport: str
    fields: dict

    @property
    def method(self):
        return self.fields.get("sip.Request-Line_tree", {}).get("sip.Method")

    @property
    def request_uri(self):
        return self.fields.get("sip.Request-Line_tree", {}).get("sip.r-uri")

    @property
    def status(self):
        return self.fields.get("sip.Status-Line_tree", {}).get("sip.Status-Code")

    @property
    def text(self):
        return self.fields.get("sip.msg_hdr", "")

    def values(self, name):
        """Of a header field, in order, each of the form that has one value a line or all in one."""
        found = as_list(self.fields.get("sip.msg_hdr_tree", {}).get(f"sip.{name}"))
        return [value.strip() for text in found for value in text.split(",")]

    def part(self, header, name):
        """A part that the dissector found in a header field; None when it did not."""
        trees = as_list(self.fields.get("sip.msg_hdr_tree", {}).get(f"sip.{header}_tree"))
        return _find(trees[0], f"sip.{name}") if trees else None


@dataclass
class Capture:
    frames: int
    messages: list
    # What the dissector thinks of a frame beyond what it read, or could not read: (frame, source, text).
    remarks: list


def read(file, ports, secured=(), keys="", stream="sip"):
    """Dissects a capture file; the ports are those on which SIP is spoken, and among them those with TLS around it,
    whose secrets are in the file `keys`. `stream`: what is spoken over TCP, http for a WebSocket."""
    kinds = (("udp", "sip"), ("tcp", stream))
    plain = set(ports) - set(secured)
    decode = [word for port in plain for kind, name in kinds for word in ("-d", f"{kind}.port=={port},{name}")]
    if keys:
        decode += ["-o", f"tls.keylog_file:{keys}"]
        decode += [word for port in secured for word in ("-d", f"tcp.port=={port},tls", "-d", f"tls.port=={port},sip")]
    result = subprocess.run(
        ["tshark", "-n", "-r", file, *decode, "-T", "json", "--no-duplicate-keys"],
        capture_output=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"tshark cannot read {file}: {result.stderr.decode(errors='replace')}")
    frames = json.loads(result.stdout.decode(errors="replace"))
    capture = Capture(len(frames), [], [])
    for frame in frames:
        _read_frame(frame["_source"]["layers"], capture)
    return capture


def _read_frame(layers, capture):
    number = int(layers["frame"]["frame.number"])
    network = layers.get("ip") or layers.get("ipv6")
    family = "ip" if "ip" in layers else "ipv6"
    transport = "udp" if "udp" in layers else "tcp"
    source, destination = (
        Endpoint(network[f"{family}.{side[:3]}"], int(layers[transport][f"{transport}.{side}port"]))
        for side in ("src", "dst"))
    found = [fields for fields in as_list(layers.get("sip")) if isinstance(fields, dict)]
    for fields in found:
        capture.messages.append(Message(number, source, destination, transport, fields))
        for remark in _experts(fields):
            capture.remarks.append((number, source, remark))
    if "_ws.malformed" in layers:
        capture.remarks.append((number, source, "malformed packet"))
    elif not found and transport == "udp":
        capture.remarks.append((number, source, "not recognised as SIP"))


def _experts(node):
    """The texts of the expert's remarks, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from _experts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "_ws.expert":
                for remark in as_list(value):
                    yield remark.get("_ws.expert.message", "remark without a text")
            else:
                yield from _experts(value)


def _find(node, key):
    """The first value of a key, at any depth."""
    if isinstance(node, dict):
        if key in node:
            return as_list(node[key])[0]
        for value in node.values():
            found = _find(value, key)
            if found is not None:
                return found
    elif isinstance(node, list):
        for item in node:
            found = _find(item, key)
            if found is not None:
                return found
    return None
