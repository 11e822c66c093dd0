"""Addresses: resolved as a browser does, in a safe normal form, as the identity of a page, and as a SURT key.

The parser is the WHATWG URL Standard's (4.4) without what an archive does not need: user and password are dropped;
hosts that DNS cannot name, and IPv4 addresses that are not four decimal numbers, are rejected.
"""

import re
from encodings.idna import nameprep
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import IPv6Address
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from archiver.errors import UsageError
from archiver.text.ipv4 import dotted
from archiver.text.percent import percent_encode_path, percent_encode_query

LONGEST = 8192  # the maximum length of an address; no known server accepts more

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NOISE = re.compile(r"utm_.*|fbclid|gclid|dclid|msclkid|phpsessid|jsessionid|aspsessionid[a-z]{8}", re.IGNORECASE)
_SESSION_PATH = re.compile(r"/\((?:[a-z]\([a-z0-9_-]{8,}\))+\)(?=/)|;jsessionid=[^/?#;]*", re.IGNORECASE)
_SESSION_PAIR = re.compile(r"(?:phpsessid|jsessionid|aspsessionid[a-z]{8})=|sid=[0-9a-z]{32}\Z")

_HOST = r"(?=[^/]{1,253}/)(?:[a-z0-9-]{1,63}\.)++[a-z][a-z0-9-]{0,62}"
_FAST = re.compile(
    rf"(https?://{_HOST}(?=/))?(/(?!/)[\w/.~!$&'()*+,;=@%-]*+|\w[\w/.~!$&'()*+,;=@%-]*+)?(\?[\w/.~!$&()*+,;=@%:?-]*+)?(?:\#|\Z)",
    re.ASCII,
)
_CANONICAL = re.compile(rf"(https?)://({_HOST})(/[\w/.~!$&'()*+,;=@:-]*+)(?:\?([\w/.~!$&()*+,;=@:?-]*+))?\Z", re.ASCII)
_DOTTED = re.compile(r"/\.|/%2[Ee]")

_BREAKS = re.compile(r"[\t\r\n]")
_LONGEST_PLACE = 3000  # 253 letters of a host, each of them three escaped bytes, and a port
_EDGES = "".join(map(chr, range(0x21)))  # C0 controls and space
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]*))?")
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*+[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_ONE_DOT, _TWO_DOTS = frozenset((".", "%2e")), frozenset(("..", ".%2e", "%2e.", "%2e%2e"))
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile("(?<!%)(?<!%[0-9A-Fa-f])%([0-9A-Fa-f]{2})")  # not one with a stray % before it


class _Parts(NamedTuple):
    """The parts of an address; query is None when there is no question mark."""

    scheme: str
    netloc: str
    path: str
    query: str | None

    def __str__(self) -> str:
        """Return the address as text."""
        return f"{self.scheme}://{self.netloc}{self.path}" + ("" if self.query is None else f"?{self.query}")


def absolute(base: str, href: str, charset: str = "utf-8") -> str | None:
    """Resolve a link as a browser does, without fragment; None when it is no http(s) address or leads to the page.

    Letters in the query are escaped in `charset`, the encoding of the page that holds the link.
    """
    plain = _FAST.match(href)
    if plain is None or _DOTTED.search(href):
        return _slowly(base, href, charset)
    origin, path, query = plain.groups()
    if origin:
        url: str = origin + path
    else:
        found = _base_of(base)
        if found is None or not (path or query):
            return None
        _, origin, folder, page = found
        url = (origin if path[0] == "/" else folder) + path if path else page
    if query:
        url += query
    return url if len(url) <= LONGEST else None


def _slowly(base: str, href: str, charset: str) -> str | None:
    href = _BREAKS.sub("", href.strip(_EDGES))
    found = _base_of(base)
    if not href or href.startswith("#") or len(href) > LONGEST or found is None:
        return None
    parts = _parsed(href, found[0], charset)
    url = str(parts) if parts else ""
    return url if 0 < len(url) <= LONGEST else None


@lru_cache(maxsize=256)
def _base_of(base: str) -> tuple[_Parts, str, str, str] | None:
    """The base of relative links: its parts, its origin, its folder, and itself without query."""
    parts = _parsed(_BREAKS.sub("", base.strip(_EDGES)), None) if len(base) <= LONGEST else None
    if parts is None:
        return None
    origin = f"{parts.scheme}://{parts.netloc}"
    return parts, origin, origin + parts.path[: parts.path.rindex("/") + 1], origin + parts.path


def _parsed(text: str, base: _Parts | None, charset: str = "utf-8") -> _Parts | None:
    front, mark, query = text.partition("#")[0].partition("?")
    asked = percent_encode_query(query, charset) if mark else None
    found = _SCHEME.match(front)
    if found is None and base is None:
        return None
    scheme = found[1].lower() if found else base.scheme if base else ""
    if scheme not in _DEFAULT_PORTS:
        return None
    front = front[found.end() if found else 0 :].replace("\\", "/")
    if base and scheme == base.scheme and not front.startswith("//"):
        return _relative(front, asked, base)
    authority, _, path = front.lstrip("/").partition("/")
    netloc = _netloc(scheme, authority)
    return _Parts(scheme, netloc, _without_dots("/" + percent_encode_path(path)), asked) if netloc else None


def _relative(front: str, query: str | None, base: _Parts) -> _Parts:
    if not front:
        return base._replace(query=base.query if query is None else query)
    path = percent_encode_path(front)
    if not path.startswith("/"):
        path = base.path[: base.path.rindex("/") + 1] + path
    return base._replace(path=_without_dots(path), query=query)


@lru_cache(maxsize=1024)
def _netloc(scheme: str, authority: str) -> str | None:
    """Return host and port in normal form; None when the host is invalid."""
    place = authority.rpartition("@")[2]
    found = _AUTHORITY.fullmatch(place) if len(place) <= _LONGEST_PLACE else None
    if found is None:
        return None
    port = (found[2] or "").lstrip("0") or ("0" if found[2] else "")
    try:
        host = _ipv6(found[1][1:-1]) if found[1][0] == "[" else _name(found[1])
    except (ValueError, UnicodeError):
        return None
    if len(port) > 5 or int(port or 0) > 0xFFFF:  # noqa: PLR2004
        return None
    return host if not port or int(port) == _DEFAULT_PORTS[scheme] else f"{host}:{port}"


def _ipv6(text: str) -> str:
    address = IPv6Address(text)
    mapped = address.ipv4_mapped  # newer Pythons print it with dots, browsers do not
    return f"[::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}]" if mapped else f"[{address.compressed}]"


def _name(text: str) -> str:
    """Return a host name in ASCII; an address when it ends in a number.

    Raises:
        ValueError: DNS cannot represent it.
    """
    name = unquote(text) if "%" in text else text
    if not name.isascii():
        name = ".".join(map(_label, re.split("[.\u3002\uff0e\uff61]", name)))
    name = name.lower().removesuffix(".")
    if len(name) > 253 or not _NAME.fullmatch(name):  # noqa: PLR2004
        raise ValueError(name)
    return dotted(name) if _NUMBER.fullmatch(name.rpartition(".")[2]) else name


def _label(label: str) -> str:
    """Return one label by IDNA; ß and ς stay letters of their own, as in browsers (UTS 46, nontransitional)."""
    if label.isascii():
        return label
    kept = "".join(part if part in "ßς" else nameprep(part) for part in re.split("([ßς])", label))
    if "." in kept:
        raise ValueError(label)
    return kept if kept.isascii() else "xn--" + kept.encode("punycode").decode("ascii")


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986, 5.2.4), also dots written as %2e."""
    if not _DOTTED.search(path):
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        spelt = segment.lower()
        if spelt in _TWO_DOTS:
            del kept[max(1, len(kept) - 1) :]
        elif spelt not in _ONE_DOT:
            kept.append(segment)
    if segments[-1].lower() in _ONE_DOT | _TWO_DOTS:
        kept.append("")
    return "/".join(kept)


def canonical(url: str) -> str:
    """Return the safe normal form (RFC 3986, 6.2.2): the spelling changes, never the resource. Idempotent.

    A fragment and a user name are dropped: they are not sent to a server.

    Raises:
        UsageError: it is not an http or https address.
    """
    return url if _CANONICAL.match(url) and "/." not in url and len(url) <= LONGEST else str(_spelt(url))


def _canonical_parts(url: str) -> _Parts:
    found = _CANONICAL.match(url)
    if found and "/." not in url and len(url) <= LONGEST:
        return _Parts._make(found.groups())
    return _spelt(url)


def _spelt(url: str) -> _Parts:
    text = _BREAKS.sub("", url.strip(_EDGES)) if len(url) <= LONGEST else ""
    parts = _parsed(text, None) if re.match(r"https?:[/\\]{2}", text, re.IGNORECASE) else None
    if parts is None:
        raise UsageError(_not_an_address(url))
    if "%" in parts.path or "%" in (parts.query or ""):
        path, query = _without_dots(_normal_escapes(parts.path)), parts.query
        parts = parts._replace(path=path, query=None if query is None else _normal_escapes(query))
    if len(str(parts)) > LONGEST:
        raise UsageError(_not_an_address(url))
    return parts


def _not_an_address(url: str) -> str:
    shown = repr(url[:200])
    if len(url) > LONGEST:
        return f"address too long: {shown}… has {len(url)} characters; {LONGEST} are the most"
    if re.match(r"(?!localhost:)[a-z][a-z0-9+.-]*:(?!\d)", url[:200], re.IGNORECASE):
        return f"not a web address: {shown}; write http:// or https://, a host and, if need be, a port up to 65535"
    if re.match(r"(?:[\w-]+\.)+[^\W\d_][\w-]*(?:[/:?]|\Z)|localhost\b", url[:200], re.IGNORECASE):
        return f"not a web address: {shown}; did you mean {'http://' + url[:200]!r}?"
    return f"not a web address: {shown}; write the complete address, such as https://example.org/page"


def _normal_escapes(text: str) -> str:
    def normal(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16))
        return char if char in _UNRESERVED else "%" + found[1].upper()

    return _ESCAPE.sub(normal, text) if "%" in text else text


def page_key(url: str, *, keep: tuple[str, ...] | None, drop: tuple[str, ...], fold_case: bool) -> str:
    """Return the identity of the page of an address, by a profile's `[url]` rules.

    http and https are one; parameters are filtered and sorted; session ids and campaign tags never count, unless
    kept by name. What counts keeps its spelling: `+` and `%2B`, `a` and `a=`, `%FF` and `%FE` are different. Parameters
    of one name keep their order, since servers read them in it.
    """
    parts = _canonical_parts(url)
    path = _SESSION_PATH.sub("", parts.path) or "/"
    if fold_case:
        path = path.lower()
        keep = tuple(name.lower() for name in keep) if keep is not None else None
        drop = tuple(name.lower() for name in drop)
    query = _counted(parts.query, keep, drop, fold_case=fold_case) if parts.query else ""
    return f"//{parts.netloc}{path}" + (f"?{query}" if query else "")


def _counted(query: str, keep: tuple[str, ...] | None, drop: tuple[str, ...], *, fold_case: bool) -> str:
    pairs: list[tuple[str, str]] = []
    for pair in filter(None, query.split("&")):
        spelt, mark, value = pair.partition("=")
        spelt = spelt.lower() if fold_case else spelt
        name = unquote_plus(spelt)
        if _counts(name.lower() if fold_case else name, keep, drop):
            pairs.append((name.partition("[")[0].lower(), spelt + mark + value))
    pairs.sort(key=lambda pair: pair[0])
    return "&".join(pair for _, pair in pairs)


def _counts(name: str, keep: tuple[str, ...] | None, drop: tuple[str, ...]) -> bool:
    if keep is not None:
        return name in keep or any(fnmatchcase(name, pattern) for pattern in keep)
    return not (_NOISE.fullmatch(name) or name in drop or any(fnmatchcase(name, pattern) for pattern in drop))


def surt(url: str) -> str:
    """Return the SURT lookup key: host reversed, all lower case, query sorted, without session ids; not an identity."""
    parts = _canonical_parts(url)
    host, mark, port = parts.netloc.partition(":") if parts.netloc[0] != "[" else (parts.netloc, "", "")
    host = ",".join(reversed(re.sub(r"^www\d*\.(?=.)", "", host).split(".")))
    path = re.sub("//+", "/", _SESSION_PATH.sub("", parts.path).lower()).rstrip("/") or "/"
    asked = (parts.query or "").lower().split("&")
    pairs = sorted(part for part in asked if part and not _SESSION_PAIR.match(part))
    return f"{host}{mark}{port}){path}" + ("?" + "&".join(pairs) if pairs else "")


def host_of(url: str) -> str:
    """Return `example.org`, or `example.org:8080` when the port is not the scheme's own."""
    return canonical(url).split("/", 3)[2]


def canonical_or_none(url: str) -> str | None:
    """Return the canonical form of an address; None when it is not a valid web address."""
    try:
        return canonical(url)
    except UsageError:
        return None


@lru_cache(maxsize=1024)  # a fetch asks several times
def origin_of(url: str) -> str:
    """Return scheme, host and port: `http://example.org:8080` (RFC 6454)."""
    return "/".join(canonical(url).split("/", 3)[:3])


def in_scope(url: str, prefixes: tuple[str, ...]) -> bool:
    """Whether an address begins with one of the prefixes, whatever its scheme; an origin means exactly that host."""
    return (canonical_or_none(url) or "").partition("//")[2].startswith(_beginnings(prefixes))


@lru_cache(maxsize=256)
def _beginnings(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    addresses = map(canonical_or_none, prefixes)
    return tuple(each.partition("//")[2] for each in addresses if each is not None)


def site_slug(url: str) -> str:
    """Return a site's name made from its host: lower case, letters, digits, dots and dashes, at most 80 characters."""
    slug = re.sub(r"[^a-z0-9.-]+", "-", host_of(url).lower()).strip(".-")
    return slug[:80].strip(".-") or "site"


def extension_of(url: str) -> str:
    """Return the lower-case file extension of an address's path; "" if it has none."""
    path = url.partition("#")[0].partition("?")[0]
    if "://" in path:
        path = path.partition("://")[2].partition("/")[2]
    stem, dot, ending = path.rpartition("/")[2].partition(";")[0].rpartition(".")
    return ending.lower() if dot and stem and ending.isascii() and ending.isalnum() and len(ending) <= 10 else ""  # noqa: PLR2004
