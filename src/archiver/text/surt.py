"""SURT: an address in reversed order, so that a site's pages sort together; the key of web-archive indices.

`http://www.Example.com:80/a/?b=2&a=1#x` becomes `com,example)/a?a=1&b=2`: scheme, `www.`, default port, user, fragment
and session ids are left out, the host is reversed, the query sorted, all in lower case (the conventions of Heritrix and
of Wayback Machines, after "Sort-friendly URI Reordering Transform"). It is a key for lookups, not an
identity: addresses that differ only in case have one key.
"""

import re
from urllib.parse import urlsplit

_WWW = re.compile(r"^www\d*\.")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PORTS = {"http": 80, "https": 443, "ftp": 21}
_SESSION_IN_PATH = re.compile(r"/\((?:[a-z]\([0-9a-z]{24}\))+\)(?=/)|/\([0-9a-z]{24}\)(?=/)|;jsessionid=[0-9a-z]{32}$")
_SESSION_IN_QUERY = re.compile(r"^(?:(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24})$")
_SLASHES = re.compile(r"/{2,}")


def surt(url: str) -> str:
    """Return the key of an address; for a text that is not a web address, the text in lower case."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url.lower()
    if not host:
        return url.lower()
    key = _turned(host)
    if port is not None and port != _PORTS.get(parts.scheme.lower()):
        key += f":{port}"
    return f"{key}){_path(parts.path)}{_query(parts.query)}"


def _turned(host: str) -> str:
    """Return `www.a.b` as `b,a`, IPv4 addresses as well; IPv6 unchanged; other scripts in punycode."""
    if ":" in host:
        return f"[{host.lower()}]"
    host = _WWW.sub("", _ascii(host.rstrip(".").lower())) if not _ADDRESS.fullmatch(host) else host
    return ",".join(reversed(host.split(".")))


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _path(path: str) -> str:
    lowered = _SESSION_IN_PATH.sub("", _escaped(path).lower())
    return _SLASHES.sub("/", lowered).rstrip("/") or "/"


def _query(query: str) -> str:
    kept = sorted(part for part in _escaped(query).lower().split("&") if not _SESSION_IN_QUERY.match(part))
    joined = "&".join(kept)
    return f"?{joined}" if joined else ""


def _escaped(text: str) -> str:
    """Return text with non-ASCII characters, control characters and spaces percent-encoded."""
    return "".join(char if "!" <= char <= "~" else _percent(char) for char in text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "replace"))
