"""Resolve a permalink in this archive: a page as captured at a moment, with the digest that proves it."""

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
class ResolvedPermalink:
    """A parsed permalink.

    Attributes:
        moment: UTC text; the last second of the span that the digits name.
        is_exact: whether the digits name a second, so that a capture of exactly that second is preferred.
        sha256: the digest of the body, when the permalink has one.
    """

    url: str
    moment: str
    is_exact: bool
    sha256: str | None


@dataclass(frozen=True, slots=True)
class PermalinkTarget:
    """What a permalink names: a version, or None where nothing was read, and the visit with its bytes.

    Attributes:
        is_named: whether the permalink names exactly this visit, by its second.
    """

    version: KeptVersion | None
    visit: VisitRow
    is_named: bool


def read_permalink(text: str, now: datetime) -> ResolvedPermalink | None:
    """Return the permalink in a text; None when the text is not a permalink.

    Raises:
        UsageError: it looks like a permalink but is malformed, or its digits are not a moment.
    """
    if not is_permalink(text):
        return None
    found = parse_permalink(text)
    if found is None:
        raise UsageError(
            f"not a permalink: {text[:200]!r}; write /web/20221022030000/http://… (and #sha256=… after it)"
        )
    moment = written(parse_when(found.moment, now, whole_day=True))
    return ResolvedPermalink(found.url, moment, len(found.moment) == _ALL_DIGITS, found.sha256)


def resolve(store: Store, known: KnownPage, link: ResolvedPermalink) -> PermalinkTarget:
    """Return the capture and the version that a permalink names, as the current extractor reads it.

    Raises:
        NoSuchVersion: the page was not captured by then or was gone, or the bytes do not match the link's digest.
    """
    version = store.history.version_at(known.page_id, link.moment)
    named = _of_that_second(store, known, link, version)
    visit = named or store.shown_captures.at(known.page_id, link.moment)
    if visit is None:
        raise NoSuchVersion(f"{known.url}: nothing was captured by {link.moment} UTC; see `archiver history`")
    if link.sha256 and visit.sha256 != link.sha256:
        raise NoSuchVersion(
            f"{known.url}: the capture of {visit.visited_at} UTC has SHA-256 {visit.sha256}, "
            f"not {link.sha256} as the permalink says"
        )
    if version is None and named is None and store.history.version(known.page_id, -1):
        raise NoSuchVersion(f"{known.url}: not there at {link.moment} UTC; see `archiver history`")
    return PermalinkTarget(version, visit, is_named=named is not None)


def _of_that_second(
    store: Store, known: KnownPage, link: ResolvedPermalink, version: KeptVersion | None
) -> VisitRow | None:
    """Return the capture made at the link's second. If a version was current, only captures with outcome `ok` count."""
    if not link.is_exact:
        return None
    found = store.shown_captures.of_second(known.page_id, link.moment)
    if version is not None:
        found = [visit for visit in found if visit.outcome == "ok"]
    proven = [visit for visit in found if visit.sha256 == link.sha256]
    return next(iter([*proven, *found]), None)
