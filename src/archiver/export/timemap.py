"""A TimeMap: every capture of one page for Memento clients (RFC 7089, 5; application/link-format, RFC 6690)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime

from archiver.text.permalink import permalink


def timemap(url: str, moments: Sequence[datetime], base: str = "") -> Iterator[str]:
    """Return the lines of a TimeMap.

    Args:
        url: the page's address (URI-R).
        moments: of its captures, in UTC, oldest first; at least one.
        base: the text before `/web/…` in the addresses of captures (URI-M), without a final slash.
    """
    first, last = (format_datetime(moment, usegmt=True) for moment in (moments[0], moments[-1]))
    yield f'<{_escaped(url)}>; rel="original",'
    yield (
        f'<{base}/web/timemap/link/{_escaped(url)}>; rel="self"; type="application/link-format"; from="{first}"; '
        f'until="{last}",'
    )
    yield f'<{base}/web/{_escaped(url)}>; rel="timegate",'
    for number, moment in enumerate(moments):
        ends = "" if number == len(moments) - 1 else ","
        date = format_datetime(moment, usegmt=True)
        yield f'<{base}{_memento(url, moment)}>; rel="{_relation(number, len(moments))}"; datetime="{date}"{ends}'


def _memento(url: str, moment: datetime) -> str:
    return _escaped(str(permalink(moment.strftime("%Y-%m-%d %H:%M:%S"), url)))


def _relation(number: int, count: int) -> str:
    words = ["first"] if number == 0 else []
    return " ".join([*words, *(["last"] if number == count - 1 else []), "memento"])


def _escaped(url: str) -> str:
    """Return an address for use in angle brackets: no angle brackets, only URI characters."""
    return "".join(char if "!" <= char <= "~" and char not in '<>"' else _percent(char) for char in url)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
