"""What a row that wants a daemon of its own may use."""

from contextlib import ExitStack
from pathlib import Path

from harness.daemon import Daemon, account
from harness.scripted import numbered
from quarter import Quarter


class Stage:
    """A context: what was made through it is ended behind it. Registrars of it are at an address of its own."""

    def __init__(self, binaries, folder, number):
        self.binaries = Path(binaries)
        self.folder = Path(folder)
        self.host = f"127.45.0.{number + 1}"
        self._stack = ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def use(self, context):
        return self._stack.enter_context(context)

    def registrar(self, answer, **server):
        """`answer(request, number)`, as in a row."""
        return self.use(Quarter(numbered(answer), **server))

    def uri(self, registrar):
        return f"sip:{self.host}:{registrar.port}" + ("" if registrar.is_datagram else ";transport=tcp")

    def daemon(self, accounts, proxies=None, **settings):
        self.folder.mkdir(parents=True, exist_ok=True)
        daemon = self.use(Daemon(self.binaries, self.folder / f"sipregd-{len(list(self.folder.iterdir()))}"))
        daemon.configure(accounts, proxies, local_address_v4="127.0.0.1", local_address_v6="off", **settings)
        return daemon.start()

    def account(self, user, peer, **changes):
        return account(
            user, peer, "field.test", **{"registrar": self.uri(peer), "expires": 20, "minimum_interval": 1, **changes})
