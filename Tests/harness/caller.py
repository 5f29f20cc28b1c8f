"""A request from nowhere in particular, and the status of its final answer."""

import os
import socket
import time

T1 = 0.5


def ask(endpoint, uri, method, timeout):
    """Asks over UDP, as often as it takes. None: no final answer within so many seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.bind(("127.0.0.1", 0))
        here = "{}:{}".format(*caller.getsockname())
        name = os.urandom(8).hex()
        request = "\r\n".join([
            f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK{name}", "Max-Forwards: 70",
            f"From: <sip:caller@{here}>;tag={name}", f"To: <{uri}>", f"Call-ID: {name}", f"CSeq: 1 {method}",
            f"Contact: <sip:caller@{here}>", "Content-Length: 0", "", ""]).encode()
        host, _, port = str(endpoint).rpartition(":")
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            caller.sendto(request, (host, int(port)))
            caller.settimeout(min(T1, max(end - time.monotonic(), 0.01)))
            try:
                while True:
                    status = int(caller.recv(1 << 16).split(b" ", 2)[1])
                    if status >= 200:
                        return status
            except TimeoutError:
                pass
    return None
