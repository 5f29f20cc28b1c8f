"""What each provider of config/providers.toml does, and what it has to see."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Provider:
    # The name of the account, and where its registrar or edge is.
    name: str
    places: list
    # What it wants in credentials.
    username: str
    realm: str
    # What it has to see: the Request-URI, and To.
    uri: str
    aor: str
    transport: str = "udp"
    # Whom its certificate names.
    domain: str = ""
    resource: str = ""
    # What it grants, in seconds; None: what is asked.
    grants: int | None = None
    # Places that nobody is at.
    down: list = field(default_factory=list)


PROVIDERS = [
    Provider("srv-alone", [("192.0.2.11", 5060), ("192.0.2.12", 5060)], "1234567e0", "voice.example.com",
             "sip:voice.example.com", "sip:03012345678@voice.example.com"),
    Provider("address-alone", [("192.0.2.21", 5060)], "2001", "office", "sip:sip.office.example.net",
             "sip:2001@sip.office.example.net"),
    Provider("srv-priorities", [("192.0.2.32", 5060)], "trunk-77", "trunk", "sip:trunk.example.net",
             "sip:trunk-77@trunk.example.net", down=[("192.0.2.31", 5060)]),
    Provider("tcp-by-srv", [("192.0.2.41", 5065)], "carol", "stream.example.org", "sip:stream.example.org",
             "sip:carol@stream.example.org", "tcp"),
    Provider("proxy-of-another-domain", [("192.0.2.51", 5060)], "customer-9@carrier.example.net", "carrier",
             "sip:line.example.com", "sip:+493012345678@line.example.com"),
    Provider("realm-of-its-own", [("192.0.2.61", 5060)], "4711", "core-1.pbx", "sip:sip.realm.example.com",
             "sip:4711@sip.realm.example.com"),
    Provider("behind-a-router", [("192.0.2.71", 5060)], "dave", "home", "sip:sip.home.example.org",
             "sip:dave@sip.home.example.org"),
    Provider("number-with-plus", [("192.0.2.81", 5060)], "+442079460000", "pstn.example.com", "sip:pstn.example.com",
             "sip:+442079460000@pstn.example.com", grants=60),
    Provider("numeric", [("203.0.113.80", 5080)], "100", "pbx", "sip:203.0.113.80:5080", "sip:100@pbx.example.com"),
    Provider("user-like-mail", [("192.0.2.91", 5060)], "erin@mail.example.org", "mail-voice",
             "sip:mail-voice.example.org", "sip:erin%40mail.example.org@mail-voice.example.org"),
    Provider("tls-at-5061", [("192.0.2.101", 5061)], "frank", "tls", "sip:tls.example.net:5061;transport=tls",
             "sip:frank@tls.example.net", "tls", "tls.example.net"),
    Provider("naptr-to-tls", [("192.0.2.111", 5061)], "grace", "secure", "sip:secure.example.org",
             "sip:grace@secure.example.org", "tls", "secure.example.org"),
    Provider("sips", [("192.0.2.121", 5061)], "heidi", "private", "sips:private.example.com",
             "sips:heidi@private.example.com", "tls", "private.example.com"),
    Provider("websocket", [("192.0.2.131", 443)], "ivan", "web", "sip:web.example.com", "sip:ivan@web.example.com",
             "wss", "ws.web.example.com", "/sip"),
]
