"""Every way to a registrar that Kamailio knows: each transport with each routing, over IPv4 and IPv6, and TLS beyond a
proxy that is spoken to over UDP."""

from expectations import register_and_refresh

# By the name of a routing, the flags of its proxies, and how it is told.
ROUTINGS = {
    "direct": ((), "Directly"),
    "loose": (((),), "Through a loose router"),
    "strict": ((("STRICT",),), "Through a strict router"),
    "loose-chain": (((), ()), "Through a chain of two proxies"),
}
TRANSPORTS = {
    "udp": "over UDP", "tcp": "over TCP", "tls": "over TLS", "ws": "over a WebSocket",
    "wss": "over a WebSocket with TLS"}
# Transport, the one beyond the first proxy, host, and what is said of the last two.
WAYS = [
    *((transport, None, None, "") for transport in TRANSPORTS),
    *((transport, None, "::1", ", IPv6") for transport in TRANSPORTS),
    ("udp", "tls", None, ", TLS beyond"),
]


def combination(routing, transport, beyond, host, remark):
    edges, told = ROUTINGS[routing]
    words = [routing, transport, *(["ipv6"] if host else []), *([f"{beyond}-beyond"] if beyond else [])]

    def play(case, where):
        register_and_refresh(
            case, where, "-".join(words), *edges, requests=2, transport=transport if transport != "udp" else None,
            beyond=beyond, host=host)
    play.__doc__ = f"{told}, {TRANSPORTS[transport]}{remark}."
    return play


CASES = [
    combination(routing, *way) for way in WAYS for routing in ROUTINGS
    # Nobody is between us and the registrar whom there is a beyond of.
    if not (routing == "direct" and way[1])]
