"""What a registrar of the field says: an honest answer, of which some lines are other ones.

A line is a text such as "To: {to};tag=x;". It takes the place of the honest lines of that name, or stands beside them
when there are none; "-To" takes them away; one that begins with "SIP/2.0" is the status line; "body " begins a body.
Several lines of one name stand together. In braces: parts of the request (see `parts`).
"""

import re

REASONS = {
    200: "OK", 302: "Moved Temporarily", 401: "Unauthorized", 407: "Proxy Authentication Required",
    423: "Interval Too Brief", 503: "Service Unavailable"}
NAME = re.compile(r"[^\s:]+(?=\s*:)")


def parts(request):
    """What the lines of an answer may name in braces."""
    via, contact = request.value("Via"), request.contact
    branch = re.search(r";branch=[^;,\s]+", via)[0]
    mark = re.search(r";line=[^;>]*", contact)
    user, _, place = contact.partition("@")
    place = re.split(r"[;?]", place)[0]
    sent_by = via.split(";")[0].split()[1]
    return {
        "via": via, "sent_by": sent_by, "host_of_via": sent_by.rpartition(":")[0], "branch": branch,
        "branch_value": branch.removeprefix(";branch"),
        "from": request.value("From"), "from_tag": request.value("From").partition(";tag=")[2],
        "to": request.value("To"),
        "call_id": request.call_id, "cseq": request.cseq, "user": request.user, "expires": request.expires,
        "contact": contact, "plain": contact.replace(mark[0], "") if mark else contact, "contact_user": user,
        "place": place,
        "port": place.rpartition(":")[2], "mark": mark[0] if mark else "", "mark_value": mark[0][5:] if mark else "",
        "contact_lower": contact.lower(),
        # Where it came to, and from which port.
        "host": request.local[0], "tail": request.local[0].split(".", 2)[2], "server": request.local[1],
        "seen": request.source[1]}


def response(request, status, lines, start="", end="\r\n\r\n", eol="\r\n"):
    """The bytes: `start` stands before them, `end` behind the header fields."""
    known = parts(request)
    fields = [
        ("Via", f"Via: {known['via'].replace(';rport', f';rport={request.source[1]}', 1)}"),
        ("From", f"From: {known['from']}"), ("To", f"To: {known['to']};tag=field"),
        ("Call-ID", f"Call-ID: {request.call_id}"), ("CSeq", f"CSeq: {request.value('CSeq')}")]
    if 200 <= status < 300 and request.expires:
        fields.append(("Contact", f"Contact: <{request.contact}>;expires={request.expires}"))
    fields.append(("Content-Length", "Content-Length: 0"))
    first, body, given = f"SIP/2.0 {status} {REASONS.get(status, 'No')}", "", []
    for line in lines:
        text = line.format_map(known)
        if text[:7].upper() == "SIP/2.0":
            first = text
        elif text.startswith("-"):
            fields = [entry for entry in fields if entry[0] != text[1:]]
        elif text.startswith("body "):
            body = text[5:]
        else:
            given.append(text)
    names = [found[0].lower() if (found := NAME.match(text)) else "" for text in given]
    honest = [text for name, text in fields if name.lower() not in names]
    # The length stays the last.
    text = eol.join([first, *honest[:-1], *given, *honest[-1:]] if honest else [first, *given])
    return (start + text + end + body).encode("utf-8", "surrogateescape")


# --- Who says what


def say(status, *lines, **form):
    """The same to every request, but for a removal, which gets a 200."""
    return lambda request, number: [
        response(request, status, lines, **form) if request.expires or status >= 300 else response(request, 200, ())]


def ok(*lines, **form):
    return say(200, *lines, **form)


def silence(request, number):
    return []


def then(*answers):
    """One after the other; the last for all that follow."""
    return lambda request, number: answers[min(number, len(answers)) - 1](request, number)


def elsewhere(here, there):
    """`there` at another address than that of the account's registrar: where a redirection leads."""
    return lambda request, number: (here if request.local[0].startswith("127.40.") else there)(request, number)
