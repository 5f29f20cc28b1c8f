"""Configurations as people write them: taken as they are meant, or refused with the word that helps.

"practice" stands for other programs' habits, editors and exports.
"""

from rows import filed

BOM = b"\xef\xbb\xbf"
ACCOUNT = '[[account]]\naor = "sip:alice@field.test"\npassword = "secret"\n'


def config(name, verdict, text, source="practice", **files):
    """`files`: further ones beside it, by name with "_" for "."."""
    data = text if isinstance(text, bytes) else text.encode()
    filed(name, source, {"sipregd.toml": data, **{key.replace("_", "."): value for key, value in files.items()}},
          verdict)


def account(name, verdict, *lines, source="practice"):
    config(name, verdict, "\n".join(("[[account]]", *lines, "")), source)


def jsonl(name, verdict, data):
    config(name, verdict, '[daemon]\naccounts_file = "accounts.jsonl"\n', accounts_jsonl=data)


AOR = 'aor = "sip:alice@field.test"'
OBJECT = b'{"aor": "sip:alice@field.test", "password": "secret"}'

# Encodings and ends of lines
config("file-bom", "taken; says 1 account", BOM + ACCOUNT.encode())
config("file-crlf", "taken; says 1 account", ACCOUNT.replace("\n", "\r\n"))
config("file-no-final-newline", "taken; says 1 account", ACCOUNT.rstrip())
config("file-tabs-and-blanks", "taken; says 1 account", ACCOUNT.replace(" = ", "\t =\t").replace("\n", " \t\n"))
config("file-utf16", "refused; says UTF-", ACCOUNT.encode("utf-16"))
config("file-latin1", "refused; says UTF-8", ACCOUNT.replace("secret", "gr\xfcn").encode("latin-1"))
jsonl("lines-bom", "taken; says 1 account", BOM + OBJECT + b"\n")
jsonl("lines-crlf-and-empty", "taken; says 1 account", OBJECT + b"\r\n\r\n  \r\n")
jsonl("lines-no-final-newline", "taken; says 1 account", OBJECT)
jsonl("lines-an-array", "refused; says line", b"[" + OBJECT + b"]\n")
jsonl("lines-key-of-others", "refused; says password", OBJECT.replace(b'"password"', b'"secret"'))

# Addresses
account("aor-bare", "taken", 'aor = "alice@field.test"', 'password = "x"')
account("aor-with-hash", "refused; says %23", 'aor = "sip:77#1@field.test"', 'password = "x"')
account("aor-with-hash-bare", "refused; says %23", 'aor = "77#1@field.test"', 'password = "x"')
account("aor-escaped", "taken", 'aor = "sip:77%231@field.test"', 'password = "x"')
account("aor-with-a-port", "says registrar", 'aor = "sip:alice@field.test:5061"', 'password = "x"')
account("aor-with-port-5070", "says registrar", 'aor = "alice@field.test:5070"', 'password = "x"')
account("aor-with-a-name", "refused; says aor", "aor = '\"Alice\" <sip:alice@field.test>'", 'password = "x"')
account("aor-without-user", "refused; says user", 'aor = "sip:field.test"', 'password = "x"')
account("aor-space", "refused; says aor", 'aor = "sip:alice smith@field.test"', 'password = "x"')
account("registrar-with-a-user", "refused; says user", AOR, 'registrar = "sip:alice@field.test"', 'password = "x"')
account("registrar-bare-ipv6", "taken", AOR, 'registrar = "2001:db8::7"', 'password = "x"')
account("registrar-in-capitals", "taken", AOR, 'registrar = "SIP:Field.TEST;Transport=UDP"', 'password = "x"')
account("registrar-url-of-the-web", "refused; says registrar", AOR, 'registrar = "https://field.test/"',
        'password = "x"')
account("proxy-lr-with-value", "taken", AOR, 'outbound_proxy = "sip:edge.field.test;lr=on"', 'password = "x"')
account("proxy-in-brackets", "says outbound_proxy", AOR, 'outbound_proxy = "<sip:edge.field.test;lr"', 'password = "x"')

# Transports, and TLS as other programs have it
account("transport-tls", "taken", AOR, 'transport = "tls"', 'password = "x"')
account("transport-in-capitals", "taken", AOR, 'transport = "TLS"', 'password = "x"')
account("transport-sips", "refused; says tls", AOR, 'transport = "sips"', 'password = "x"')
account("aor-sips", "taken", 'aor = "sips:alice@field.test"', 'password = "x"')
account("aor-sips-over-udp", "refused; says sips", 'aor = "sips:alice@field.test"', 'transport = "udp"',
        'password = "x"')
account("proxy-sips-over-udp", "refused; says sips", AOR, 'outbound_proxy = "sips:edge.field.test"',
        'transport = "udp"', 'password = "x"')
account("registrar-port-of-tls", "says transport", AOR, 'registrar = "field.test:5061"', 'password = "x"')
account("registrar-tls-and-its-port", "taken", AOR, 'registrar = "field.test:5061"', 'transport = "tls"',
        'password = "x"')
account("registrar-url-of-tls", "taken", AOR, 'registrar = "tls://field.test"', 'password = "x"')
account("registrar-tls-without-slashes", "refused; says transport=tls", AOR, 'registrar = "tls:field.test:5061"',
        'password = "x"')
account("proxy-url-of-websocket", "taken", AOR, 'outbound_proxy = "wss://edge.field.test:8443/ws"', 'password = "x"')
account("proxy-sip-plus-tls", "refused; says transport=tls", AOR, 'outbound_proxy = "sip+tls://edge.field.test"',
        'password = "x"')
account("tls-a-flag", "refused; says transport", AOR, "tls = true", 'password = "x"')
account("verify-server-no", "refused; says ca_file", AOR, 'verify_server = "no"', 'password = "x"')
account("method-of-tls", "refused; says 1.2", AOR, 'method = "tlsv1_2"', 'password = "x"')
account("certificate-without-its-key", "refused; says private_key_file", AOR, 'certificate_file = "sipregd.toml"',
        'password = "x"')
config("ca-file-is-no-pem", "refused; says PEM", ACCOUNT + 'ca_file = "ca.pem"\n', ca_pem=b"-----BEGIN\n")
config("certificate-and-a-key-that-are-none", "refused; says PEM",
       ACCOUNT + 'certificate_file = "client.pem"\nprivate_key_file = "client.pem"\n', client_pem=b"none\n")
account("tos-in-place-of-dscp", "refused; says dscp", AOR, "tos = 184", 'password = "x"')
account("dscp-as-an-octet", "refused; says 46", AOR, "dscp = 184", 'password = "x"')
account("keepalive-other-names", "refused; says keepalive", AOR, "qualify_frequency = 60", 'password = "x"')

# Passwords and realms
account("password-empty", "taken", AOR, 'password = ""')
account("password-a-number", "refused; says password", AOR, "password = 1234")
config("password-file-empty", "taken", '[[account]]\naor = "sip:alice@field.test"\npassword_file = "pw"\n', pw=b"\n")
config("password-file-bom", "taken", '[[account]]\naor = "sip:alice@field.test"\npassword_file = "pw"\n',
       pw=BOM + b"secret\r\n")
config("password-file-two-lines", "refused; says line",
       '[[account]]\naor = "sip:alice@field.test"\npassword_file = "pw"\n',
       pw=b"secret\nanother\n")
config("password-file-missing", "refused; says pw", '[[account]]\naor = "sip:alice@field.test"\npassword_file = "pw"\n')
account("realm-any", "taken", AOR, 'realm = "*"', 'password = "x"')

# Keys of other programs: which one is meant
for _key, _value, _meant in (
        ("auth_username", '"alice"', "username"), ("authname", '"alice"', "username"),
        ("auth_user", '"alice"', "username"),
        ("auth_id", '"alice"', "username"), ("user", '"alice"', "username"), ("secret", '"x"', "password"),
        ("auth_password", '"x"', "password"), ("passwd", '"x"', "password"),
        ("proxy", '"sip:e.field.test"', "outbound_proxy"),
        ("outbound", '"sip:e.field.test"', "outbound_proxy"), ("outboundproxy", '"sip:e.field.test"', "outbound_proxy"),
        ("route", '"sip:e.field.test"', "outbound_proxy"), ("host", '"field.test"', "registrar"),
        ("server", '"field.test"', "registrar"),
        ("server_uri", '"sip:field.test"', "registrar"), ("registrar_uri", '"sip:field.test"', "registrar"),
        ("domain", '"field.test"', "aor"),
        ("client_uri", '"sip:a@field.test"', "aor"), ("expiry", "600", "expires"), ("regint", "600", "expires"),
        ("expiration", "600", "expires"), ("retry_interval", "60", "retry_base"), ("from_user", '"bob"', "from"),
        ("passwrod", '"x"', "password"), ("Password", '"x"', "password")):
    account(f"key-{_key.replace('_', '-')}", f"refused; says {_meant}", AOR, f"{_key} = {_value}", *(
        () if _meant == "password" else ('password = "x"',)))

# What only an attacker writes, or an accident
config("keys-nested-deeply", "refused; says deep", "a." * 50_000 + "b = 1\n", "behaviour")
config("arrays-nested-deeply", "refused; says deep", "a = " + "[" * 50_000 + "\n", "behaviour")
config("name-with-escapes", "refused; says \\u", '[[account]]\n"\\u001b[2J" = 1\n' + AOR + "\n", "behaviour")
config("port-beyond-the-last", "refused; says local_port", '[daemon]\nlocal_port = 65535\nshards = 2\n' + ACCOUNT,
       "behaviour")
config("times-beyond-all", "refused; says expires", ACCOUNT + 'expires = "9999999999 d 9999999999 d"\n', "behaviour")
