"""A TimeMap: every capture of one page for Memento clients (RFC 7089, 5; application/link-format, RFC 6690)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from archiver.text.permalink import permalink


@dataclass(frozen=True, slots=True)
class Range:
    """The part of a long TimeMap that is printed.

    Attributes:
        since: UTC text; "" for the beginning.
        following: when the next part begins (UTC text); None for the last one.
        is_first, is_last: whether the page's first and last capture are in it.
    """

    since: str = ""
    following: str | None = None
    is_first: bool = True
    is_last: bool = True


WHOLE = Range()


def timemap(url: str, moments: Sequence[datetime], base: str = "", within: Range = WHOLE) -> Iterator[str]:
    """Return the lines of a TimeMap.

    Args:
        url: the page's address (URI-R).
        moments: of its captures, in UTC, oldest first; at least one.
        base: the text before `/web/…` in the addresses of captures (URI-M), without a final slash.
        within: the part that is printed; by default there are no others.
    """
    first, last = (format_datetime(moment, usegmt=True) for moment in (moments[0], moments[-1]))
    place = f"{base}/web/timemap/link"
    part = f"{permalink(within.since, '').moment}/" if within.since else ""
    yield f'<{_escaped(url)}>; rel="original",'
    yield (
        f'<{place}/{part}{_escaped(url)}>; rel="self"; type="application/link-format"; from="{first}"; until="{last}",'
    )
    if within.since:
        yield f'<{place}/{_escaped(url)}>; rel="timemap"; type="application/link-format",'
    if within.following is not None:
        begin = datetime.fromisoformat(within.following).replace(tzinfo=UTC)
        yield (
            f'<{place}/{permalink(within.following, "").moment}/{_escaped(url)}>; rel="timemap"; '
            f'type="application/link-format"; from="{format_datetime(begin, usegmt=True)}",'
        )
    yield f'<{base}/web/{_escaped(url)}>; rel="timegate",'
    for number, moment in enumerate(moments):
        is_last = number == len(moments) - 1
        relation = _relation(is_first=within.is_first and not number, is_last=within.is_last and is_last)
        date = format_datetime(moment, usegmt=True)
        yield f'<{base}{_memento(url, moment)}>; rel="{relation}"; datetime="{date}"{"" if is_last else ","}'


def _memento(url: str, moment: datetime) -> str:
    return _escaped(str(permalink(moment.strftime("%Y-%m-%d %H:%M:%S"), url)))


def _relation(*, is_first: bool, is_last: bool) -> str:
    return " ".join([*(["first"] if is_first else []), *(["last"] if is_last else []), "memento"])


def _escaped(url: str) -> str:
    """Return an address for use in angle brackets: no angle brackets, only URI characters."""
    return "".join(char if "!" <= char <= "~" and char not in '<>"' else _percent(char) for char in url)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
