"""Refusals, delays and redirections (§8.1.3.4, §20.33, §21)."""

from rows import answered
from saying import elsewhere, ok, say, silence, then

ONCE = "1 REGISTER"
# The first back-off of RFC 5626 §4.5 from 30 s, and from 60 s, of which 50 to 100 % are waited.
USUAL, LONGER = "next in 15–30 s", "next in 30–60 s"


def fails(name, source, status, *lines, verdict, **account):
    answered(name, source, say(status, *lines), verdict, **account)


# Retry-After stands with any status
for _status in (400, 404, 408, 413, 429, 480, 486, 488, 500, 502, 503, 580, 600, 603, 606):
    fails(f"retry-after-{_status}", "§20.33", _status, "Retry-After: 75", verdict=f"next in 75–75 s; {ONCE}")
fails("retry-after-403-before-a-probe", "§20.33", 403, "Retry-After: 75", verdict=f"next in 75–1800 s; {ONCE}",
      refused_probe_interval=6)
fails("retry-after-401-unusable", "§20.33", 401, "Retry-After: 75", verdict=f"next in 75–75 s; {ONCE}")
fails("retry-after-comment", "§20.33", 503, "Retry-After: 75 (at lunch)", verdict="next in 75–75 s")
fails("retry-after-comments-nested", "§25.1", 480, "Retry-After: 75 (a (b \\) c) d) ; duration=9",
      verdict="next in 75–75 s")
fails("retry-after-parameters", "§20.33", 503, "Retry-After: 75;duration=3600;x", verdict="next in 75–75 s")
fails("retry-after-folded", "§7.3.1", 500, "Retry-After:\r\n\t75\r\n ;duration=9", verdict="next in 75–75 s")
fails("retry-after-twice", "practice", 503, "Retry-After: 75", "Retry-After: 75", verdict="next in 75–75 s")
fails("retry-after-below-the-floor", "behaviour", 500, "Retry-After: 1",
      verdict="next in 5–12 s; at least 2 REGISTERs; "
      "apart by at least 5 s")
fails("retry-after-beyond-the-cap", "behaviour", 480, "Retry-After: 999999", verdict="next in 1800–1800 s")
fails("retry-after-a-date", "practice (HTTP)", 503, "Retry-After: Wed, 04 Mar 2026 08:00:00 GMT",
      verdict=f"{USUAL}; {ONCE}")
fails("retry-after-a-word", "practice", 480, "Retry-After: later", verdict=f"{USUAL}; {ONCE}")
fails("retry-after-empty", "practice", 480, "Retry-After:", verdict=f"{USUAL}; {ONCE}")

# Without one: the registrar cannot now, or it holds something against the request
for _status in (408, 480, 486, 500, 502, 503, 504, 580):
    fails(f"failure-{_status}", "RFC 5626 §4.5", _status, verdict=f"not paused; {USUAL}; {ONCE}")
for _status in (400, 402, 405, 406, 410, 413, 414, 415, 416, 481, 482, 483, 484, 485, 488, 493, 501, 505, 513):
    fails(f"failure-{_status}", "§21.4", _status, verdict=f"not paused; {LONGER}; {ONCE}")
for _status in (403, 404, 600, 603, 604):
    fails(f"failure-{_status}", "§21.4.4, §21.6", _status, verdict=f"paused; {ONCE}; next in 1800–1800 s")
fails("failure-unknown-of-4xx", "§8.1.3.2", 477, verdict=f"not bound; {ONCE}")
fails("failure-unknown-of-5xx", "§8.1.3.2", 599, verdict=f"not paused; {USUAL}; {ONCE}")
fails("failure-reason-huge", "§7.2", 480, "SIP/2.0 480 " + "busy " * 900, verdict=f"{USUAL}; {ONCE}")
fails("failure-reason-with-escapes", "practice", 480, "SIP/2.0 480 \x1b[2Jgone", verdict=f"{USUAL}; {ONCE}")
answered("failure-lines-odd", "§8.2.2", say(
    480, "Server: a", "Server: b", "no colon", "To: {to};tag=x;;", "Retry-After: 75", end="\r\n"), "next in 75–75 s")
answered("failure-twice-then-good", "RFC 5626 §4.5", then(say(480), say(500), ok()),
         "bound; 3 REGISTERs; apart by at least 1 s", after=14, retry_base=2, minimum_interval=1)
answered("too-brief-then-good", "§10.2.8", then(say(423, "Min-Expires: 90"), ok()), "bound for 90 s; 2 REGISTERs")
answered("too-brief-twice-the-field", "practice", then(say(423, "Min-Expires: 90", "Min-Expires: 90"), ok()),
         "bound for 90 s; 2 REGISTERs")
answered("too-brief-without-the-field", "§10.3", say(423), f"not bound; {ONCE}")

# Redirections: `host` and `server` are where the account was sent; 127.41 and 127.42 listen too, nobody at port 9
HERE = "sip:127.41.{tail}:{server}"
ALSO = "sip:127.42.{tail}:{server}"
DEAD = "sip:127.41.{tail}:9"


def redirects(name, source, contacts, verdict, status=302, there=ok(), **account):
    answered(name, source, elsewhere(say(status, *contacts), there), verdict, allow_foreign_redirects=True, **account)


redirects("redirect", "§8.1.3.4", [f"Contact: <{HERE}>"], "bound; 2 REGISTERs; asked at 127.41")
redirects("redirect-300", "§21.3.1", [f"Contact: <{HERE}>, <{ALSO}>"], "bound; 2 REGISTERs; asked at 127.41",
          status=300)
redirects("redirect-301", "§21.3.2", [f"Contact: <{HERE}>"], "bound; asked at 127.41", status=301)
redirects("redirect-305", "§21.3.4", [f"Contact: <{HERE}>"], "bound; asked at 127.41", status=305)
redirects("redirect-by-q", "§8.1.3.4", [f"Contact: <{HERE}>;q=0.2, <{ALSO}>;q=0.8"],
          "bound; 2 REGISTERs; asked at 127.42")
redirects("redirect-by-q-in-fields", "§8.1.3.4", [f"Contact: <{HERE}>;q=0.2", f"Contact: <{ALSO}>;q=0.75"],
          "bound; asked at 127.42")
redirects("redirect-q-left-out", "§20.10", [f"Contact: <{HERE}>;q=0.5, <{ALSO}>"], "bound; at most 3 REGISTERs")
redirects("redirect-q-odd", "practice", [f"Contact: <{HERE}>;q=high"], "bound; asked at 127.41")
redirects("redirect-first-refuses-connection", "§8.1.3.4", [f"Contact: <{DEAD}>;q=1, <{ALSO}>;q=0.5"],
          "bound; asked at 127.42")
for _status in (403, 404, 480, 500, 503):
    redirects(f"redirect-first-says-{_status}", "§8.1.3.4", [f"Contact: <{HERE}>;q=1, <{ALSO}>;q=0.5"],
              "bound; 3 REGISTERs; asked at 127.42",
              there=lambda request, number, answer=say(_status): (
                  answer if request.local[0].startswith("127.41.") else ok())(request, number))
redirects("redirect-first-unreadable", "§8.1.3.4", [f"Contact: <sip:@:>, <{ALSO}>"], "bound; asked at 127.42")
redirects("redirect-first-unclosed", "practice", ["Contact: <sip:a@b", f"Contact: <{ALSO}>"], "bound; asked at 127.42")
redirects("redirect-other-schemes-first", "§8.1.3.4",
          [f"Contact: <tel:+3215550100>, <https://field.example/>, <{ALSO}>"],
          "bound; asked at 127.42")
redirects("redirect-empty-values", "practice", [f"Contact: , <{HERE}>,"], "bound; asked at 127.41")
redirects("redirect-without-brackets", "§20.10", [f"Contact: {HERE};expires=9"],
          "bound; asked at 127.41; never sent expires=9")
redirects("redirect-with-a-user", "§10.2", ["Contact: <sip:desk@127.41.{tail}:{server}>"],
          "bound; asked at 127.41; never sent REGISTER sip:desk")
redirects("redirect-with-fields", "§19.1.5", [f"Contact: <{HERE}?Route=%3Csip:192.0.2.9%3Blr%3E&Subject=x>"],
          "bound; asked at 127.41; never sent 192.0.2.9; never sent Subject")
redirects("redirect-nowhere", "§21.3", ["-Contact"], f"not bound; not paused; {ONCE}")
redirects("redirect-to-itself", "§8.1.3.4", ["Contact: <sip:{host}:{server}>"], "not bound; at most 2 REGISTERs")
redirects("redirect-long", "behaviour", ["Contact: <" + HERE + ";x=" + "y" * 7000 + ">"],
          "at most 2 REGISTERs; does not say " + "y" * 600)
redirects("redirect-silent-then-good", "§8.1.3.4", [f"Contact: <{HERE}>;q=1, <{ALSO}>;q=0.5"], "bound; asked at 127.42",
          there=lambda request, number: (silence if request.local[0].startswith("127.41.") else ok())(request, number),
          after=45)
