"""What is expected of a registration at Kamailio, most of it seen in the registrar's own location table."""

import re

from topology import Site

UUID_AT_DOMAIN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@sip\.test")


def expect_binding(case, site, user="alice"):
    """The registrar's table and the daemon's own account of itself agree."""
    binding = site.registrar.binding(user)
    details = site.daemon.do("show", user)
    if not case.expect("the registrar has a binding", binding is not None, True):
        raise AssertionError("nothing to look at")
    case.expect("Path", binding.path, site.path)
    case.expect("Contact", binding.contact, details["account"]["contact"])
    case.expect("Call-ID", binding.call_id, details["call_id"])
    case.expect("it is UUID@domain", UUID_AT_DOMAIN.fullmatch(binding.call_id) is not None, True)
    case.expect("CSeq", binding.cseq, details["cseq"])
    return binding


def number_in_series(binding):
    """The how manieth number of its CSeq series a newcomer has used: a series begins behind a multiple of 64."""
    return (binding.cseq - 1) % 64 + 1


def expect_one_round_trip(case, site, before, user="alice"):
    """The next refresh comes by itself, and needs no challenge."""
    challenges = site.registrar.challenges
    after = site.next_binding(user, before)
    case.expect("the refresh keeps the Call-ID", after.call_id, before.call_id)
    case.expect("and is one request", after.cseq - before.cseq, 1)
    case.expect("with the nonce it had", site.registrar.challenges, challenges)
    return after


def register_and_refresh(case, where, name, *edges, requests, **options):
    with Site(where, name, edges, **options) as site:
        site.start("alice")
        binding = expect_binding(case, site)
        case.expect("requests until the 200", number_in_series(binding), requests)
        after = expect_one_round_trip(case, site, binding)
        case.expect("the Path is still there", after.path, site.path)
        if options.get("beyond") == "tls":
            connections = site.registrar.call("core.tcp_info")["opened_tls_connections"]
            case.expect("TLS connections at the registrar", connections, 1)
