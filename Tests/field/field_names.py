"""Name servers that say odd things (RFC 3263 §4.2, RFC 4074)."""

from harness.names import AAAA, NXDOMAIN, SERVFAIL, A, alias, failure, records
from rows import answered
from saying import ok

NOTIMP, REFUSED = 4, 5
OWN = object()


def named(name, source, answer, verdict="bound; 1 REGISTER", after=9):
    """`answer(kind, host)`: what the name server says to a question of this type; `host` is where the registrar is."""
    answered(name, source, ok(), verdict, after, zone=answer)


def four(*addresses):
    """These A records, in which OWN is the registrar's, and no AAAA."""
    return lambda kind, host: records(kind, [host if address is OWN else address for address in addresses])


def beside(code):
    """The A record is there, the AAAA question fails so."""
    return lambda kind, host: failure(code) if kind == AAAA else records(kind, [host])


def at_first(times, bad):
    """So many bad answers to each type of question."""
    asked = {}

    def answer(kind, host):
        asked[kind] = asked.get(kind, 0) + 1
        return bad if asked[kind] <= times else records(kind, [host])
    return answer


named("name-without-aaaa", "RFC 4074 §3", four(OWN))
named("name-aaaa-servfail", "RFC 4074 §4.2", beside(SERVFAIL))
named("name-aaaa-nxdomain", "RFC 4074 §4.2", beside(NXDOMAIN))
named("name-aaaa-notimp", "RFC 4074 §4.3", beside(NOTIMP))
named("name-aaaa-refused", "RFC 4074 §4.4", beside(REFUSED))
named("name-aaaa-silent", "RFC 4074 §4.1", lambda kind, host: None if kind == AAAA else records(kind, [host]), after=34)
named("name-aaaa-gives-a", "RFC 4074 §4.5", lambda kind, host: records(A, [host]))
named("name-first-address-unused", "RFC 3263 §4.3", four("127.43.0.1", OWN), "bound")
named("name-ipv6-address-unused", "RFC 6724", lambda kind, host: records(kind, ["::1", host]),
      "bound; at most 2 REGISTERs")
named("name-servfail-at-first", "practice", at_first(2, failure(SERVFAIL)), "bound", after=45)
named("name-unspecified-beside", "RFC 1122 §3.2.1.3", four("0.0.0.0", OWN))
named("name-broadcast-beside", "RFC 1122 §3.2.1.3", four("255.255.255.255", OWN))
named("name-multicast-beside", "RFC 1112 §4", four("224.0.1.75", "239.1.2.3", OWN))
named("name-only-unspecified", "RFC 1122 §3.2.1.3", four("0.0.0.0"), "not bound; 0 REGISTERs; says 0.0.0.0")
named("name-only-multicast", "RFC 1112 §4", four("224.0.1.75"), "not bound; 0 REGISTERs; says 224.0.1.75")
named("name-ipv6-unspecified", "RFC 4291 §2.5.2", lambda kind, host: records(kind, ["::"]),
      "not bound; 0 REGISTERs; says ::")
named("name-unknown", "RFC 1035", lambda kind, host: failure(NXDOMAIN), "not bound; says name")
named("name-alias-without-end", "RFC 1034 §3.6.2", lambda kind, host: alias("nowhere.field.test"),
      "not bound; says name")
