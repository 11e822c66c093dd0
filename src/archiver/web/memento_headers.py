"""The headers of the Memento protocol (RFC 7089), and the date that a client asks for."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from archiver.app.browsing.replay import Copy, Neighbours
from archiver.errors import UsageError
from archiver.model.clock import instant, written
from archiver.text.permalink import permalink
from archiver.text.web_path import header_address

LINK_FORMAT = "application/link-format"
_DATE = "%a, %d %b %Y %H:%M:%S GMT"
_DATE_FORM = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")


def accepted_moment(header: str | None) -> str | None:
    """Return the moment of an `Accept-Datetime` header as UTC text; None without one.

    Raises:
        UsageError: it is not a date of RFC 1123.
    """
    if header is None:
        return None
    text = header.strip()
    try:
        moment = datetime.strptime(text, _DATE).replace(tzinfo=UTC) if _DATE_FORM.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        raise UsageError(f"Accept-Datetime: not a date: {text[:60]!r}; write it as Tue, 01 Nov 2022 10:00:00 GMT")
    return written(moment)


def http_date(moment: str) -> str:
    """Return a moment of the archive (UTC text) as a date of HTTP."""
    return format_datetime(instant(moment), usegmt=True)


def memento_path(moment: str, url: str, modifier: str = "") -> str:
    """Return the path of a copy behind the archive's base, for use in a header."""
    return f"/web/{permalink(moment, '').moment}{modifier}/{header_address(url)}"


def link_header(base: str, url: str, around: Neighbours | None = None, copy: Copy | None = None) -> str:
    """Return the `Link` header of a copy, a TimeGate or a TimeMap.

    Args:
        base: the absolute address of the archive, without a slash at its end.
        url: the page's address.
        around: the neighbours of the copy.
        copy: the copy.
    """
    address = header_address(url)
    links = [
        f'<{address}>; rel="original"',
        f'<{base}/web/{address}>; rel="timegate"',
        f'<{base}/web/timemap/link/{address}>; rel="timemap"; type="{LINK_FORMAT}"',
    ]
    return ", ".join(links + [_memento(base, url, *each) for each in _relations(around, copy)])


def _memento(base: str, url: str, moment: str, relations: str) -> str:
    return f'<{base}{memento_path(moment, url)}>; rel="{relations}"; datetime="{http_date(moment)}"'


def _relations(around: Neighbours | None, copy: Copy | None) -> list[tuple[str, str]]:
    """Return the moments to name, each with its relations."""
    named: dict[str, list[str]] = {}
    if around is not None:
        pairs = (("first", around.first), ("prev", around.previous), ("next", around.next), ("last", around.last))
        for name, moment in pairs:
            if moment is not None:
                named.setdefault(moment, []).append(name)
    if copy is not None:
        named.setdefault(copy.at, [])
    return [(moment, " ".join([*names, "memento"])) for moment, names in sorted(named.items())]
