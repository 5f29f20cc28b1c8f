"""A registrar, the proxies in front of it, a daemon, and a capture of what goes between them."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from capture import Capture
from harness.certificates import Authority
from harness.daemon import Daemon
from harness.kamailio import DOMAIN, Edge, Registrar
from harness.process import wait_until

# What Kamailio speaks when it is secured.
SECURED = ("tls", "ws", "wss")


@dataclass(frozen=True)
class Where:
    binaries: Path
    captures: Path
    scratch: Path


class Site:
    """A context: everything runs inside, and is ended behind it.

    `edges`: the flags of each proxy, in the order in which a request meets them; none: registered directly.
    `transport`: to the first of them. Over TLS and WebSocket their certificates are for their addresses.
    `beyond`: from one proxy to the next, and to the registrar; None: UDP. `host`: where all servers are; None: each at
    an address of its own. `knows_clients`: the proxies let in only whom our authority vouches for, such as the daemon.
    """

    def __init__(self, where, name, edges=(), transport=None, beyond=None, host=None, knows_clients=False, **registrar):
        self._stack = ExitStack()
        self._where = where
        self._name = name
        self._transport = transport
        self._beyond = beyond
        folder = where.scratch / name
        is_secured = bool({transport, beyond} & set(SECURED))
        options = {"secured": is_secured, "host": host}
        self.registrar = Registrar(folder, **options, **registrar)
        self.edges = [Edge(folder, self.registrar, *flags, beyond=beyond, **options) for flags in edges]
        self.authority = Authority(folder / "authority") if is_secured else None
        # What an operator replaces: the authority that the daemon trusts, and what it shows itself.
        self.trusted = folder / "trusted.pem"
        self.own = (folder / "own.pem", folder / "own.key") if knows_clients else None
        if is_secured:
            self.trust(self.authority)
        for number, server in enumerate([self.registrar, *self.edges] if is_secured else []):
            self.certify(server, f"server-{number}")
        if knows_clients:
            self.introduce("client")
        self.is_strict = any("STRICT" in flags for flags in edges)
        self.daemon = Daemon(where.binaries, folder / "sipregd")
        self.settings = {}
        self._keys = where.captures / f"{name}.keys" if transport in ("tls", "wss") else None
        if self._keys:
            self.settings["tls_key_log_file"] = str(self._keys.resolve())

    # --- Certificates

    def trust(self, authority):
        """What the daemon reads at its next start or reload."""
        self.trusted.write_bytes(authority.file.read_bytes())

    def introduce(self, name):
        """A certificate of the daemon's own, which it reads then."""
        for issued, place in zip(self.authority.issue(name, f"URI:sip:{name}.test"), self.own, strict=True):
            place.touch(0o600)
            place.write_bytes(issued.read_bytes())

    def certify(self, server, name):
        """A certificate that a proxy or the registrar shows from its next start or `tls.reload` on."""
        clients = self.authority.file if self.own and server is not self.registrar else None
        server.show(*self.authority.issue(name, f"IP:{server.endpoint.host}"), clients)

    # --- Running

    @property
    def routing(self):
        if not self.edges:
            return "direct"
        return "strict" if self.is_strict else "loose"

    def __enter__(self):
        with self._stack:
            servers = [self._stack.enter_context(server) for server in (self.registrar, *self.edges)]
            peers = [place for server in servers for place in (server.endpoint, server.secure) if place]
            hop = (self.edges or servers)[0]
            next_hop = hop.secure if self._transport in ("tls", "wss") else hop.endpoint
            facts = {
                "routing": self.routing, "registrar": self._registrar_uri(),
                "proxies": [hop.uri_over(self._transport), *self.chain[1:]] if self.edges else [],
                "next_hop": str(next_hop), "transport": self._transport or "", "keys": str(self._keys or ""),
                "secured": [server.secure.port for server in servers if server.secure],
                "peers": [str(peer) for peer in peers]}
            self._stack.enter_context(Capture(self._where.captures, self._name, peers, facts))
            self._stack.enter_context(self.daemon)
            # What is open stays open until the end of the context.
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    @property
    def chain(self):
        """The proxies as they are configured: without ;lr, which the daemon adds where nobody asked for strict
        routing."""
        if not self.edges:
            return []
        first, *others = self.edges
        return [
            first.uri_over(self._transport if self._transport in SECURED else None),
            *(edge.uri_over(self._beyond) for edge in others)]

    def _registrar_uri(self):
        if self.edges:
            return f"sip:{DOMAIN}"
        if self._transport in SECURED:
            return self.registrar.uri_over(self._transport)
        return self.registrar.uri + (f";transport={self._transport}" if self._transport else "")

    def _account(self, user, expires, changes):
        account = {
            "name": user, "aor": f"sip:{user}@{DOMAIN}", "password": f"secret-{user}", "expires": expires,
            "registrar": f"sip:{DOMAIN}" if self.edges else self.registrar.uri}
        if self._transport in SECURED:
            account["ca_file"] = str(self.trusted)
            account["registrar"] = self._registrar_uri()
            if self.own:
                account["certificate_file"], account["private_key_file"] = map(str, self.own)
        elif self._transport:
            account["transport"] = self._transport
        if self.edges:
            account["outbound_proxy"] = "edge" if self.is_strict else self.chain
        return {key: value for key, value in {**account, **changes}.items() if value is not None}

    def configure(self, *users, expires=10, **changes):
        """Writes the daemon's configuration. `changes`: keys of every account; None takes one away."""
        proxies = {"edge": {"routes": [self.chain], "strict_routing": True}}
        self.daemon.configure(
            [self._account(user, expires, changes) for user in users],
            proxies if self.is_strict else None, **self.settings)

    def start(self, *users, **changes):
        """Starts the daemon with these accounts, and returns when all are registered."""
        self.configure(*users, **changes)
        self.daemon.start()
        self.daemon.wait_registered(len(users))
        return self

    @property
    def path(self):
        """What the registrar must have stored: every proxy put itself in front (RFC 3327)."""
        places = [edge.uri_over(self._beyond) for edge in reversed(self.edges)]
        return ",".join(f"<{place};lr>" for place in places) or "[not set]"

    def next_binding(self, user, before, seconds=20):
        """The binding after a REGISTER later than `before`."""
        def found():
            binding = self.registrar.binding(user)
            return binding if binding is not None and binding.cseq > before.cseq else None
        return wait_until(found, seconds, f"{user}'s next REGISTER")
