"""TCP: where messages begin and end, and what becomes of connections (§18)."""

from digests import asks
from quarter import Closing, Resetting
from rows import answered
from saying import ok, response, say

MD5 = 'realm="field", nonce="f", qop="auth"'
BRISK = {"expires": 10, "minimum_interval": 1}


def streams(name, source, answer, verdict="bound; 2 REGISTERs", after=9, **account):
    answered(name, source, answer, verdict, after, transport="tcp", **account)


def changed(change, answer=asks(MD5)):
    """Each message as `change` makes it: bytes, or a list of what is sent one after the other."""
    def changing(request, number):
        [data] = answer(request, number)
        pieces = change(data)
        return [(index * 0.01, piece) for index, piece in enumerate(pieces)] if isinstance(pieces, list) else [pieces]
    return changing


def in_pieces(size):
    return lambda data: [data[start:start + size] for start in range(0, len(data), size)]


def closes_at(*status):
    """The connection ends with answers of this status."""
    return lambda data: Closing(data) if int(data[8:11]) in status else data


def resets(*numbers):
    """Without an answer, at these transactions."""
    return lambda request, number: [Resetting()] if number in numbers else ok()(request, number)


# Framing (§18.3, §7.5)
streams("pieces-of-1", "§18.3", changed(in_pieces(1), ok()), "bound; 1 REGISTER", after=14)
streams("pieces-of-7", "§18.3", changed(in_pieces(7)))
streams("empty-line-before", "§7.5", changed(lambda data: b"\r\n" + data))
streams("ping-before", "RFC 5626 §3.5.1", changed(lambda data: [b"\r\n\r\n", data]))
streams("pong-before", "RFC 5626 §3.5.1", changed(lambda data: [b"\r\n", data]))
streams("nul-as-a-ping", "practice", changed(lambda data: [b"\r\n\0", data]))
streams("nuls-before", "practice", changed(lambda data: [b"\0\0\0\0", data]))
streams("provisional-in-the-same-segment", "§18.3", lambda request, number: [
    say(100)(request, number)[0] + asks(MD5)(request, number)[0]])
streams("length-compact-with-blanks", "§7.3.3", changed(lambda data: data.replace(b"Content-Length: 0", b"l \t: 0")))
streams("length-in-small-letters", "§7.3.1",
        changed(lambda data: data.replace(b"Content-Length: 0", b"content-length:0")))
streams("body-of-2000", "§18.3", changed(lambda data: data.replace(
    b"Content-Length: 0",
    b"Content-Type: text/plain\r\nContent-Length: 2000") + b"SIP/2.0 403 No\r\n\r\n" * 111 + b"ab"))
streams("header-of-24-kilobytes", "practice", changed(lambda data: data.replace(
    b"Content-Length", b"".join(b"P-Associated-URI: <sip:+3215%07d@example.com>\r\n" % n
                                for n in range(500)) + b"Content-Length")))
streams("lines-odd", "§8.2.2", changed(lambda data: data.replace(
    b"Content-Length", b"Server: a\r\nServer: b\r\nno colon\r\nDate: ?\r\nContent-Length")))
streams("to-odd", "§17.1.3", asks(MD5, answer=ok("To: {to};tag=x;;y==")))

# Connections (§18.1.1; a transaction lives on the connection that it was sent on)
streams("closed-with-the-challenge", "§18.1.1", changed(closes_at(401)))
streams("closed-with-the-200", "§18.1.1", changed(closes_at(200)))
streams("closed-with-each-answer", "§18.1.1", changed(closes_at(401, 200)),
        "bound; at least 4 REGISTERs; at most 9 REGISTERs",
        after=30, **BRISK)
streams("closed-before-the-refresh", "practice", changed(closes_at(200), ok()), "bound; at least 3 REGISTERs; "
        "apart by at least 3 s", after=22, **BRISK)
streams("closed-with-a-refusal", "practice", changed(closes_at(403), say(403)), "paused; 1 REGISTER")
streams("reset-at-the-refresh", "§8.1.3.1", resets(2), "bound; at least 4 REGISTERs", after=28, expires=14,
        minimum_interval=1)
streams("reset-at-the-first", "§8.1.3.1", resets(1), "not paused; at most 3 REGISTERs")
streams("challenge-half-then-closed", "practice", lambda request, number: (
    asks(MD5)(request, number) if number > 1 else [Closing(response(request, 401, ())[:40])]),
    "not paused; at most 4 REGISTERs")
streams("challenge-then-reset-when-asked", "practice", lambda request, number: (
    [Resetting()] if number == 2 else asks(MD5)(request, number)), "bound; at most 5 REGISTERs")
streams("200-then-ping-and-closed", "RFC 5626 §3.5.1", changed(lambda data: [data, b"\r\n\r\n", Closing(b"")]))

# Out of step (§18.3): what a message with a wrong length leaves behind
streams("rest-behind-the-challenge", "§18.3", changed(lambda data: data + b"left over\r\n" * (data[8:11] == b"401")))
streams("rest-behind-the-200", "§18.3", changed(lambda data: data + b"left over\r\n"))
streams("rest-before-the-refresh", "§18.3", lambda request, number: [
    b"left over " * (number == 2) + ok()(request, number)[0]], "bound; at least 3 REGISTERs; at most 6 REGISTERs",
        after=14, **BRISK)
