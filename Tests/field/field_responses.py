"""Responses with something odd in them that a REGISTER does not need: the branch, sent-by and method say whose they
are."""

from rows import answered
from saying import ok, say

TAKEN = "bound; 1 REGISTER"
# When a transaction is over that had no answer of use (Timer F), in seconds after the start.
OVER = 38
# A header field may be as long as a datagram lets it.
LONG = "x" * 8000


def takes(name, source, *lines, verdict=TAKEN, **form):
    answered(name, source, ok(*lines, **form), verdict)


def discards(name, source, *lines, says):
    """Not ours, or no message; who waited for it is told so."""
    answered(name, source, ok(*lines), f"not bound; says {says}; does not say no answer", OVER)


# The topmost Via: only branch and sent-by count (§18.1.2)
takes("via-semicolon-at-end", "§18.1.2", "Via: {via};")
takes("via-two-semicolons", "§18.1.2", "Via: SIP/2.0/UDP {sent_by};;rport{branch}")
takes("via-semicolon-blank", "§18.1.2", "Via: SIP/2.0/UDP {sent_by}; ;rport=1{branch} ;")
takes("via-rport-without-value", "RFC 3581 §4", "Via: SIP/2.0/UDP {sent_by};rport={branch}")
takes("via-rport-a-word", "RFC 3581 §4", "Via: SIP/2.0/UDP {sent_by};rport=none{branch}")
takes("via-rport-twice", "RFC 3581 §4", "Via: SIP/2.0/UDP {sent_by};rport;rport=5060{branch}")
takes("via-received-without-value", "§18.2.1", "Via: {via};received=")
takes("via-received-a-name", "§18.2.1", "Via: {via};received=nat-gateway.local")
takes("via-received-bracketed", "RFC 5118 §4.5", "Via: {via};received=[2001:db8::9:1]")
takes("via-ttl-and-maddr-odd", "§20.42", "Via: {via};ttl=many;maddr=")
takes("via-cookie-base64", "practice", "Via: {via};x-route=c29tZXdoZXJl==")
takes("via-parameter-only-equals", "practice", "Via: {via};=")
takes("via-parameter-utf8", "practice", "Via: {via};gerät=küche")
takes("via-parameter-open-quote", "practice", 'Via: {via};x="open')
takes("via-parameters-first", "§7.3.1", "Via: SIP/2.0/UDP {sent_by};alias;i=7;x=\"a;b=c\"{branch};rport=7")
takes("via-blanks-everywhere", "§25.1", "Via: SIP  /  2.0 /UDP\t{sent_by} ; rport = 9 {branch}")
takes("via-small-letters", "§7.3.1", "-Via", "vIA: sip/2.0/udp {sent_by}{branch}")
takes("via-compact", "§7.3.3", "-Via", "v:SIP/2.0/UDP {sent_by}{branch}")
takes("via-folded", "§7.3.1", "Via: SIP/2.0/UDP\r\n {sent_by}\r\n\t{branch}")
takes("via-port-left-out", "§18.1.2, §20.42", "Via: SIP/2.0/UDP {host_of_via}{branch};rport=5060")
takes("via-branch-in-capitals", "§7.3.1", "Via: SIP/2.0/UDP {sent_by};BRANCH{branch_value}")
takes("via-comma-at-end", "practice", "Via: {via},")
discards("via-of-a-proxy-below", "§8.1.3.3", "Via: {via}", "Via: SIP/2.0/UDP 192.0.2.44;branch=z9hG4bKabove",
         says="Via")
discards("via-of-another-host", "§18.1.2", "Via: SIP/2.0/UDP 192.0.2.44:5060{branch}", says="Via")
discards("via-of-another-port", "§18.1.2", "Via: SIP/2.0/UDP {host_of_via}:5099{branch}", says="Via")

# From, To, Call-ID: copies of ours, which nothing depends on
takes("to-semicolon-at-end", "§17.1.3", "To: {to};tag=end;")
takes("to-two-semicolons", "§17.1.3", "To: {to};;tag=two")
takes("to-tag-base64", "practice", "To: {to};tag=ZmllbGQ9dGFibGU==")
takes("to-tag-twice", "practice", "To: {to};tag=one;tag=two")
takes("to-tag-empty", "practice", "To: {to};tag=")
takes("to-without-tag", "§8.2.6.2", "To: {to}")
takes("to-name-utf8", "practice", "To: Zoë Größe {to};tag=u")
takes("to-name-with-comma", "practice", "To: Desk, 2nd floor (left) {to};tag=u")
takes("to-name-quote-open", "practice", 'To: "Desk {to};tag=u')
takes("to-name-quoted-pairs", "§25.1", 'To: "a \\"b\\" \\\\ <c>" {to};tag=u')
takes("to-user-without-host", "practice", "To: <sip:alice@>;tag=u")
takes("to-no-uri", "practice", "To: <>;tag=u")
takes("to-brackets-left-out", "§20.10", "To: sip:somebody@example.org;tag=u")
takes("to-is-tel", "RFC 3966", "To: <tel:+3215550100;phone-context=+32>;tag=u")
takes("to-left-out", "§17.1.3", "-To")
takes("to-twice", "§17.1.3", "To: {to};tag=one", "To: {to};tag=two")
takes("from-cookie-base64", "practice", "From: {from};x-sbc=Zm9v==")
takes("from-of-another-host", "§17.1.3", "From: <sip:hidden@192.0.2.8>;tag={from_tag}")
takes("from-unclosed", "practice", "From: <sip:desk@example.com;tag={from_tag}")
takes("from-left-out", "§17.1.3", "-From")
takes("call-id-with-comment", "practice", "Call-ID: {call_id} (copy)")
takes("cseq-zeros-and-tab", "§20.16", "CSeq: 00{cseq}\tREGISTER")
discards("cseq-of-another-method", "§17.1.3", "CSeq: {cseq} OPTIONS", says="CSeq")
discards("cseq-left-out", "§17.1.3", "-CSeq", says="CSeq")

# Single fields that stand there twice, as chains of servers write them
for _field, _value in (
        ("Server", "sbc 1"), ("User-Agent", "pbx 2"), ("Date", "Tue, 03 Feb 2026 09:00:00 GMT"), ("Subject", "hello"),
        ("Organization", "Example"), ("Timestamp", "7.5"), ("Max-Forwards", "69"), ("Content-Type", "text/plain"),
        ("MIME-Version", "1.0"), ("Retry-After", "9"), ("Min-Expires", "30"), ("Event", "presence"),
        ("Priority", "urgent"), ("Reply-To", "<sip:a@example.com>"), ("Session-Expires", "90"), ("SIP-ETag", "e1")):
    takes(f"twice-{_field.lower()}", "§8.2.2, §7.3.1", f"{_field}: {_value}", f"{_field}: {_value}")
takes("twice-expires-the-same", "§7.3.1", "Contact: <{contact}>", "Expires: 47", "Expires: 47",
      verdict="bound for 47 s")
takes("twice-expires-first-odd", "§7.3.1", "Contact: <{contact}>", "Expires: soon", "Expires: 48",
      verdict="bound for 48 s")
takes("twice-content-length", "RFC 4475 §3.3.9", "Content-Length: 0", "l: 0")
takes("twice-call-id", "§17.1.3", "Call-ID: {call_id}", "i: {call_id}")
takes("twice-cseq-the-same", "§17.1.3", "CSeq: {cseq} REGISTER", "CSeq: {cseq} REGISTER")
takes("twice-from", "§17.1.3", "From: {from}", "From: {from}")
takes("twice-contact-own", "§10.3", "Contact: <{contact}>;expires=44", "Contact: <{contact}>;expires=44",
      verdict="bound for 44 s")

# Lines that are none, and fields that nobody knows
takes("line-without-colon", "practice", "charged 0.25 to 4711")
takes("line-name-with-blanks", "§7.3.1", "X Gateway Load: 17")
takes("line-only-a-colon", "practice", ": nothing")
takes("line-name-utf8", "practice", "X-Größe: 3")
takes("line-name-brackets", "practice", "X-Load[1]: 3")
takes("line-continues-nothing", "practice", "X-A: 1\r\n \r\nX-B: 2")
takes("value-octets", "practice", "X-Raw: \udce4\udcff\udc81 \x01\x7f")
takes("value-empty", "§7.3.1", "X-Empty:", "X-Blank:   ")
takes("value-long", "practice", f"X-Long: {LONG}")
takes("fields-300", "practice", *(f"X-Row-{number}: {number}" for number in range(300)))
takes("fields-1200", "practice", *(f"X-{number}: y" for number in range(1200)))
takes("fields-300-of-associated", "RFC 3455",
      *(f"P-Associated-URI: <sip:+3215{number}@example.com>" for number in range(300)))
takes("fields-of-ims", "RFC 3608, RFC 3327, RFC 3329", "Service-Route: <sip:orig@s.example.com;lr>",
      "Path: <sip:p.example.com;lr;ob>",
      "Security-Server: digest;q=0.2", "P-Charging-Vector: icid-value=\"7 7\";orig-ioi=a", "Require: path")
takes("record-route", "§10.3", "Record-Route: <sip:192.0.2.12;lr>")
takes("date-and-warning-odd", "§8.2.2", "Date: yesterday", "Warning: none", "Allow: INVITE,,ACK", "Supported: path,,")

# Where a message begins and ends
takes("end-one-crlf-missing", "§7 (the datagram ends there)", end="\r\n")
takes("end-both-crlf-missing", "§7", end="")
takes("end-missing-behind-contact", "§7", "-Content-Length", "-Contact", "Contact: <{contact}>;expires=52", end="\r\n",
      verdict="bound for 52 s")
takes("lines-end-with-lf", "practice (RFC 2543 §2)", eol="\n", end="\n\n")
takes("one-line-ends-with-lf", "practice", "To: {to};tag=lf\nX-After: 1")
takes("begins-with-empty-lines", "§7.5", start="\r\n\r\n")
takes("length-left-out", "§18.3", "-Content-Length")
takes("length-empty", "§18.3", "Content-Length:")
takes("length-a-word", "§18.3", "Content-Length: none")
takes("length-too-short", "§18.3", "Content-Type: text/plain", "Content-Length: 4", "body four and more")
discards("length-too-long", "§18.3 (shall be discarded)", "Content-Length: 40", says="Content-Length")
takes("body-looks-like-sip", "§18.3", "Content-Type: message/sip", "Content-Length: 20",
      "body SIP/2.0 500 No\r\n\r\nxx")

# The status line
takes("reason-left-out", "§7.2", "SIP/2.0 200 ")
takes("reason-and-blank-left-out", "practice", "SIP/2.0 200")
takes("reason-utf8", "§7.2", "SIP/2.0 200 Angemeldet: für 60 s [ok]")
takes("version-small-letters", "§7.1", "sip/2.0 200 ok")
takes("status-204", "§21.2 (any 2xx)", "SIP/2.0 204 No Notification")
takes("status-299", "§21.2 (any 2xx)", "SIP/2.0 299 Fine")
answered("provisional-first", "§17.1.2", lambda request, number: [
    *say(100)(request, number), *[(0.6, data) for data in ok()(request, number)]], TAKEN)
answered("provisional-odd", "§17.1.2", lambda request, number: [
    *say(183, "-To", "-From", "Server: a", "Server: b")(request, number),
    *[(0.6, data) for data in ok()(request, number)]],
    TAKEN)
answered("bad-copy-then-good-one", "practice", lambda request, number: [
    *say(200, "-CSeq")(request, number), *[(0.4, data) for data in ok()(request, number)]], TAKEN)
