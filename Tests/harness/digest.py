"""A digest, checked as a registrar does: RFC 7616 §3.4.1, RFC 3261 §22.4."""

import hashlib
import re

# What scripted peers share with sipregd.
PASSWORD = "secret"
HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))')


def parameters(value):
    """Of a header field, by name, as they stand between their quotes."""
    return {name.lower(): quoted if plain == "" else plain for name, quoted, plain in PARAMETER.findall(value)}


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
