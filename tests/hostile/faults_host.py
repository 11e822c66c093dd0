"""Faults of whole servers: some twenty variants of robots.txt, TLS that is not trusted or missing."""

import datetime as dt
import ipaddress
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from archiver.model.capture import Outcome
from hostile.server import PAGE, Asked, End, Fault, Host, Part, Said, answer, fault, head

OK, REFUSED, NETWORK, TLS = Outcome.OK, Outcome.REFUSED, Outcome.NETWORK_ERROR, Outcome.TLS_ERROR
DENY = b"User-agent: *\nDisallow: /\n"
DENY_BY_THE_END = b"User-agent: *\n" + b"Allow: /nowhere-at-all\n" * 27_000 + b"Disallow: /\n"
FORBIDS, NOT_FETCHED = "forbids it", "could not be fetched"
SITE = "servers"


def rules(body: bytes, *lines: str, status: str = "200 OK", kind: str = "text/plain") -> Said:
    """Return a robots.txt."""
    return (answer(body, *lines, status=status, kind=kind),)


def away(location: str) -> Sequence[Part]:
    """Redirect to a robots.txt elsewhere."""
    return (answer(b"", f"Location: {location}", status="302 Found"),)


def to_denial(asked: Asked) -> Sequence[Part]:
    """Redirect to another server's rules, which forbid everything: they are used here, too."""
    return away(f"{asked.origins['robots-deny']}/robots.txt")


def to_nobody(asked: Asked) -> Sequence[Part]:
    """Redirect to a port without a server."""
    return away(f"{asked.origins['closed']}/robots.txt")


def onward(asked: Asked) -> Sequence[Part]:
    """Redirect to robots.txt with another query each time."""
    return away(f"/robots.txt?{asked.before + 1}")


VARIANTS: tuple[tuple[str, Said, Outcome, str], ...] = (
    ("deny", rules(DENY), REFUSED, FORBIDS),
    ("500", rules(b"", status="500 Oops"), REFUSED, "answered 500"),
    ("503", rules(b"User-agent: *\nDisallow:\n", status="503 Away"), REFUSED, "answered 503"),
    ("429", rules(b"", status="429 Too Many"), REFUSED, "answered 429"),
    ("404", rules(DENY, status="404 No"), OK, ""),
    ("403", rules(DENY, status="403 No"), OK, ""),
    ("401", rules(DENY, status="401 No"), OK, ""),
    ("204", (head(status="204 No Content", kind=None),), OK, ""),
    ("reset", (End.RESET,), NETWORK, NOT_FETCHED),
    ("close", (), NETWORK, NOT_FETCHED),
    ("timeout", (End.HOLD,), NETWORK, NOT_FETCHED),
    (
        "stall",
        (head(length=500, kind="text/plain") + DENY, End.HOLD),
        REFUSED,
        rf"{NOT_FETCHED} \(no complete response within",
    ),
    ("cut", (head(length=500, kind="text/plain") + DENY,), REFUSED, NOT_FETCHED),
    ("loop", away("/robots.txt"), OK, ""),
    ("onward", onward, OK, ""),
    ("elsewhere", to_denial, REFUSED, FORBIDS),
    ("to-ftp", away("ftp://127.0.0.1/robots.txt"), OK, ""),
    ("to-closed", to_nobody, NETWORK, NOT_FETCHED),
    ("no-location", (answer(DENY, status="302 Found"),), OK, ""),
    ("html", rules(PAGE, kind="text/html"), OK, ""),
    ("html-denies", rules(b"<pre>\nUser-agent: *\nDisallow: /\n</pre>", kind="text/html"), REFUSED, FORBIDS),
    ("600k", rules(DENY_BY_THE_END), OK, ""),
    ("600k-first", rules(DENY + b"# much more\n" * 50_000), REFUSED, FORBIDS),
    ("endless-line", rules(DENY + b"Disallow: /" + b"x" * 700_000), REFUSED, FORBIDS),
    ("bom", rules(b"\xef\xbb\xbf" + DENY), REFUSED, FORBIDS),
    ("utf16", rules(DENY.decode().encode("utf-16")), OK, ""),
    ("cr-only", rules(DENY.replace(b"\n", b"\r")), REFUSED, FORBIDS),
    ("nuls", rules(b"\0\0" + DENY.replace(b"\n", b"\0\n")), OK, ""),
    ("nul-lines", rules(b"\0\0\n" + DENY + b"\0"), REFUSED, FORBIDS),
    ("latin1", rules(b"# r\xe8gles\nUser-agent: *\nDisallow: /\xe9\nDisallow: /pa\n"), REFUSED, FORBIDS),
    ("gzip", rules(DENY, "Content-Encoding: gzip"), REFUSED, "forbids it"),
    ("case", rules(b"USER-AGENT : *\ndisallow:/\n"), REFUSED, FORBIDS),
    ("no-agent", rules(b"Disallow: /\n"), OK, ""),
    ("named", rules(b"User-agent: archiver\nDisallow: /page\n\nUser-agent: *\nDisallow:\n"), REFUSED, FORBIDS),
    ("stars", rules(b"User-agent: *\nDisallow: /" + b"*a" * 300 + b"$\nDisallow: /*p*a*g*e$\n"), REFUSED, FORBIDS),
    ("delay-absurd", rules(b"User-agent: *\nCrawl-delay: -1e999\nCrawl-delay: nan\nDisallow:\n"), OK, ""),
)


def robots(name: str, outcome: Outcome, note: str) -> Fault:
    """The one page of a server with a variant of robots.txt."""
    title = "Whole" if outcome is OK else None
    return fault("page", (answer(PAGE),), outcome, host=f"robots-{name}", note=note, title=title)


def certified(*, is_expired: bool) -> ssl.SSLContext:
    """Return a server's TLS context with its own certificate, valid until 2030 or expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    until = dt.datetime(2020 if is_expired else 2030, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(dt.datetime(2019, 1, 1, tzinfo=dt.UTC))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.not_valid_after(until).add_extension(names, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "chain.pem")
        path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    return context


ALERT = b"\x15\x03\x01\x00\x02\x02\x28"
TLS_HOSTS = (
    Host("tls-self-signed", SITE, tls=lambda: certified(is_expired=False)),
    Host("tls-expired", SITE, tls=lambda: certified(is_expired=True)),
    Host("tls-plain-asked", SITE, tls=lambda: certified(is_expired=False)),
    Host("tls-alert", SITE, greeting=(ALERT,)),
    Host("tls-garbage", SITE, greeting=(b"\0\xffnonsense\r\n" * 10,)),
    Host("tls-closed", SITE, greeting=()),
    Host("tls-silent", SITE, greeting=(End.HOLD,)),
    Host("tls-reset", SITE, greeting=(0.05, End.RESET)),
    Host("tls-none", SITE),
)
TLS_FAULTS = (
    *(
        fault("page", (answer(PAGE),), TLS, host=name, note=NOT_FETCHED, scheme="https")
        for name in ("tls-self-signed", "tls-expired")
    ),
    fault("page", (answer(PAGE),), NETWORK, host="tls-plain-asked", note=NOT_FETCHED),
    *(
        fault("page", (), TLS, NETWORK, host=name, note=NOT_FETCHED, scheme="https")
        for name in ("tls-alert", "tls-garbage")
    ),
    *(
        fault("page", (), NETWORK, TLS, host=name, note=NOT_FETCHED, scheme="https")
        for name in ("tls-silent", "tls-reset")
    ),
    fault("page", (answer(PAGE),), TLS, NETWORK, host="tls-none", note=NOT_FETCHED, scheme="https"),
)

HOSTS = (
    Host(SITE, SITE),
    *(Host(f"robots-{name}", SITE, said) for name, said, _, _ in VARIANTS),
    *TLS_HOSTS,
)
FAULTS = (*(robots(name, outcome, note) for name, _, outcome, note in VARIANTS), *TLS_FAULTS)
