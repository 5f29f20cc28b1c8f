"""Certificates made with openssl: an authority, and those it vouches for."""

from pathlib import Path

from harness.process import run

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """Keeps all it makes in a folder. `file`: what a client has to trust."""

    def __init__(self, folder, name="Test Authority"):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.file = self._folder / "authority.pem"
        self._key = self._folder / "authority.key"
        run(["openssl", "req", "-x509", *_KEY, "-days", 3650, "-subj", f"/CN={name}", "-addext",
             "basicConstraints=critical,CA:TRUE", "-keyout", self._key, "-out", self.file])

    def issue(self, name, *alternatives):
        """A certificate chain and its key, as two files. `alternatives`: as openssl writes them, `DNS:sip.test`."""
        request, extensions, certificate, key = (
            self._folder / f"{name}.{suffix}" for suffix in ("csr", "ext", "pem", "key"))
        extensions.write_text(f"subjectAltName={','.join(alternatives)}\nbasicConstraints=CA:FALSE\n")
        run(["openssl", "req", "-new", *_KEY, "-subj", f"/O={name}", "-keyout", key, "-out", request])
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._key, "-CAcreateserial",
             "-days", 30, "-extfile", extensions, "-out", certificate])
        return certificate, key
