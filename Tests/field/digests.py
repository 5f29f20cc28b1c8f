"""Registrars that ask for a digest, and how they ask."""

from harness.digest import is_right
from saying import ok, response


def credentials(request):
    """Parameters of the first credentials, as they stand between their quotes; None without any."""
    return next(iter(request.credentials), None)


def challenge(*lines, status=401, answer=ok(), has=None, **right):
    """Asks who has no credentials with these lines; who has right ones, in which `has(parameters)` holds, gets
    `answer`, and 403 who has not."""
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
