"""The table of certificates.py: what a server shows or does, and what the daemon has to say to that."""

from dataclasses import dataclass

# Nobody has anything against it.
ACCEPTED = ""


@dataclass(frozen=True)
class Row:
    """`words`: what an operator reads; in braces what only the program knows, such as the place of a file."""

    # What the configuration says: the host of the registrar.
    expected: str
    # Of subjectAltName, as openssl writes them.
    names: tuple
    words: str
    # What is special about it, for who reads the table.
    remark: str = ""
    subject: str = "/O=Test"
    # From when and until when it is valid, counted from today.
    days: tuple = (-1, 30)
    # Who vouches for it: ours, another, between, itself.
    issuer: str = "ours"
    # How the server is: modern, 1.1, 1.2, 1.3, ciphers (that nobody has), plain, mute, hasty; chainless: it shows no
    # certificate but its own; before: it is the one of the row before.
    server: str = "modern"
    # Whether the server wants a certificate of ours, and which one it gets: none, ours, another, expired.
    client: str = ""
    # What the daemon trusts: ours, system, itself.
    trusts: str = "ours"
    # Other keys of the account; in braces as above.
    keys: tuple = ()
    # How the registrar is written.
    uri: str = "sip:{expected}:{port};transport=tls"
    # The extension extendedKeyUsage.
    usage: str = ""
    # What the journal says beside.
    journal: str = ""

    @property
    def is_address(self):
        """Nobody is asked for by it (RFC 6066 §3)."""
        return self.expected[0] in "[1"

    @property
    def is_searched(self):
        """Its port comes from SRV records."""
        return "{port}" not in self.uri and not self.keys


def stranger(expected, found, remark=""):
    return f"certificate of somebody else (expected {expected}, the certificate names {found}{remark})"


WILDCARD = "; a wildcard does not count, RFC 5922"
BESIDE_URI = "; a DNS name does not count beside the domain of a sip URI, RFC 5922"
BESIDE_NAMES = "; the common name does not count beside other names, RFC 5922"
OLD = "the certificate of a.test names it as its common name only, which new certificates do not: RFC 5922 §7.1"
WANTED = "TLS refused (a.test wants a certificate of ours, and none is configured)"
# All that TLS 1.2 tells.
HANDSHAKE = "TLS refused (a.test has no cipher in common with us, or wants a certificate of ours)"
UNKNOWN = "TLS refused (a.test trusts no authority that vouches for our certificate in {own})"
EXPIRED = "TLS refused (a.test says that our certificate in {own} has expired)"
UNTRUSTED = (
    "certificate not trusted (that of a.test is signed by {issuer}, which is not among {trusted}, nor signed by one of "
    "them)")

# Whom a certificate names (RFC 5922 §7.1, §7.2).
NAMES = [
    Row("a.test", ("URI:sip:a.test",), ACCEPTED),
    Row("a.test", ("URI:SIP:A.Test",), ACCEPTED),
    Row("a.test", ("URI:sip:b.test", "URI:sip:a.test"), ACCEPTED),
    Row("a.test", ("URI:sip:a.test:5061",), ACCEPTED),
    Row("a.test", ("URI:sip:a.test;transport=tls",), ACCEPTED),
    Row("a.test", ("URI:sip:b.test",), stranger("a.test", "sip:b.test")),
    Row("a.test", ("URI:sip:alice@a.test",), stranger("a.test", "sip:alice@a.test")),
    Row("a.test", ("URI:sips:a.test",), stranger("a.test", "sips:a.test")),
    Row("a.test", ("URI:https://a.test",), stranger("a.test", "https://a.test")),
    Row("a.test", ("URI:sip:evil.test;a.test",), stranger("a.test", "sip:evil.test;a.test")),
    Row("a.test", ("URI:sip:a.test.evil.test",), stranger("a.test", "sip:a.test.evil.test")),
    Row("a.test", ("DNS:a.test",), ACCEPTED),
    Row("a.test", ("DNS:A.TEST",), ACCEPTED),
    Row("A.Test", ("DNS:a.test",), ACCEPTED),
    Row("a.test", ("DNS:edge.b.test", "DNS:a.test"), ACCEPTED),
    Row("a.test", ("URI:sip:alice@a.test", "DNS:a.test"), ACCEPTED),
    Row("a.test", ("URI:https://a.test", "DNS:a.test"), ACCEPTED),
    Row("a.test", ("URI:sip:b.test", "DNS:a.test"), stranger("a.test", "sip:b.test, a.test", BESIDE_URI)),
    Row("a.test", ("DNS:edge1.a.test",), stranger("a.test", "edge1.a.test")),
    Row("a.test", ("DNS:test",), stranger("a.test", "test")),
    Row("xn--bcher-kva.test", ("DNS:xn--bcher-kva.test",), ACCEPTED),
    Row("sip.a.test", ("DNS:*.a.test",), stranger("sip.a.test", "*.a.test", WILDCARD)),
    Row("sip.a.test", ("DNS:*.a.test", "DNS:sip.a.test"), ACCEPTED),
    Row("sip.a.test", ("URI:sip:*.a.test",), stranger("sip.a.test", "sip:*.a.test")),
    Row("sip.a.test", ("DNS:.a.test",), stranger("sip.a.test", ".a.test")),
    Row("a.test", (), ACCEPTED, subject="/CN=a.test", journal=OLD),
    Row("a.test", (), stranger("a.test", "b.test"), subject="/CN=b.test"),
    Row("a.test", (), stranger("a.test", "*.test"), subject="/CN=*.test"),
    Row("a.test", (), stranger("a.test", "nobody")),
    Row("a.test", ("DNS:b.test",), stranger("a.test", "b.test", BESIDE_NAMES), subject="/CN=a.test"),
    Row("a.test", ("email:alice@a.test",), stranger("a.test", "nobody", BESIDE_NAMES), subject="/CN=a.test"),
    Row("127.0.0.1", ("IP:127.0.0.1",), ACCEPTED),
    Row("127.0.0.1", ("IP:127.0.0.2",), stranger("127.0.0.1", "127.0.0.2")),
    Row("127.0.0.1", ("DNS:127.0.0.1",), stranger("127.0.0.1", "127.0.0.1")),
    Row("127.0.0.1", (), stranger("127.0.0.1", "127.0.0.1"), subject="/CN=127.0.0.1"),
    Row("[::1]", ("IP:::1",), ACCEPTED),
    Row("a.test", ("IP:127.0.0.1",), stranger("a.test", "127.0.0.1")),
]

# Which name of several counts: the one that was configured, and not one that DNS or a proxy leads to.
WAYS = [
    Row("srv.test", ("DNS:srv.test",), ACCEPTED, "found by SRV", uri="sip:srv.test;transport=tls"),
    Row("other.test", ("DNS:edge.b.test",), stranger("other.test", "edge.b.test"), "of the target of SRV alone",
        uri="sip:other.test;transport=tls"),
    Row("a.test", ("DNS:a.test",), ACCEPTED, "sips", uri="sips:{expected}:{port}"),
    Row("a.test", ("DNS:b.test",), stranger("a.test", "b.test"), "sips", uri="sips:{expected}:{port}"),
    Row("a.test", ("DNS:b.test",), stranger("a.test", "b.test"), "over WebSocket",
        uri="sip:{expected}:{port};transport=wss"),
    Row("edge.test", ("DNS:edge.test",), ACCEPTED, "as a proxy for a.test", uri="sip:a.test",
        keys=(("outbound_proxy", "sip:edge.test:{port};transport=tls"),)),
    Row("edge.test", ("DNS:a.test",), stranger("edge.test", "a.test"), "as a proxy for a.test", uri="sip:a.test",
        keys=(("outbound_proxy", "sip:edge.test:{port};transport=tls"),)),
]

# Who vouches for it, and when.
TRUST = [
    Row("a.test", ("DNS:a.test",), "certificate not trusted (that of a.test expired on {end})", "expired",
        days=(-9, -2)),
    Row("a.test", ("DNS:a.test",),
        "certificate not trusted (that of a.test is not valid before {begin}; is the clock of this host right?)",
        "not yet valid", days=(2, 9)),
    Row("a.test", ("DNS:a.test",), UNTRUSTED.replace("{issuer}", "Another Authority"), "unknown authority",
        issuer="another"),
    Row("a.test", ("DNS:a.test",), UNTRUSTED.replace("{issuer}", "Test Authority"), "an authority of nobody else",
        trusts="system"),
    Row("a.test", ("DNS:a.test",),
        "certificate not trusted (that of a.test is signed by nobody but itself, and not among {trusted})",
        "self-signed", issuer="itself", subject="/CN=a.test"),
    Row("a.test", ("DNS:a.test",), ACCEPTED, "self-signed, and named in ca_file", issuer="itself", trusts="itself",
        subject="/CN=a.test"),
    Row("a.test", ("DNS:b.test",), stranger("a.test", "b.test"), "self-signed, and named in ca_file", issuer="itself",
        trusts="itself", subject="/CN=b.test"),
    Row("a.test", ("DNS:a.test",), ACCEPTED, "an authority between", issuer="between"),
    Row("a.test", ("DNS:a.test",), UNTRUSTED.replace("{issuer}", "Authority Between"),
        "an authority between, which is not shown", issuer="between", server="chainless"),
    Row("a.test", ("DNS:a.test",), ACCEPTED, "for servers and clients", usage="clientAuth,serverAuth"),
    Row("a.test", ("DNS:a.test",),
        "certificate not trusted (that of a.test is not one for servers: its extended key usage says so)",
        "for clients alone", usage="clientAuth"),
]

# What else a peer does. The second row asks for b.test where a connection to a.test is open.
PEERS = [
    Row("a.test", ("DNS:a.test",), ACCEPTED),
    Row("b.test", (), stranger("b.test", "a.test"), "at the server of a.test, which is spoken to", server="before"),
    Row("a.test", ("DNS:a.test",), ACCEPTED, "TLS 1.2", server="1.2"),
    Row("a.test", ("DNS:a.test",), ACCEPTED, "TLS 1.3", server="1.3"),
    Row("a.test", ("DNS:a.test",), "TLS refused (a.test speaks no TLS 1.2 and none that is newer)", "TLS 1.1",
        server="1.1"),
    Row("a.test", ("DNS:a.test",), HANDSHAKE, "ciphers of its own", server="ciphers"),
    Row("a.test", (), "no TLS there (a.test answers, but not by TLS: is it the port of another transport?)",
        "no TLS there", server="plain"),
    Row("a.test", (), "no TLS there (a.test ended the connection within the TLS handshake)", "closes at once",
        server="hasty"),
    Row("a.test", (), "timed out (no answer to the TLS handshake)", "says nothing", server="mute"),
    *(Row("a.test", ("DNS:a.test",), words, f"wants a certificate of ours, TLS {version}; {client}", server=version,
          client=client)
      for version, wanted in (("1.2", HANDSHAKE), ("1.3", WANTED))
      for client, words in (("none", wanted), ("ours", ACCEPTED), ("another", UNKNOWN), ("expired", EXPIRED))),
]
ROWS = [*NAMES, *WAYS, *TRUST, *PEERS]
