"""Requests that come in twos, in pieces, or are none."""

import re
import socket

from rows import staged
from saying import ok

CRLF = b"\r\n"


def asked_of(stage, daemon, *messages):
    """What an account at this daemon answers to each of these, in turn, from one place."""
    with socket.socket(type=socket.SOCK_DGRAM) as channel:
        channel.bind((stage.host, 0))
        channel.settimeout(2)
        answers = []
        for message in messages:
            channel.sendto(message.format(port=channel.getsockname()[1], host=stage.host).encode(),
                           ("127.0.0.1", daemon.port))
            answers.append(channel.recv(1 << 16).decode(errors="replace"))
        return answers


def one_bound(stage):
    registrar = stage.registrar(lambda request, number: ok()(request, number))
    daemon = stage.daemon([stage.account("alice", registrar, expires=300)])
    daemon.wait_registered(1)
    return daemon, registrar.transactions()[0].contact


def request(method, uri, call_id, branch):
    return (f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {{host}}:{{port}};branch={branch}\r\n"
            f"From: <sip:ping@field.test>;tag={call_id}\r\nTo: <{uri}>\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n"
            "Content-Length: 0\r\n\r\n")


@staged("pings-with-one-branch", "§17.2.3 (no magic cookie)", "each answered with its own Call-ID")
def pings_with_one_branch(stage):
    daemon, contact = one_bound(stage)
    answers = asked_of(stage, daemon, *(request("OPTIONS", contact, f"ping-{number}", "0") for number in range(3)))
    good = all(f"Call-ID: ping-{number}" in answer for number, answer in enumerate(answers))
    return "each answered with its own Call-ID" if good else f"{answers}"


@staged("invite-comes-again", "§17.2.1, §8.2.6.2", "the same answer to a copy, another To tag to another call")
def invite_comes_again(stage):
    daemon, contact = one_bound(stage)
    first, copy, other = asked_of(
        stage, daemon, request("INVITE", contact, "one", "z9hG4bKone"), request("INVITE", contact, "one", "z9hG4bKone"),
        request("INVITE", contact, "two", "z9hG4bKtwo"))
    tags = [re.search(r"^To: .*;tag=([^;\s]+)", answer, re.MULTILINE)[1] for answer in (first, copy, other)]
    return ", ".join((
        "the same answer to a copy" if first == copy else f"{first} and {copy}",
        "another To tag to another call" if tags[0] != tags[2] else f"tags {tags}"))


@staged("noise", "§18.3", "alive, bound, and OPTIONS gets 200")
def noise(stage):
    """What scanners, NAT keepers and other protocols send."""
    daemon, contact = one_bound(stage)
    with socket.socket(type=socket.SOCK_DGRAM) as channel:
        channel.bind((stage.host, 0))
        for data in (b"", b"\0", b"\r\n\r\n", b"\r\n\0", b"jaK", b"\x16\x03\x01\x02" + b"a" * 400,
                     b"GET / HTTP/1.1\r\n\r\n",
                     b"SIP/2.0 200", b"OPTIONS sip: SIP/2.0\r\n\r\n", b"\xff" * 1400, b"A" * 60000,
                     b"\0\1\0\0\x21\x12\xa4\x42" + b"b" * 12, b"INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP\r\n\r\n"):
            channel.sendto(data, ("127.0.0.1", daemon.port))
    [answer] = asked_of(stage, daemon, request("OPTIONS", contact, "after", "z9hG4bKafter"))
    standing = "bound" if daemon.account("alice")["state"] == "registered" else "not bound"
    return f"alive, {standing}, and OPTIONS gets {answer[8:11]}"


@staged("asked-over-tcp", "§18.2.2, RFC 5626 §3.5.1", "a pong, and 200 over the connection that asked")
def asked_over_tcp(stage):
    """Via names another port; the request comes byte by byte."""
    daemon, contact = one_bound(stage)
    with socket.create_connection(("127.0.0.1", daemon.port), 3, source_address=(stage.host, 0)) as channel:
        channel.settimeout(3)
        channel.sendall(b"\r\n\r\n")
        pong = channel.recv(16)
        text = request("OPTIONS", contact, "tcp", "z9hG4bKtcp").replace("UDP", "TCP").format(host=stage.host, port=9)
        for octet in text.encode():
            channel.sendall(bytes([octet]))
        answer = channel.recv(1 << 16)
    return f"{'a pong' if pong == CRLF else pong}, and {answer[8:11].decode()} over the connection that asked"
