"""A registrar, the proxies in front of it, a daemon, and a capture of what goes between them."""

from contextlib import ExitStack

from capture import Capture
from harness.daemon import Daemon
from harness.kamailio import DOMAIN, Edge, Registrar
from harness.process import wait_until


class Site:
    """A context: everything runs inside, and is ended behind it.

    `edges`: the flags of each proxy, in the order in which a request meets them; none: registered directly.
    """

    def __init__(self, where, name, edges=(), transport=None, **registrar):
        self._stack = ExitStack()
        self._where = where
        self._name = name
        self._transport = transport
        folder = where.scratch / name
        self.registrar = Registrar(folder, **registrar)
        self.edges = [Edge(folder, self.registrar, *flags) for flags in edges]
        self.is_strict = any("STRICT" in flags for flags in edges)
        self.daemon = Daemon(where.binaries, folder / "sipregd")
        self.settings = {}

    @property
    def routing(self):
        if not self.edges:
            return "direct"
        return "strict" if self.is_strict else "loose"

    def __enter__(self):
        with self._stack:
            servers = [self._stack.enter_context(server) for server in (self.registrar, *self.edges)]
            peers = [server.endpoint for server in servers]
            facts = {
                "routing": self.routing, "registrar": self._registrar_uri(),
                "proxies": [edge.uri for edge in self.edges], "next_hop": str((self.edges or servers)[0].endpoint),
                "peers": [str(peer) for peer in peers]}
            self._stack.enter_context(Capture(self._where.captures, self._name, peers, facts))
            self._stack.enter_context(self.daemon)
            # What is open stays open until the end of the context.
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def _registrar_uri(self):
        if self.edges:
            return f"sip:{DOMAIN}"
        return self.registrar.uri + (f";transport={self._transport}" if self._transport else "")

    def _account(self, user, expires, changes):
        account = {
            "name": user, "aor": f"sip:{user}@{DOMAIN}", "password": f"secret-{user}", "expires": expires,
            "registrar": f"sip:{DOMAIN}" if self.edges else self.registrar.uri}
        if self._transport:
            account["transport"] = self._transport
        if self.edges:
            # Without ;lr, which the daemon adds where nobody asked for strict routing.
            account["outbound_proxy"] = "edge" if self.is_strict else [edge.uri for edge in self.edges]
        return {key: value for key, value in {**account, **changes}.items() if value is not None}

    def configure(self, *users, expires=10, **changes):
        """Writes the daemon's configuration. `changes`: keys of every account; None takes one away."""
        proxies = {"edge": {"routes": [[edge.uri for edge in self.edges]], "strict_routing": True}}
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
        return ",".join(f"<{edge.uri};lr>" for edge in reversed(self.edges)) or "[not set]"

    def next_binding(self, user, before, seconds=20):
        """The binding after a REGISTER later than `before`."""
        def found():
            binding = self.registrar.binding(user)
            return binding if binding is not None and binding.cseq > before.cseq else None
        return wait_until(found, seconds, f"{user}'s next REGISTER")
