"""A page as it was at a moment: its record, where each value came from, and the capture that proves it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from archiver.app.browsing.capture_proof import proof_of
from archiver.app.browsing.citing import citation_tags
from archiver.app.exporting.cite import format_citation
from archiver.app.reading.page import Page, demand_content
from archiver.app.reading.questions import ArchiveReader
from archiver.app.reading.state import record_json
from archiver.errors import NoSuchVersion
from archiver.model.clock import written
from archiver.model.moments import Moment, parse_when
from archiver.store.content_rows import from_text
from archiver.store.history import KeptVersion, VisitRow
from archiver.store.listing_history import ShownEdition
from archiver.store.span_queries import Window

_MOST_FILES = 100
_LARGEST = 2**62  # SQLite accepts no larger number


def reading_at(archive: ArchiveReader, page: Page, when: Moment) -> dict[str, Any]:
    """Return a page as it was at a moment.

    Raises:
        UsageError: `when` is not a moment.
        NoSuchVersion: it was not seen by then, or was gone; the message says what is known.
        VersionRedacted: its content was redacted.
    """
    moment = written(parse_when(when, archive.settings.clock(), whole_day=True))
    version = archive.store.history.version_at(page.page_id, moment)
    listing = page.edition_at(when) if version is None else None
    if version is None and listing is None:
        version = page.at(when)  # raises: says why there is none
    visit = _visit(archive, page, moment, version, listing)
    demand_content(page.url, version, visit)
    shown = archive.store.shown_captures.behind(page.page_id, visit)
    known = archive.store.browsing.page_facts
    return {
        "page": _page(archive, page),
        "moment": moment,
        "version": None if version is None else _version(archive, version),
        "versions": known.count_versions(page.page_id),
        "listing": None if listing is None else listing.as_json(),
        "editions": archive.store.browsing.editions.count(page.page_id) if listing else 0,
        "record": None if version is None else record_json(version.content, _claim(archive, page, visit)),
        "sources": {row["field"]: row for row in known.sources(version.version_id)} if version else {},
        "readings": known.readings(shown.visit_id),
        "files": known.files(version.version_id, _MOST_FILES) if version else [],
        "visit": known.visit(page.page_id, shown.visit_id),
        "confirmed": None if shown is visit else _plain(visit),
        "visits": _visits(archive, page, version, listing),
        "proof": proof_of(archive, shown.visit_id),
        "citation": _citation(page, version),
        "neighbours": _neighbours(archive, page, version, listing),
    }


def first_seen(archive: ArchiveReader, page: Page, number: int) -> str:
    """Return when a version, or an edition of a listing, was first seen (UTC text).

    Raises:
        NoSuchVersion: the page has none with this number.
    """
    queries, number = archive.store.browsing, min(number, _LARGEST)
    found = queries.page_facts.numbered(page.page_id, number) or queries.editions.numbered(page.page_id, number)
    if found is None:
        first, last = queries.page_facts.numbers(page.page_id)
        raise NoSuchVersion(f"{page.url}: there is no version {number}; it has {first} to {last}")
    return str(found["seen_from"])


def nothing_at(archive: ArchiveReader, page: Page, when: Moment) -> dict[str, Any]:
    """Return why a page has nothing to read at a moment: what stood before and after, and the absence around it."""
    moment = written(parse_when(when, archive.settings.clock(), whole_day=True))
    spans = archive.store.browsing.spans.absences(Window(page.page_id, moment, f"{moment}~"), 1)
    return {
        "page": _page(archive, page),
        "moment": moment,
        **archive.store.browsing.page_facts.around(page.page_id, moment),
        "absence": spans[0] if spans else None,
    }


def _visit(
    archive: ArchiveReader, page: Page, moment: str, version: KeptVersion | None, listing: ShownEdition | None
) -> VisitRow:
    """Return the visit that shows the page at a moment, at the latest the last one that saw this version."""
    store = archive.store
    latest = min(moment, version.seen_last) if version else moment
    visit = store.shown_captures.visit_at(page.page_id, latest)
    if visit is None:
        number = version.last_visit if version else listing.visit_id if listing else 0
        visit = store.history.visit(number)
    if visit is None:
        raise NoSuchVersion(f"{page.url}: no capture shows it at {moment} UTC")
    return visit


def _page(archive: ArchiveReader, page: Page) -> dict[str, Any]:
    row = archive.store.browsing.page_facts.page(page.page_id) or {}
    names = ("kind", "label", "title", "section", "language", "state")
    return {"page_id": page.page_id, "site": page.site, "url": page.url, **{name: row.get(name) for name in names}}


def _version(archive: ArchiveReader, version: KeptVersion) -> dict[str, Any]:
    names = ("version", "version_id", "seen_from", "seen_last", "seen_until", "first_visit", "last_visit", "verdict")
    ended = archive.store.browsing.page_facts.ended_by(version.version_id)
    return {**{name: getattr(version, name) for name in names}, "ended_by": ended}


def _claim(archive: ArchiveReader, page: Page, visit: VisitRow) -> Mapping[str, str | None]:
    return archive.store.moves.claim_at(page.page_id, visit.visited_at)


def _plain(visit: VisitRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(visit).items() if name != "redacted"}


def _visits(
    archive: ArchiveReader, page: Page, version: KeptVersion | None, listing: ShownEdition | None
) -> dict[str, Any] | None:
    """Return how many visits saw this version or edition, and how many failed meanwhile."""
    span = version or listing
    if span is None:
        return None
    return archive.store.browsing.spans.visits_between(page.page_id, span.seen_from, span.seen_last)


def _citation(page: Page, version: KeptVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    cited = page.citation(version.version)
    return {
        "text": format_citation(cited, "text"),
        "permalink": str(cited.permalink),
        "captured_at": cited.captured_at,
        "tags": citation_tags(cited),
    }


def _neighbours(
    archive: ArchiveReader, page: Page, version: KeptVersion | None, listing: ShownEdition | None
) -> dict[str, Any]:
    """Return the version, or edition, before and after this one: its number and when it was first seen."""
    found = {}
    for name, step in (("before", -1), ("after", 1)):
        if version is not None:
            found[name] = archive.store.browsing.page_facts.numbered(page.page_id, version.version + step)
        else:
            found[name] = archive.store.browsing.editions.numbered(
                page.page_id, (listing.edition if listing else 0) + step
            )
    return found


def why(archive: ArchiveReader, version_id: int, field: str) -> dict[str, Any]:
    """Return where the value of a field of a version came from, and how other readers read it.

    Raises:
        NoSuchVersion: there is no such version, or it has no such field.
        VersionRedacted: its content was redacted.
    """
    store, known = archive.store, archive.store.browsing.page_facts
    row = known.version(min(version_id, _LARGEST))
    version = store.history.version(row["page_id"], row["version"]) if row else None
    if row is None or version is None:
        raise NoSuchVersion(f"{version_id}: no version has this number; the view `versions` has them")
    demand_content(version.url, version)
    values = version.content.flat()
    sources = {each["field"]: each for each in known.sources(version.version_id)}
    if field not in values and field not in sources:
        raise NoSuchVersion(f"{field}: no such field in version {version.version}; it has {', '.join(values)}")
    span = (version.seen_from, version.seen_last)
    value = values.get(field)
    return {
        "page_id": version.page_id,
        "url": version.url,
        "site": version.site,
        "title": version.content.title,
        "language": version.content.language,
        "version": version.version,
        "version_id": version.version_id,
        "asked_version_id": version_id,
        "seen_from": version.seen_from,
        "seen_last": version.seen_last,
        "field": field,
        "is_list": isinstance(value, tuple),
        "value": list(value) if isinstance(value, tuple) else value,
        "source": sources.get(field),
        "items": known.item_sources(version.version_id, field),
        "reread": [_reread(each) for each in known.reread_field(version.page_id, field, *span, 50)],
        "first_visit": version.first_visit,
        "fields": [name for name in values if name in sources],
    }


def _reread(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `reinterpretations` with lists as lists."""
    values = dict(row)
    for side in ("was", "now"):
        value = from_text(row["field"], row[side])
        values[side] = list(value) if isinstance(value, tuple) else value
    return values
