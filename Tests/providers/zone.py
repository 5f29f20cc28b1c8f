"""The records that stand in config/providers.toml, as a name server answers with them."""

import re
import socket
import struct

TYPES = {"A": 1, "AAAA": 28, "SRV": 33, "NAPTR": 35}
RECORD = re.compile(r"^#   (\S+)\. +(\d+) IN (\w+) +(.+)$", re.MULTILINE)


def labels(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".")) + b"\0"


def text(word):
    data = word.strip('"').encode()
    return bytes([len(data)]) + data


def data(kind, words):
    """RFC 1035 §3.4.1, RFC 3596, RFC 2782, RFC 3403."""
    if kind in ("A", "AAAA"):
        return socket.inet_pton(socket.AF_INET if kind == "A" else socket.AF_INET6, words[0])
    if kind == "SRV":
        return struct.pack("!HHH", *map(int, words[:3])) + labels(words[3])
    if kind == "NAPTR":
        return struct.pack("!HH", *map(int, words[:2])) + b"".join(map(text, words[2:5])) + labels(words[5])
    raise ValueError(f"a record of the type {kind}")


def zone(file):
    """For `harness.names.NameServer`, and the addresses in it."""
    found, addresses = {}, []
    for name, seconds, kind, words in RECORD.findall(file):
        words = words.split()
        number, content = TYPES[kind], data(kind, words)
        # The name is that of the question, at offset 12.
        record = struct.pack("!HHHIH", 0xC00C, number, 1, int(seconds), len(content)) + content
        found.setdefault(name.lower(), []).append((number, record))
        if kind in ("A", "AAAA"):
            addresses.append(words[0])

    def answering(records):
        return lambda kind: (0, False, [record for number, record in records if number == kind])
    return {name: answering(records) for name, records in found.items()}, addresses
