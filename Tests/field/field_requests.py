"""What callers, servers and scanners send to the port of a registered account (§8.2, §11, §18.2.2)."""

from rows import asked

SDP = "v=0\r\no=- 7 7 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\nm=audio 4004 RTP/AVP 8\r\n"
MWI = "Messages-Waiting: yes\r\nVoice-Message: 1/0 (0/0)\r\n"
# From the sender's port; the answer finds it by Via as well.
VIA = "Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{name};rport"


def asks(name, source, method, *lines, verdict="200", uri="{contact}", body="", end="\r\n\r\n", eol="\r\n"):
    """A request of good form, of which these lines take the place of the ones with that name; "-From" takes one
    away."""
    def message(place):
        fields = {
            "Via": VIA, "Max-Forwards": "Max-Forwards: 70", "From": "From: <sip:probe@field.test>;tag=p",
            "To": f"To: <{uri}>", "Call-ID": "Call-ID: {name}@field.test", "CSeq": f"CSeq: 7 {method}",
            "Content-Length": f"Content-Length: {len(body)}"}
        texts = []
        for line in lines:
            known = line.lstrip("-").partition(":")[0].strip()
            fields.pop(known, None)
            if not line.startswith("-"):
                texts.append(line)
        length = fields.pop("Content-Length", None)
        head = [f"{method} {uri} SIP/2.0", *fields.values(), *texts, *([length] if length else [])]
        known = {**place, "name": name}
        return (eol.join(head).format_map(known) + end + body).encode("utf-8", "surrogateescape")
    asked(name, source, message, verdict)


# OPTIONS, as servers send it to see whether a contact lives (§11.2)
def options(name, source, *lines, verdict="200", **more):
    asks(name, source, "OPTIONS", *lines, verdict=verdict, **more)


options("options", "§11.2")
options("options-of-a-pbx", "practice", 'From: "PBX" <sip:pbx@192.0.2.3>;tag=as1', "Contact: <sip:pbx@192.0.2.3:5060>",
        "Supported: replaces, timer", "Session-Expires: 1800", "Date: Thu, 05 Mar 2026 07:00:00 GMT")
options("options-of-a-pinger", "§8.2.2", "-Max-Forwards", "From: sip:ping@field.test;tag=u-1", "To: {contact}",
        "Via: SIP/2.0/UDP {host}:{port};branch=0")
options("options-from-empty", "practice", "From: ;tag=u-2", "-Max-Forwards", verdict="answered")
options("options-from-without-tag", "§17.2.3", "From: <sip:ping@field.test>")
options("options-from-tag-base64", "practice", "From: <sip:ping@field.test>;tag=cGluZw==")
options("options-from-semicolon-at-end", "practice", "From: <sip:ping@field.test>;tag=u3;")
options("options-from-two-semicolons", "practice", "From: <sip:ping@field.test>;;tag=u4")
options("options-from-name-utf8", "practice", "From: Jürgen Groß <sip:j@field.test>;tag=u5")
options("options-from-name-with-comma", "practice", "From: Office, 1st (north) <sip:o@field.test>;tag=u6")
options("options-from-double-quotes", "practice", 'From: ""anonymous"" <sip:a@field.test>;tag=u7')
options("options-from-quote-open", "practice", 'From: "anonymous <sip:a@field.test>;tag=u7')
options("options-from-no-user", "practice", "From: <sip:@192.0.2.3>;tag=u8")
options("options-from-tel", "RFC 3966", "From: <tel:+3215550100>;tag=u9", "To: <tel:+3215550101>")
options("options-to-semicolon-at-end", "practice", "To: <sip:a@field.test>;")
options("options-call-id-odd", "practice", "Call-ID: -{name}==;x@192.0.2.3")
options("options-call-id-long", "practice", "Call-ID: " + "c" * 900, verdict="answered")
options("options-via-semicolon-at-end", "§8.2.6.2", VIA + ";")
options("options-via-two-semicolons", "§8.2.6.2", VIA.replace(";rport", ";;rport"))
options("options-via-rport-equals", "RFC 3581 §4", VIA + "=")
options("options-via-cookie-base64", "practice", VIA + ";x-route=c29tZXdoZXJl==",
        verdict="200; with x-route=c29tZXdoZXJl==")
options("options-via-utf8", "practice", VIA + ";gerät=küche")
options("options-via-compact", "§7.3.3", "-Via", VIA.replace("Via", "v"))
options("options-two-vias", "§8.2.6.2", VIA, "Via: SIP/2.0/UDP 192.0.2.33:5070;branch=z9hG4bKbelow;rport=9",
        verdict="200; with z9hG4bKbelow")
options("options-second-via-odd", "§8.2.6.2", VIA, "Via: SIP/2.0/UDP 192.0.2.33;;branch=z9hG4bKbelow;=;",
        verdict="200; with z9hG4bKbelow")
options("options-record-route", "§8.2.6.2", "Record-Route: <sip:192.0.2.6;lr>", "Record-Route: <sip:192.0.2.7;lr;x==>")
for _field, _value in (("Max-Forwards", "70"), ("User-Agent", "a"), ("Date", "b"), ("Subject", "c"),
                       ("Contact", "<sip:a@b>"), ("Content-Type", "text/plain"), ("Event", "reg"), ("Expires", "60")):
    options(f"options-twice-{_field.lower()}", "§8.2.2", f"{_field}: {_value}", f"{_field}: {_value}")
options("options-twice-from", "practice", "From: <sip:ping@field.test>;tag=u", "From: <sip:ping@field.test>;tag=u",
        verdict="answered")
options("options-twice-call-id", "practice", "Call-ID: {name}@field.test", "i: {name}@field.test", verdict="answered")
options("options-twice-length", "RFC 4475 §3.3.9", "Content-Length: 0", "Content-Length: 0")
options("options-max-forwards-nought", "§11.2", "Max-Forwards: 0")
options("options-max-forwards-a-word", "§8.2.2", "Max-Forwards: many", verdict="answered")
options("options-fields-of-nonsense", "§8.2.2", "Date: then", "Expires: soon", "Timestamp: x", "Warning: 7",
        "Accept: ;;")
options("options-contact-odd", "§8.2.2", 'Contact: <sip:192.0.2.3;x="a">;;, <')
options("options-line-without-colon", "§8.2.2", "load 7 of 9")
options("options-300-fields", "practice", *(f"X-{number}: y" for number in range(300)))
options("options-last-crlf-missing", "practice", end="\r\n", verdict="answered")
options("options-lines-end-with-lf", "practice", eol="\n", end="\n\n")
options("options-length-left-out", "§18.3", "-Content-Length")
options("options-body-unknown", "§8.2.3", "Content-Type: application/x-load", body="busy", verdict="answered")
options("options-accept-other", "§11.2", "Accept: application/dtmf-relay")
options("options-require", "§8.2.2.3", "Require: field-tag, other", verdict="420; with field-tag")
options("options-proxy-require", "§20.29 (for proxies)", "Proxy-Require: field-tag")
options("options-without-user", "§11.2", uri="sip:127.0.0.1:{server}")
options("options-for-nobody", "§8.2.2.1", uri="sip:nobody-of-ours@127.0.0.1:{server}", verdict="404")
options("options-for-nobody-elsewhere", "§8.2.2.1", uri="sip:stranger@192.0.2.60", verdict="404")
options("options-scheme-unknown", "§8.2.2.1", uri="field:alice", verdict="416")
options("options-in-no-dialog", "§12.2.2", "To: <{contact}>;tag=gone", verdict="481")
options("options-without-via", "§8.2.6.2", "-Via", verdict="silence")

# Where answers go
options("answer-without-rport", "§18.2.2", "Via: SIP/2.0/UDP {host}:{via_port};branch=z9hG4bK{name}",
        verdict="200; at the port of Via")
options("answer-with-rport", "RFC 3581 §4", "Via: SIP/2.0/UDP {host}:{via_port};branch=z9hG4bK{name};rport",
        verdict="200; at the source port; with rport={port}")
options("answer-without-a-port", "§18.2.2 (5060)", "Via: SIP/2.0/UDP {host};branch=z9hG4bK{name}",
        verdict="200; at the port of Via")
options("answer-to-received", "§18.2.1", "Via: SIP/2.0/UDP 192.0.2.77:{via_port};branch=z9hG4bK{name}",
        verdict="200; at the port of Via; with received={host}")
options("answer-host-a-name", "§18.2.1", "Via: SIP/2.0/UDP pbx.field.test:{via_port};branch=z9hG4bK{name}",
        verdict="200; at the port of Via; with received={host}")
options("answer-to-maddr", "§18.2.2", "Via: SIP/2.0/UDP {host}:{via_port};maddr={host};branch=z9hG4bK{name}",
        verdict="200; at the port of Via")
options("answer-not-to-a-stranger", "§18.2.2",
        "Via: SIP/2.0/UDP {host}:{via_port};branch=z9hG4bK{name};received=192.0.2.1",
        verdict="200; at the port of Via")
asks("answer-invite-without-rport", "§18.2.2", "INVITE", "Via: SIP/2.0/UDP {host}:{via_port};branch=z9hG4bK{name}",
     verdict="480; at the port of Via")


# Notices that nobody subscribed to (RFC 6665 §4.1.3; a registration is an implicit subscription in practice)
def notice(name, event, *lines, verdict="200", body="", source="practice"):
    asks(name, source, "NOTIFY", *([f"Event: {event}"] if event else []), *lines, verdict=verdict, body=body)


notice("notify-messages", "message-summary", "Subscription-State: active",
       "Content-Type: application/simple-message-summary",
       body=MWI, verdict="200; logged message-summary")
notice("notify-messages-bare", "message-summary", body=MWI)
notice("notify-check-sync", "check-sync;reboot=false", "Subscription-State: active", verdict="200; logged check-sync")
notice("notify-keep-alive", "keep-alive", verdict="200")
notice("notify-reg-terminated", "reg", "Subscription-State: terminated;reason=deactivated",
       "Content-Type: application/reginfo+xml", body="<reginfo/>")
notice("notify-odd", "message-summary", "Subscription-State: active;;expires=", "Server: a", "Server: b", "no colon")
notice("notify-without-event", None, verdict="answered", source="RFC 6665 §8.2.1")

# Calls, and what belongs to none
CALL = ("Contact: <sip:caller@192.0.2.5>", "Content-Type: application/sdp")


def invite(name, source, *lines, verdict="480", **more):
    asks(name, source, "INVITE", *CALL, *lines, verdict=verdict, body=SDP, **more)


invite("invite", "§21.4.18", verdict="480; logged INVITE")
invite("invite-names-the-caller", "§21.4.18", 'From: "Bob" <sip:bob-of-field@field.test>;tag=c',
       verdict="480; logged bob-of-field")
invite("invite-lines-odd", "§8.2.2", "Max-Forwards: 70", "Max-Forwards: 70", "Date: 2005", "Server: a", "Server: b",
       "no colon")
invite("invite-contact-odd", "§8.2.2", 'Contact: <sip:192.0.2.5;x="y">;;')
invite("invite-from-odd", "§8.2.2", "From: Office, north <sip:o@field.test>;tag=c==;")
invite("invite-identity", "RFC 3325, RFC 8224", "P-Asserted-Identity: <sip:o@field.test>",
       "P-Asserted-Identity: <tel:+3215550100>",
       "Identity: " + "e" * 900 + ";info=<https://field.test/c>", "Reason: Q.850;cause=16", "Reason: SIP;cause=200")
invite("invite-without-branch", "§17.2.3", "Via: SIP/2.0/UDP {host}:{port};rport")
invite("invite-for-nobody", "§8.2.2.1", uri="sip:nobody-of-ours@127.0.0.1:{server}", verdict="404")
invite("invite-requires-100rel", "§8.2.2.3", "Require: 100rel", verdict="answered")
invite("invite-requires-field", "§8.2.2.3", "Require: field-tag", verdict="420; with field-tag")
asks("bye-of-no-dialog", "§15.1.2", "BYE", "To: <{contact}>;tag=gone", verdict="481")
asks("bye-of-no-dialog-odd", "§15.1.2", "BYE", "To: <{contact}>;tag=gone;;", "Server: a", "Server: b", verdict="481")
asks("cancel-of-nothing", "§9.2", "CANCEL", verdict="481")
asks("ack-of-nothing", "§17.2.1", "ACK", verdict="silence")
asks("update-of-no-dialog", "RFC 3311 §5.2", "UPDATE", "To: <{contact}>;tag=gone", verdict="481")
asks("message", "§8.2.1", "MESSAGE", "Content-Type: text/plain", body="hi", verdict="405; with Allow")
asks("register-at-us", "§8.2.1", "REGISTER", verdict="405; with Allow")
asks("method-unknown", "§21.5.2", "FIELD", verdict="501")
