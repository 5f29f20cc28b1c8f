"""A name server for tests: answers with what it is told, over UDP and TCP, right or wrong."""

import contextlib
import socket
import struct
import threading

A, CNAME, AAAA = 1, 5, 28
NXDOMAIN, SERVFAIL = 3, 2


class NameServer:
    """A context. `zone`: for each name a function of the record type, which returns what `records`, `failure` and the
    like make; a name that is not there does not exist. None from such a function: no answer at all.
    """

    def __init__(self, zone, host="127.0.0.1", port=0):
        self.zone = zone
        # Every question: name and type.
        self.questions = []
        self._datagrams = socket.socket(type=socket.SOCK_DGRAM)
        self._datagrams.bind((host, port))
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(self._datagrams.getsockname())
        self._listener.listen()

    @property
    def place(self):
        """As in the configuration key `dns_servers`."""
        host, port = self._datagrams.getsockname()
        return f"{host}:{port}"

    def __enter__(self):
        for serve in (self._serve_datagrams, self._serve_streams):
            threading.Thread(target=serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Closes its ports: who asks then hears that nobody is there."""
        for channel in (self._datagrams, self._listener):
            # A datagram socket says that it is not connected, and wakes its reader all the same.
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
            channel.close()

    def _serve_datagrams(self):
        while True:
            try:
                query, source = self._datagrams.recvfrom(4096)
                if not query:
                    return
                response = self._respond(query, is_stream=False)
                if response:
                    self._datagrams.sendto(response, source)
            except OSError:
                return

    def _serve_streams(self):
        while True:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_stream, args=(channel,), daemon=True).start()

    def _serve_stream(self, channel):
        """All questions until the asker closes (RFC 7766 §6.2.1): to close with some unread resets the connection,
        which takes away the answers under way as well.
        """
        with channel:
            try:
                while len(size := channel.recv(2, socket.MSG_WAITALL)) == 2:
                    query = channel.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL)
                    response = self._respond(query, is_stream=True)
                    if response:
                        channel.sendall(struct.pack("!H", len(response)) + response)
            except OSError:
                # The asker has gone.
                pass

    def _respond(self, query, is_stream):
        labels, position = [], 12
        while query[position]:
            labels.append(query[position + 1:position + 1 + query[position]].decode().lower())
            position += 1 + query[position]
        question = query[12:position + 5]
        name, kind = ".".join(labels), struct.unpack("!H", question[-4:-2])[0]
        self.questions.append((name, kind))
        answer = self.zone[name](kind) if name in self.zone else failure(NXDOMAIN)
        if answer is None:
            return None
        code, is_truncated, found = answer
        if is_truncated and not is_stream:
            found = []
        flags = 0x8580 | code | (0x0200 if is_truncated and not is_stream else 0)
        header = query[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0)
        return header + question + b"".join(found)


def records(kind, values, seconds=60):
    """Addresses for questions of the type A or AAAA (which they are tells `kind`); nothing for others."""
    family = socket.AF_INET if kind == A else socket.AF_INET6
    wanted = [value for value in values if (":" in value) == (kind == AAAA)] if kind in (A, AAAA) else []
    return 0, False, [_record(kind, socket.inet_pton(family, value), seconds) for value in wanted]


def alias(name, seconds=60):
    """A CNAME, and no more than that."""
    return 0, False, [_record(CNAME, _labels(name), seconds)]


def failure(code):
    return code, False, []


def truncated(answer):
    """Empty and truncated over UDP, whole over TCP (RFC 7766)."""
    code, _, found = answer
    return code, True, found


def _record(kind, data, seconds):
    # The name is that of the question, at offset 12.
    return struct.pack("!HHHIH", 0xC00C, kind, 1, seconds, len(data)) + data


def _labels(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
