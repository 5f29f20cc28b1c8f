"""Certificates made with openssl: authorities, and those they vouch for."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.process import run

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
_CA = "CA:TRUE"
SETTINGS = """\
[ca]
default_ca = own
[own]
database = {place}.index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = optional
organizationName = optional
[leaf]
basicConstraints = {constraints}
"""


class Authority:
    """Keeps all it makes in a folder. `file`: what a client has to trust. `issuer`: the authority that vouches for this
    one; None: it does itself."""

    _numbers = itertools.count(1)

    def __init__(self, folder, name="Test Authority", issuer=None):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._issuer = issuer
        if issuer:
            self.file, self._key = issuer.issue(name, subject=f"/CN={name}", constraints=_CA)
        else:
            self.file, self._key = sign_itself(self._folder / "authority", f"/CN={name}", constraints=_CA)

    def issue(self, name, *alternatives, subject=None, days=(-1, 30), constraints="CA:FALSE", **extensions):
        """A certificate chain and its key, as two files.

        `alternatives`: as openssl writes them, `DNS:sip.test`; none: there is no subjectAltName. `days`: from when and
        until when it is valid, counted from today. `extensions`: others, by their names.
        """
        place = self._folder / f"{name.replace('/', '-')}-{next(self._numbers)}"
        request, settings, certificate, key, index = (
            Path(f"{place}.{suffix}") for suffix in ("csr", "cnf", "pem", "key", "index"))
        if alternatives:
            extensions["subjectAltName"] = ",".join(alternatives)
        lines = [f"{extension} = {value}\n" for extension, value in extensions.items()]
        settings.write_text(
            SETTINGS.format(place=place, folder=self._folder, constraints=constraints) + "".join(lines))
        index.touch()
        run(["openssl", "req", "-new", *_KEY, "-subj", subject or f"/O={name}", "-keyout", key, "-out", request])
        begin, end = (f"{datetime.now(UTC) + timedelta(days=day):%Y%m%d%H%M%SZ}" for day in days)
        run(["openssl", "ca", "-batch", "-notext", "-config", settings, "-cert", self.file, "-keyfile", self._key,
             "-in", request, "-startdate", begin, "-enddate", end, "-extensions", "leaf", "-out", certificate])
        if self._issuer:
            with open(certificate, "ab") as chain:
                chain.write(self.file.read_bytes())
        return certificate, key


def sign_itself(place, subject, *alternatives, constraints="CA:FALSE"):
    """A certificate that nobody else vouches for, and its key, as two files. `alternatives`: as of an authority."""
    certificate, key = Path(f"{place}.pem"), Path(f"{place}.key")
    extensions = [f"basicConstraints=critical,{constraints}"]
    extensions += [f"subjectAltName={','.join(alternatives)}"] if alternatives else []
    run(["openssl", "req", "-x509", *_KEY, "-days", 3650, "-subj", subject, "-keyout", key, "-out", certificate,
         *(word for extension in extensions for word in ("-addext", extension))])
    return certificate, key
