"""Addresses: resolved as a browser does, in a safe normal form, as the identity of a page, and as a SURT key."""

import re
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from archiver.errors import UsageError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NOISE = re.compile(r"utm_.*|fbclid|gclid|phpsessid", re.IGNORECASE)
_SESSION_PATH = re.compile(r"/\(S\([a-z0-9]{8,}\)\)(?=/)|;jsessionid=[^/?#;]*", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_SAFE = "!#$%&'()*+,/:;=?@[]~-._|"
_CONTROL = re.compile(r"[\t\r\n]")
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?/[A-Za-z0-9/._~=&?+,;:@!$'()*-]*\Z")


def absolute(base: str, href: str) -> str | None:
    """Resolve a link as a browser does, fragment dropped; None for what is no http(s) address."""
    href = _CONTROL.sub("", href.strip())
    if not href or href.startswith("#"):
        return None
    try:
        joined = urljoin(base, href)
        url = joined.split("#", 1)[0]
        if _PLAIN.match(url) and "/." not in url:
            return url
        return _quoted(url)
    except (ValueError, UnicodeError):
        return None


def _quoted(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname:
        return None
    path = quote(parts.path, safe=_SAFE)
    query = quote(parts.query, safe=_SAFE)
    return urlunsplit((parts.scheme.lower(), _netloc(parts.scheme.lower(), url), path or "/", query, "")) + _bare(url)


def _bare(url: str) -> str:
    return "?" if url.endswith("?") and url.count("?") == 1 else ""


def _netloc(scheme: str, url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    return host if port is None or port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"


def canonical(url: str) -> str:
    """The safe normal form (RFC 3986, 6.2.2): spelling only; never another resource. Idempotent.

    Raises:
        UsageError: it is no http or https address.
    """
    text = _CONTROL.sub("", url.strip())
    try:
        parts = urlsplit(text)
        scheme = parts.scheme.lower()
        if scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise UsageError(_not_an_address(url))
        quoted = _quoted(text.split("#", 1)[0])
        if quoted is None:
            raise UsageError(_not_an_address(url))
        parts = urlsplit(quoted)
        path = _normal_escapes(_without_dots(parts.path)) or "/"
        query = _normal_escapes(parts.query)
        return urlunsplit((scheme, _netloc(scheme, quoted), path, query, "")) + _bare(quoted)
    except (ValueError, UnicodeError) as error:
        raise UsageError(_not_an_address(url)) from error


def _not_an_address(url: str) -> str:
    shown = url[:200]
    if re.match(r"[\w.-]+\.[a-z]{2,}(?:[/:]|\Z)", shown, re.IGNORECASE):
        return f"not a web address: {shown!r}; did you mean http://{shown}?"
    return f"not a web address: {shown!r}; write it whole, such as https://example.org/page"


def _normal_escapes(text: str) -> str:
    def normal(found: re.Match[str]) -> str:
        char = chr(int(found[1], 16))
        return char if char in _UNRESERVED else "%" + found[1].upper()

    return _ESCAPE.sub(normal, text)


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif segment != ".":
            kept.append(segment)
        elif last:
            kept.append("")
    return "/".join(kept)


def page_key(url: str, *, keep: tuple[str, ...] | None, drop: tuple[str, ...], fold_case: bool) -> str:
    """Which page an address means, by a profile's `[url]` rules.

    http and https are one; parameters are filtered and sorted; session ids and campaign tags never count.
    """
    parts = urlsplit(canonical(url))
    path = _SESSION_PATH.sub("", parts.path) or "/"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if fold_case:
        path = path.lower()
        pairs = [(name.lower(), value) for name, value in pairs]
        keep = tuple(name.lower() for name in keep) if keep is not None else None
        drop = tuple(name.lower() for name in drop)
    counted = sorted(pair for pair in pairs if _counts(pair[0], keep, drop))
    query = urlencode(counted)
    return f"//{parts.netloc}{path}" + (f"?{query}" if query else "")


def _counts(name: str, keep: tuple[str, ...] | None, drop: tuple[str, ...]) -> bool:
    if keep is not None:
        return any(fnmatchcase(name, pattern) for pattern in keep)
    return not _NOISE.fullmatch(name) and not any(fnmatchcase(name, pattern) for pattern in drop)


def surt(url: str) -> str:
    """The SURT lookup key: host reversed, all lower case, query sorted, session ids out."""
    parts = urlsplit(canonical(url))
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    port = f":{parts.port}" if parts.port else ""
    path = _SESSION_PATH.sub("", parts.path).lower().rstrip("/") or "/"
    pairs = sorted(part for part in parts.query.lower().split("&") if part and not part.startswith("phpsessid="))
    return ",".join(reversed(host.split("."))) + port + ")" + path + ("?" + "&".join(pairs) if pairs else "")


def host_of(url: str) -> str:
    """`example.org`, or `example.org:8080` when the port is not the scheme's own."""
    return urlsplit(canonical(url)).netloc


def origin_of(url: str) -> str:
    """Scheme, host and port: `http://example.org:8080` (RFC 6454)."""
    parts = urlsplit(canonical(url))
    return f"{parts.scheme}://{parts.netloc}"


def in_scope(url: str, prefixes: tuple[str, ...]) -> bool:
    """Whether an address begins with one of these, scheme aside; a bare origin means exactly that host."""
    try:
        wanted = canonical(url).partition("//")[2]
        return any(wanted.startswith(canonical(prefix).partition("//")[2]) for prefix in prefixes)
    except UsageError:
        return False


def site_slug(url: str) -> str:
    """A site's name from its host: lower case, letters, digits, dots and dashes, at most 80 characters."""
    slug = re.sub(r"[^a-z0-9.-]+", "-", host_of(url).lower()).strip(".-")
    return slug[:80] or "site"


def extension_of(url: str) -> str:
    """The lower-case file extension of an address's path; "" if it has none."""
    name = urlsplit(url).path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem and ending.isalnum() and len(ending) <= 10 else ""
