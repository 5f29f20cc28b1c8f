"""TLS around a server of the harness, as OpenSSL speaks it."""

import contextlib
import ssl


def context(chain, key, clients=None):
    """A server's, which shows this certificate. `clients`: the file of the authority that has to vouch for theirs;
    None: nobody is asked for one."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(chain, key)
    if clients:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(clients)
    return made


class Secured:
    """Stands before a `Server` class among the bases, and makes it speak TLS over TCP."""

    def __init__(self, context, **server):
        super().__init__(transport="tcp", **server)
        self._context = context
        # Whom clients have asked for (server_name of RFC 6066); None: they did not say.
        self.names = []
        context.sni_callback = lambda _channel, name, _context: self.names.append(name)

    def _admit(self, channel):
        channel.settimeout(10)
        # Who finds something wrong with the certificate says so, and goes.
        with contextlib.suppress(OSError):
            super()._admit(self._context.wrap_socket(channel, server_side=True))

    def _read_stream(self, channel):
        super()._read_stream(channel)
        # What TLS has read already wakes nobody.
        while channel in self._connections and channel.pending():
            super()._read_stream(channel)
