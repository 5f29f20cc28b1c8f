"""A digest, checked as a registrar does: RFC 7616 §3.4.1, RFC 3261 §22.4."""

import hashlib
import re

from saying import ok, response

PASSWORD = "secret"
HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))')


def credentials(request):
    """Parameters of the first credentials, as they stand between their quotes; None without any."""
    values = request.values("Authorization") + request.values("Proxy-Authorization")
    if not values:
        return None
    return {name.lower(): quoted if plain == "" else plain for name, quoted, plain in PARAMETER.findall(values[0])}


def is_right(given, request, user=None, password=PASSWORD, realm=None):
    """`realm`: what is hashed, where that is not what stands in the quotes."""
    algorithm = given.get("algorithm", "MD5").upper()

    def digest(*texts):
        name = HASHES[algorithm.removesuffix("-SESS")]
        return hashlib.new(name, ":".join(texts).encode("utf-8", "surrogateescape")).hexdigest()

    secret = digest(user or request.user, given["realm"] if realm is None else realm, password)
    if algorithm.endswith("-SESS"):
        secret = digest(secret, given["nonce"], given["cnonce"])
    action = [request.method, given["uri"]]
    if given.get("qop") == "auth-int":
        action.append(digest(""))
    middle = [given["nonce"]] + ([given[name] for name in ("nc", "cnonce", "qop")] if "qop" in given else [])
    return given["uri"] == request.uri and given["response"] == digest(secret, *middle, digest(*action))


def challenge(*lines, status=401, answer=ok(), has=None, **right):
    """Asks who has no credentials with these lines; who has right ones, in which `has(parameters)` holds, gets `answer`,
    and 403 who has not."""
    def answered(request, number):
        given = credentials(request)
        if given is None:
            return [response(request, status, lines)]
        if not is_right(given, request, **right) or not (has is None or has(given)):
            return [response(request, 403, ("SIP/2.0 403 Wrong Digest",))]
        return answer(request, number)
    return answered


def asks(parameters, **right):
    """401 with one Digest challenge of these parameters."""
    return challenge(f"WWW-Authenticate: Digest {parameters}", **right)
