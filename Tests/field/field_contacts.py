"""What a 200 lists: which Contact is ours, and for how long it is granted (§10.2.4, §19.1.4)."""

from rows import answered
from saying import ok

# What every account of the table asks for, unless its row says otherwise.
ASKED = 60


def lists(name, source, *contacts, verdict="bound; 1 REGISTER", fields=(), after=9, **account):
    """Each of these is a Contact field of its own."""
    lines = [f"Contact: {contact}" for contact in contacts] or ["-Contact"]
    answered(name, source, ok(*lines, *fields), verdict, after, **account)


# Ours among others
lists("own-second-in-a-list", "§10.2.4", "<sip:desk@192.0.2.7>;expires=8, <{contact}>;expires=51",
      verdict="bound for 51 s")
lists("own-second-field", "§10.2.4", "<sip:desk@192.0.2.7>;expires=8", "<{contact}>;expires=53",
      verdict="bound for 53 s")
lists("own-behind-another-device", "§19.1.4",
      "<{contact_user}@127.0.0.1:5999;line=other>;expires=8, <{contact}>;expires=54",
      verdict="bound for 54 s")
lists("own-compact-name", "§7.3.3", fields=("m: <{contact}>;expires=55",), verdict="bound for 55 s")
lists("own-without-brackets", "§20.10", "{contact};expires=43", verdict="bound for 43 s")
lists("own-twice-in-a-list", "§10.3", "<{contact}>;expires=45, <{contact}>;expires=45", verdict="bound for 45 s")
lists("own-among-500", "§10.3", ", ".join(f"<sip:u{number}@192.0.2.7:5060>;expires=8" for number in range(500)) +
      ", <{contact}>;expires=46", verdict="bound for 46 s")
lists("own-the-400th-field", "§10.3", *(f"<sip:u{number}@192.0.2.7>;expires=8" for number in range(399)),
      "<{contact}>;expires=46", verdict="bound for 46 s")
lists("own-beside-a-star", "practice", "*", "<{contact}>;expires=40", verdict="bound for 40 s")
lists("own-beside-an-empty-field", "practice", "", "<{contact}>;expires=41", verdict="bound for 41 s")
lists("own-between-commas", "practice", ",, <{contact}>;expires=42 ,", verdict="bound for 42 s")
lists("own-behind-an-unclosed-one", "practice", "<sip:desk@192.0.2.7;expires=9", "<{contact}>;expires=39",
      verdict="bound for 39 s")
lists("own-behind-a-stray-colon", "practice", "<sip:desk@192.0.2.7>;expires=9,: <{contact}>;expires=39",
      verdict="bound for 39 s")
lists("own-before-another-field", "practice", "<{contact}>;expires=39,Date:Fri, 06 Mar 2026 08:00:00 GMT",
      verdict="bound for 39 s")
lists("own-behind-a-quoted-parameter", "practice", '<sip:192.0.2.7:443;x="a+/=">;expires=9, <{contact}>;expires=39',
      verdict="bound for 39 s")
lists("own-beside-a-tel", "RFC 3966", "<tel:+3215550100>;expires=9, <{contact}>;expires=38", verdict="bound for 38 s")
lists("own-with-a-semicolon-at-end", "practice", "<{contact}>;expires=37;", verdict="bound for 37 s")
lists("own-with-cookie-base64", "practice", "<{contact}>;flow=Zm9vYmFy==;expires=36", verdict="bound for 36 s")
lists("own-with-many-parameters", "RFC 3840, RFC 5627",
      '"Desk, \\"2\\" <x>" <{contact}>;q=0.7;+sip.instance="<urn:uuid:'
      '00000000-0000-1000-8000-000a95a0e128>";reg-id=1;methods="INVITE;ACK,BYE";audio;expires=35',
      verdict="bound for 35 s")

lists("own-removed-and-own", "§10.3", "<{contact}>;expires=0, <{contact}>;expires=30", verdict="bound for 30 s")

# Ours, written differently
lists("own-port-rewritten", "practice (ALG)", "<{contact_user}@127.0.0.1:6099{mark}>;expires=34",
      verdict="bound for 34 s")
lists("own-host-rewritten", "practice (ALG)", "<{contact_user}@198.51.100.4:{port}{mark}>;expires=33",
      verdict="bound for 33 s")
lists("own-user-rewritten", "practice (SBC)", "<sip:trunk-7@198.51.100.4:5072{mark}>;expires=32",
      verdict="bound for 32 s")
lists("own-mark-dropped", "practice (SBC)", "<{plain}>;expires=31", verdict="bound for 31 s")
lists("own-mark-behind-the-brackets", "practice", "<{plain}>{mark};expires=31", verdict="bound for 31 s")
lists("own-transport-added", "§19.1.4", "<{contact};transport=udp>;expires=31", verdict="bound for 31 s")
lists("own-parameters-added", "practice", "<{contact};ob;alias=127.0.0.1~5060~1;x=\"a\">;expires=31",
      verdict="bound for 31 s")
lists("own-in-capitals", "§19.1.4", "<SIP:{user}@{place};LINE{mark_value}>;expires=31", verdict="bound for 31 s")
lists("own-small-letters", "practice", "<{contact_lower}>;expires=31", verdict="bound for 31 s",
      contact_user="DeskPhone")
lists("own-user-escaped", "§19.1.4", "<sip:%61bc@{place}{mark}>;expires=31", verdict="bound for 31 s",
      contact_user="abc")
lists("host-port-dropped", "practice", "<sip:{user}@192.0.2.70{mark}>;expires=31", verdict="bound for 31 s",
      contact_host="192.0.2.70", contact_port=5060)
lists("host-port-added", "practice", "<sip:{user}@192.0.2.71:5060{mark}>;expires=31", verdict="bound for 31 s",
      contact_host="192.0.2.71")
lists("host-port-added-mark-dropped", "practice", "<sip:{user}@192.0.2.71:5060>;expires=31", verdict="bound for 31 s",
      contact_host="192.0.2.71")
lists("host-transport-added", "practice", "<sip:{user}@192.0.2.72:5060;transport=udp>;expires=31",
      verdict="bound for 31 s", contact_host="192.0.2.72", contact_port=5060)
lists("host-rewritten", "practice", "<sip:{user}@{host}:{seen}{mark}>;expires=31", verdict="bound for 31 s",
      contact_host="192.0.2.73", contact_port=5060)
lists("host-behind-two-others", "practice", "<sip:a@192.0.2.7>;expires=8, <sip:b@192.0.2.8>;expires=8, "
      "<sip:{user}@192.0.2.74:5060>;expires=31", verdict="bound for 31 s", contact_host="192.0.2.74")

# Not ours, or nothing
lists("one-that-is-not-ours", "practice (ALG, SBC)", "<sip:gw-9@198.51.100.9:5088>;expires=33",
      verdict="bound for 33 s; 1 REGISTER; says another Contact; says gw-9@198.51.100.9")
lists("one-not-ours-for-longer", "practice", "<sip:gw-9@198.51.100.9>;expires=7200",
      verdict="bound for 60 s; says another Contact")
lists("one-not-ours-no-expiry", "practice", "<sip:gw-9@198.51.100.9>", verdict="bound for 60 s; says another Contact")
lists("one-not-ours-header-expiry", "practice", "<sip:gw-9@198.51.100.9>", fields=("Expires: 28",),
      verdict="bound for 28 s")
lists("none-and-an-expiry", "practice", fields=("Expires: 27",), verdict="bound for 27 s; 1 REGISTER")
lists("none-and-no-expiry", "practice", verdict="bound for 60 s; 1 REGISTER")
lists("two-that-are-not-ours", "§10.2.4", "<sip:gw-9@198.51.100.9>;expires=50, <sip:gw-8@198.51.100.9>;expires=50",
      verdict="not bound; says Contact")
lists("strict-one-not-ours", "§10.2.4", "<sip:gw-9@198.51.100.9>;expires=50", verdict="not bound; says Contact",
      contact_match="strict")
lists("strict-none", "§10.2.4", fields=("Expires: 50",), verdict="not bound; says Contact", contact_match="strict")
lists("strict-ours", "§10.2.4", "<{contact}>;expires=29", verdict="bound for 29 s", contact_match="strict")
lists("none-refreshed-in-time", "practice", fields=("Expires: 12",), verdict="bound for 12 s; at least 2 REGISTERs; "
      "apart by at least 5 s", after=20)

# For how long
lists("expiry-quoted", "§20.10", '<{contact}>;expires="26"', verdict="bound for 26 s", expires=600)
lists("expiry-in-the-brackets", "practice", "<{contact};expires=26>", verdict="bound for 26 s", expires=600)
lists("expiry-in-both-places", "practice", "<{contact};expires=99>;expires=26", verdict="bound for 26 s", expires=600)
lists("expiry-in-capitals", "§7.3.1", "<{contact}>;Expires=26", verdict="bound for 26 s", expires=600)
lists("expiry-with-blanks", "§25.1", "<{contact}> ; expires\t= 26", verdict="bound for 26 s", expires=600)
lists("expiry-first-of-two", "practice", "<{contact}>;expires=26;expires=3600", verdict="bound for 26 s", expires=600)
lists("expiry-in-the-header", "§10.2.4", "<{contact}>", fields=("Expires: 25",), verdict="bound for 25 s")
lists("expiry-nowhere", "§10.3", "<{contact}>", verdict=f"bound for {ASKED} s")
lists("expiry-over-the-header", "§10.2.4", "<{contact}>;expires=24", fields=("Expires: 3600",),
      verdict="bound for 24 s")
lists("expiry-of-somebody-else", "§10.2.4", "<sip:desk@192.0.2.7>;expires=7, <{contact}>", fields=("Expires: 23",),
      verdict="bound for 23 s")
for _name, _text in (("with-a-fraction", "29.5"), ("a-word", "soon"), ("empty", ""), ("negative", "-1"),
                     ("hexadecimal", "0x3c"), ("a-date", "Tue")):
    lists(f"expiry-{_name}", "§20.10", f"<{{contact}}>;expires={_text}", fields=("Expires: 22",),
          verdict="bound for 22 s", expires=600)
lists("expiry-unreadable-everywhere", "§20.10", "<{contact}>;expires=soon", fields=("Expires: later",),
      verdict=f"bound for {ASKED} s")
# 2^32 - 1 is the most that the value may be (§20.19): what is more can not be read, and is never taken for the longest.
lists("expiry-huge", "§20.19", "<{contact}>;expires=99999999999999999999", verdict=f"bound for {ASKED} s")
lists("expiry-longest", "§20.19", "<{contact}>;expires=4294967295", verdict=f"bound for {7 * 86400} s")
lists("expiry-nought", "§10.2.2", "<{contact}>;expires=0", verdict="not bound")
lists("expiry-nought-with-fraction", "§20.10", "<{contact}>;expires=0.5", fields=("Expires: 21",),
      verdict="bound for 21 s")


# How we are seen: a Contact is made of it only where it can be one (RFC 3581 §4)
def sees(name, received, verdict, source="RFC 3581 §4"):
    answered(name, source, ok("Via: SIP/2.0/UDP {sent_by};" + received + "{branch}"),
             f"bound; at most 3 REGISTERs; {verdict}", after=14, contact_rewrite=True, minimum_interval=1)


sees("nat", "received=198.51.100.7;rport=40007", "sent 198.51.100.7:40007")
for _name, _host in (("unspecified", "0.0.0.0"), ("broadcast", "255.255.255.255"), ("multicast", "224.0.1.75"),
                     ("class-e", "240.0.0.1")):
    sees(f"nat-says-{_name}", f"received={_host};rport=40007", f"never sent @{_host}")
sees("nat-says-a-name", "received=nat.field.test;rport=40007", "never sent @nat.field.test")
sees("nat-says-nothing", "received=;rport=40007", "never sent @:")
for _name, _port in (("nought", "0"), ("beyond", "70000"), ("a-word", "none"), ("negative", "-5")):
    sees(f"nat-port-{_name}", f"received=198.51.100.7;rport={_port}", f"never sent 198.51.100.7:{_port}")
answered("nat-that-wanders", "practice", lambda request, number: ok(
    f"Via: SIP/2.0/UDP {{sent_by}};received=198.51.100.7;rport={41000 + number}{{branch}}")(request, number),
    "at most 6 REGISTERs", after=20, contact_rewrite=True, minimum_interval=1)
