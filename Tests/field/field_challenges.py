"""Challenges as servers write them, and what is sent for them (§22, RFC 7616, RFC 8760)."""

from digests import asks, challenge, credentials, is_right
from rows import answered
from saying import ok, response, say, then

BOUND = "bound; 2 REGISTERs"
REST = ', nonce="field", qop="auth"'
LONG = "n" * 4000


def reads(name, source, parameters, account=None, **right):
    answered(name, source, asks(parameters, **right), BOUND, **(account or {}))


def has(**wanted):
    """Credentials with these parameters; None: without one of that name."""
    return lambda given: all(given.get(name) == value for name, value in wanted.items())


# Well formed, and seldom seen
reads("challenge-folded", "§7.3.1", 'realm="field",\r\n\tnonce="f=",\r\n opaque="o",\r\n qop="auth"',
      has=has(opaque="o"))
reads("challenge-blanks", "§25.1", 'realm = "field" ,nonce= "f" , algorithm =MD5,qop ="auth"')
reads("challenge-names-in-capitals", "§7.3.1", 'REALM="field", NONCE="f", QOP="auth"')
reads("challenge-rfc-2069", "§22.4", 'realm="field", nonce="f"', has=has(qop=None, nc=None))
reads("challenge-unknown-parameters", "§25.1",
      f'realm="field"{REST}, charset=UTF-8, userhash=false, domain="sip:a sip:b", x=y')
reads("challenge-stale-in-capitals", "RFC 7616 §3.3", f'realm="field"{REST}, stale=FALSE')
reads("challenge-stale-quoted", "practice", f'realm="field"{REST}, stale="false"')
reads("challenge-sha-256", "RFC 8760", f'realm="field", algorithm=SHA-256{REST}', has=has(algorithm="SHA-256"))
reads("challenge-sha-512-256", "RFC 8760", f'realm="field", algorithm=SHA-512-256{REST}')
reads("challenge-sess", "RFC 7616 §3.4.2", f'realm="field", algorithm=MD5-sess{REST}')
reads("challenge-sha-256-sess", "RFC 7616 §3.4.2", f'realm="field", algorithm=SHA-256-sess{REST}')
for _name, _value in (("small", "md5"), ("quoted", '"MD5"'), ("quoted-small", '"md5"')):
    reads(f"algorithm-{_name}", "§7.3.1", f'realm="field", algorithm={_value}{REST}')
reads("algorithm-empty", "practice", f'realm="field", algorithm={REST}')

# qop
for _name, _value in (
        ("token", "auth"), ("list", '"auth-int,auth"'), ("list-unquoted", "auth,auth-int"),
        ("list-unquoted-blanks", "auth, auth-int"),
        ("capitals", '"Auth"'), ("int-only", '"auth-int"'), ("unknown-beside", '"auth-conf , auth"'),
        ("comma-at-end", '"auth,"')):
    reads(f"qop-{_name}", "RFC 7616 §3.3", f'realm="field", nonce="f", qop={_value}')
reads("qop-unquoted-in-the-middle", "practice", 'realm="field", qop=auth,auth-int, nonce="f", opaque="o"',
      has=has(opaque="o"))
reads("qop-empty", "practice", 'realm="field", nonce="f", qop=""', has=has(qop=None))
reads("qop-twice", "practice", 'realm="field", nonce="f", qop="auth", qop="auth"')

# realm, nonce, opaque
reads("realm-with-commas", "§25.1", f'realm="Field, Table=7; x"{REST}')
reads("realm-empty", "§25.1", f'realm=""{REST}')
reads("realm-unquoted", "practice", "realm=field.example, nonce=abc123==, qop=auth")
reads("realm-4-kilobytes", "RFC 7616 names no limit", f'realm="{LONG}"{REST}')
reads("realm-twice-the-same", "practice", f'realm="field", realm="field"{REST}')
reads("realm-quoted-pairs", "§25.1", f'realm="a \\"b\\" c"{REST}', realm='a "b" c')
reads("realm-utf8", "RFC 7616 §4", f'realm="Grüße"{REST}')
reads("nonce-4-kilobytes", "RFC 7616 names no limit", f'realm="field", nonce="{LONG}", qop="auth"')
reads("nonce-and-opaque-long", "RFC 7616 names no limit",
      f'realm="field", nonce="{LONG[:3000]}", opaque="{LONG[:3000]}", qop="auth"')
reads("nonce-like-a-parameter", "§25.1", 'nonce="a, realm=x, qop=", realm="field", qop="auth"')
reads("nonce-with-signs", "§25.1", 'realm="field", nonce="Zm9v+/=; ,:<>", qop="auth"')
reads("opaque-empty", "RFC 7616 §3.4", f'realm="field", opaque=""{REST}', has=has(opaque=""))
reads("opaque-unquoted", "practice", f'realm="field", opaque=abc+/=={REST}', has=has(opaque="abc+/=="))

# Not of good form, and plain all the same
reads("comma-at-end", "practice", f'realm="field"{REST},')
reads("commas-in-a-row", "practice", 'realm="field",,,nonce="f", ,qop="auth"')
reads("comma-first", "practice", f', realm="field"{REST}')
reads("semicolons-for-commas", "practice", 'realm="field"; nonce="f"; qop="auth"; algorithm=MD5')
reads("algorithm-twice", "practice", f'realm="field", algorithm=MD5, algorithm=MD5{REST}')
reads("parameter-without-value", "practice", f'realm="field", session{REST}')
reads("blanks-for-a-comma", "practice", 'realm="field" nonce="f", qop="auth"')

# Several
SHA, MD5 = f'realm="field", algorithm=SHA-256{REST}', f'realm="field", algorithm=MD5{REST}'
answered("two-fields", "RFC 8760 §2.4", challenge(
    f"WWW-Authenticate: Digest {MD5}", f"WWW-Authenticate: Digest {SHA}", has=has(algorithm="SHA-256")), BOUND)
answered("two-in-a-field", "RFC 7235 §4.1", challenge(f"WWW-Authenticate: Digest {SHA}, Digest {MD5}"), BOUND)
answered("two-in-a-field-other-scheme", "RFC 7235 §4.1", challenge(
    f'WWW-Authenticate: NTLM, Basic realm="field", Digest {MD5}'), BOUND)
answered("other-schemes-beside", "§22.4", challenge(
    'WWW-Authenticate: Bearer realm="field", scope="sip"', "WWW-Authenticate: Negotiate dG9rZW4=",
    "WWW-Authenticate: NTLM", f"WWW-Authenticate: Digest {MD5}"), BOUND)
answered("unknown-algorithm-beside", "RFC 7616 §3.7", challenge(
    f'WWW-Authenticate: Digest realm="field", algorithm=AKAv2-SHA-256{REST}', f"WWW-Authenticate: Digest {MD5}"), BOUND)
answered("broken-one-beside", "practice", challenge(
    'WWW-Authenticate: Digest realm="field', "WWW-Authenticate:", f"WWW-Authenticate: Digest {MD5}"), BOUND)
answered("of-a-proxy", "§22.3", challenge(f"Proxy-Authenticate: Digest {MD5}", status=407), BOUND)
answered("scheme-in-small-letters", "§7.3.1", challenge(f"WWW-Authenticate: digest {MD5}"), BOUND)
answered("scheme-in-capitals", "§7.3.1", challenge(f"WWW-Authenticate:DIGEST\t{MD5}"), BOUND)
answered("lines-odd-around-it", "§8.2.2", challenge(
    "Server: a", "Server: b", "no colon here", "To: {to};tag=x;;", f"WWW-Authenticate: Digest {MD5}"), BOUND)

# Names and passwords that want care (§25.1, RFC 7616 §3.4.2)
reads("password-empty-string", "practice", MD5, {"password": ""}, password="")
reads("password-of-signs", "RFC 7616 §3.4.2", MD5, {"password": 'p"a\\s $% #;'}, password='p"a\\s $% #;')
reads("password-utf8", "RFC 7616 §4", MD5, {"password": "grün€"}, password="grün€")
reads("username-of-a-domain", "§25.1", MD5, {"username": 'DOM\\al"ice'}, user='DOM\\al"ice')
reads("username-utf8", "RFC 7616 §4", MD5, {"username": "jürgen"}, user="jürgen")
reads("username-like-an-address", "practice", MD5, {"username": "desk@field.test"}, user="desk@field.test")
answered("of-a-proxy-in-a-401", "practice", challenge(f"Proxy-Authenticate: Digest {MD5}"),
         "not paused; at most 2 REGISTERs")

# None that can be used
for _name, _lines in (
        ("left-out", ()), ("without-nonce", ('WWW-Authenticate: Digest realm="field"',)),
        ("empty", ("WWW-Authenticate:",)), ("without-parameters", ("WWW-Authenticate: Digest",)),
        ("quote-open", ('WWW-Authenticate: Digest realm="field, nonce=1',))):
    answered(f"challenge-{_name}", "§22.2", say(401, *_lines), "not bound; not paused; next in 15–30 s; 1 REGISTER")
answered("challenge-aka-only", "RFC 3310", say(
    401, f'WWW-Authenticate: Digest realm="ims.field", algorithm=AKAv1-MD5{REST}'),
    "paused; 1 REGISTER; says AKAv1-MD5; says ims.field; says desk-9", username="desk-9")
answered("challenge-of-another-realm", "§22.1",
         say(401, f'WWW-Authenticate: Digest realm="elsewhere", algorithm=MD5{REST}'),
         "paused; 1 REGISTER; says elsewhere; says MD5", realm="field")
answered("realm-star", "practice", asks(MD5), BOUND, realm="*")
answered("wrong-password", "§22.1", say(401, f"WWW-Authenticate: Digest {MD5}"),
         "paused; 2 REGISTERs; says password; says desk-9; says field", username="desk-9")

# From one request to the next
BRISK = {"expires": 10, "minimum_interval": 1}


def same_nonce_again():
    """One nonce for ever, an nc never twice, and every third answer is another 401 with that nonce."""
    used = set()

    def answer(request, number):
        given = credentials(request)
        if given is None or number % 3 == 0:
            used.add(given["nc"] if given else None)
            return [response(request, 401, (f"WWW-Authenticate: Digest {MD5}",))]
        if given["nc"] in used or not is_right(given, request):
            return [response(request, 403, ())]
        used.add(given["nc"])
        return ok()(request, number)
    return answer


def once_each(announce):
    """A nonce is good for one request. The next one is in the 200, or in the next 401."""
    current = 0

    def answer(request, number):
        nonlocal current
        given = credentials(request)
        if given and given["nonce"] == f"n{current}" and given["nc"] == "00000001" and is_right(given, request):
            current += 1
            return ok(*([f'Authentication-Info: nextnonce="n{current}", qop=auth'] if announce else []))(request,
                                                                                                         number)
        if given and announce:
            return [response(request, 403, ())]
        current += 1
        return [response(request, 401, (f'WWW-Authenticate: Digest realm="field", nonce="n{current}", qop="auth"',))]
    return answer


answered("nonce-the-same-again", "RFC 7616 §3.4", same_nonce_again(), "bound; at least 5 REGISTERs", after=26, **BRISK)
answered("nonce-once-each", "RFC 7616 §5.5", once_each(False), "bound; at least 5 REGISTERs", after=26, **BRISK)
answered("nonce-announced", "RFC 7616 §3.5", once_each(True), "bound; at least 3 REGISTERs", after=26, **BRISK)
for _name, _lines in (("empty", ['Authentication-Info: nextnonce=""']),
                      ("oddly", ["Authentication-Info: nextnonce", "Authentication-Info: ,"])):
    answered(f"nonce-announced-{_name}", "RFC 7616 §3.5", asks(MD5, has=has(nonce="field"), answer=ok(*_lines)),
             "bound; at least 3 REGISTERs", after=15, **BRISK)


def glitch(*bad):
    """A registrar that knew the password, and for these transactions does not."""
    def answer(request, number):
        if credentials(request) is None or number in bad:
            return [response(request, 401, (f'WWW-Authenticate: Digest realm="field", nonce="g{number}", qop="auth"',))]
        return ok()(request, number)
    return answer


answered("glitch-at-a-refresh", "practice", glitch(3, 4), "bound; not paused; at least 5 REGISTERs", after=24,
         expires=20, minimum_interval=1)
answered("glitch-that-stays", "practice", glitch(*range(3, 99)), "not paused; at most 9 REGISTERs", after=28,
         expires=20, minimum_interval=1)
answered("challenge-at-the-third-refresh", "§22.1", then(ok(), ok(), challenge(f"WWW-Authenticate: Digest {MD5}")),
         "bound; at least 4 REGISTERs", after=28, **BRISK)
