"""What a permalink names in this archive: a page as it was captured at a moment, with the digest that proves it."""

from dataclasses import dataclass
from datetime import datetime

from archiver.errors import NoSuchVersion, UsageError
from archiver.model.clock import written
from archiver.model.moments import parse_when
from archiver.store.archive import Store
from archiver.store.history import KeptVersion, VisitRow
from archiver.store.pages import KnownPage
from archiver.text.permalink import is_permalink, parse_permalink

_ALL_DIGITS = 14


@dataclass(frozen=True, slots=True)
class Link:
    """A permalink as the archive understands it.

    Attributes:
        moment: UTC text; the last second of what the digits name.
        is_exact: whether the digits name a second, so that a capture of just then is meant.
    """

    url: str
    moment: str
    is_exact: bool
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A version, or None where nothing was read, and the visit whose bytes are meant.

    Attributes:
        is_named: whether the permalink names just this visit, by its second.
    """

    version: KeptVersion | None
    visit: VisitRow
    is_named: bool


def read_link(text: str, now: datetime) -> Link | None:
    """The permalink a text is; None when it is none.

    Raises:
        UsageError: it is meant as one, but broken, or its digits are no moment.
    """
    if not is_permalink(text):
        return None
    found = parse_permalink(text)
    if found is None:
        raise UsageError(
            f"not a permalink: {text[:200]!r}; write /web/20221022030000/http://… (and #sha256=… after it)"
        )
    moment = written(parse_when(found.moment, now, whole_day=True))
    return Link(found.url, moment, len(found.moment) == _ALL_DIGITS, found.sha256)


def follow(store: Store, known: KnownPage, link: Link) -> Shown:
    """The capture and the version a permalink names, by the reading of today.

    Raises:
        NoSuchVersion: the page was not captured by then, was not there, or the bytes are others than the link says.
    """
    version = store.history.version_at(known.page_id, link.moment)
    named = _of_that_second(store, known, link, version)
    visit = named or store.history.last_capture(known.page_id, link.moment)
    if visit is None:
        raise NoSuchVersion(f"{known.url}: nothing was captured by {link.moment} UTC; see `archiver history`")
    if link.sha256 and visit.sha256 != link.sha256:
        raise NoSuchVersion(
            f"{known.url}: the capture of {visit.visited_at} UTC has SHA-256 {visit.sha256}, "
            f"not {link.sha256} as the permalink says"
        )
    if version is None and named is None and store.history.version(known.page_id, -1):
        raise NoSuchVersion(f"{known.url}: not there at {link.moment} UTC; see `archiver history`")
    return Shown(version, visit, is_named=named is not None)


def _of_that_second(store: Store, known: KnownPage, link: Link, version: KeptVersion | None) -> VisitRow | None:
    """The capture made at the link's second. Where a version stood, one that showed it: no error, no "not modified"."""
    if not link.is_exact:
        return None
    found = store.history.captures_at(known.page_id, link.moment)
    if version is not None:
        found = [visit for visit in found if visit.outcome == "ok"]
    proven = [visit for visit in found if visit.sha256 == link.sha256]
    return next(iter([*proven, *found]), None)
