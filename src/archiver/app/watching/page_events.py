"""What happened to pages, as feeds, notifications and digests announce it: one selection for all of them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from archiver.app.reading.find import find_page, known_site
from archiver.app.watching.changed_words import changed_words
from archiver.change.diff import apply
from archiver.errors import UsageError
from archiver.model.edit import Nature
from archiver.model.record import FIELDS
from archiver.model.version import FieldChange
from archiver.store.archive import Store
from archiver.store.content_rows import from_text
from archiver.store.event_rows import EventRows, EventSelection
from archiver.store.marks import MARKS, EventKey, EventName
from archiver.store.search import words_query
from archiver.text.clean import nfc
from archiver.text.near import did_you_mean
from archiver.text.patterns import PageTime, Pattern, PatternTimeout, warn_once

EVENT_KINDS = ("edited", "new", "gone", "back", "moved", "redesign")
NATURES = tuple(map(str, Nature))
UNASKED = (Nature.TYPOGRAPHY,)
"""Natures of edits that are announced only to those who ask for them."""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One event. Times are UTC text.

    Attributes:
        kind: one of `EVENT_KINDS`.
        page_id, url: of the page; 0 and "" for a redesign.
        title, language: what the page showed then; the title is None for a page without one.
        version: the number of the version that it showed then; 0 when it was never read.
        field, nature: of an edit; `change`: its values before and after.
        context: of an edit its changed words; of a new page its summary; of a page that is gone the proof; of one that
            moved its new address; of a redesign what changed.
        body: of a new page its text, while the event is selected; then "".
        not_before, not_after: the visits between which it happened.
        found_at: the visit that found it; of a page that is gone, the visit that proved it.
        evidence: what identifies it among the events of the page and the field, however it is read: the visit that
            shows it; of a redesign its first visit and run.
        pages: the number of pages of a redesign.
        content_id: the same for pages that showed the same then; None when the page was never read.
    """

    kind: str
    site: str
    page_id: int
    url: str
    title: str | None
    language: str | None
    version: int
    field: str | None
    nature: str | None
    change: FieldChange | None
    context: str
    body: str
    not_before: str | None
    not_after: str
    found_at: str
    evidence: str
    pages: int = 1
    content_id: int | None = None

    @property
    def key(self) -> EventKey:
        """Return what names the event for good, however it is read."""
        return self.kind, self.page_id or self.site, self.field or "", self.evidence


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted; without any value all but edits of typography.

    Attributes:
        sites, page: only of these sites, only of this page (its address).
        kinds: of `EVENT_KINDS`; by default all, or only edits and redesigns with `fields` or `natures`.
        fields: only edits of these fields; `natures`: only edits of these kinds. Also redesigns with such a change.
        pattern: only events that say this, in the changed words or in those around them.
        words: only events of pages that show these words before or after, as in `search`.
        plain: `pattern` and `words` ignore accents, and treat đ as d.
        since, until: found then or later, found before (UTC text).
        runs: only events that these runs found.
        without: not of these pages.
        silent: only edits that pages do not own up to, though they say when they were changed last.
        marked: only events with one of these marks: seen, important, note.
    """

    sites: tuple[str, ...] = ()
    page: str | None = None
    kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    natures: tuple[str, ...] = ()
    pattern: str | None = None
    words: str | None = None
    plain: bool = False
    since: str | None = None
    until: str | None = None
    runs: tuple[int, ...] | None = None
    without: tuple[int, ...] = ()
    silent: bool = False
    marked: tuple[str, ...] = ()

    def check(self) -> None:
        """Check what can be checked without an archive.

        Raises:
            UsageError: an unknown kind, nature or field, an invalid pattern, or words without a letter.
        """
        for name, known, given in (
            ("kind", EVENT_KINDS, self.kinds),
            ("nature", NATURES, self.natures),
            ("mark", MARKS, self.marked),
        ):
            for each in given:
                if each not in known:
                    hint = did_you_mean(each, list(known))
                    raise UsageError(f"{each}: no such {name} of change; {hint}known: {', '.join(known)}")
        for each in self.fields:
            if each not in FIELDS and not each.startswith("extra."):
                hint = did_you_mean(each, FIELDS)
                raise UsageError(f"{each}: no such field; {hint}known: {', '.join(FIELDS)}, and extra.NAME")
        if self.pattern is not None:
            _pattern(self.pattern, plain=self.plain)
        if self.words is not None and not any(map(str.isalnum, self.words)):
            raise UsageError(f"{self.words!r}: no word to search for; give one, or a phrase in quotes")

    @property
    def wanted_kinds(self) -> tuple[str, ...]:
        """Return the kinds of events that can match."""
        if self.silent:
            return ("edited",)
        return self.kinds or (("edited", "redesign") if self.fields or self.natures else EVENT_KINDS)


def page_events(store: Store, wanted: EventFilter, limit: int | None = None) -> Iterator[PageEvent]:
    """Yield the wanted events, newest first.

    Raises:
        UsageError: the filter is invalid, or `page` is no address.
        NotInArchive: there is no such site or page.
    """
    wanted.check()
    for site in wanted.sites:
        known_site(store, site)
    page_id = None if wanted.page is None else find_page(store, wanted.page).page_id
    query = EventSelection(
        wanted.wanted_kinds,
        wanted.sites or None,
        page_id,
        wanted.fields or None,
        wanted.natures or None,
        () if wanted.natures else UNASKED,
        wanted.since,
        wanted.until,
        wanted.runs,
    )
    rows: Iterable[dict[str, Any]]
    rows = _marked(store, query, wanted.marked) if wanted.marked else store.event_rows.newest_first(query)
    if wanted.without:
        hidden = set(wanted.without)
        rows = (row for row in rows if row["page_id"] not in hidden)
    if wanted.silent:
        rows = (row for row in rows if store.browsing.silent.is_silent(row["change_id"]))
    if wanted.words is not None:
        rows = _showing(store.event_rows, rows, wanted.words, plain=wanted.plain)
    events = (_event(store.event_rows, row, wanted) for row in rows)
    return islice(_saying(events, wanted), limit)


def _marked(store: Store, query: EventSelection, marks: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the events with a mark. The search ends when all are found."""
    names = {each.event.key: each.event.not_after for mark in marks for each in store.marks.standing(mark)}
    if not names:
        return
    oldest = min(names.values())
    query = replace(query, since=max(query.since or "", oldest))
    for row in store.event_rows.newest_first(query):
        if names.pop(EventName.of(row).key, None) is not None:
            yield row
        if not names:
            return


def _saying(events: Iterable[PageEvent], wanted: EventFilter) -> Iterator[PageEvent]:
    """Yield the events that say the pattern."""
    says = None if wanted.pattern is None else _Says(wanted.pattern, plain=wanted.plain)
    for event in events:
        if says is None or says.in_event(event):
            yield replace(event, body="") if event.body else event


def _showing(rows: EventRows, found: Iterable[dict[str, Any]], words: str, *, plain: bool) -> Iterator[dict[str, Any]]:
    """Yield the events of pages that show some words before or after."""
    spans = rows.spans_with(words_query(words, plain=plain), plain=plain)
    for row in found:
        before, after = row["not_before"] or row["not_after"], row["not_after"]
        for seen_from, seen_last, until in spans.get(row["page_id"], ()):
            if seen_from <= after and (until is None or until >= after or seen_last >= before):
                yield row
                break


def _event(rows: EventRows, row: Mapping[str, Any], wanted: EventFilter) -> PageEvent:
    kind, page_id = row["kind"], row["page_id"] or 0
    needs_body = kind == "new" and wanted.pattern is not None
    shown = rows.shown(page_id, row["not_after"], body=needs_body)
    change = None
    if kind == "edited":
        old, new = (from_text(row["field"], row[side]) for side in ("old", "new"))
        sizes = row["chars_added"], row["chars_removed"]
        change = FieldChange(row["field"], old, new, *sizes, row["nature"] or "", row["context"] or "")
    context = {"new": shown.summary, "gone": row["new"], "moved": row["new"]}.get(kind, row["context"])
    is_redesign = kind == "redesign"
    return PageEvent(
        kind,
        row["site"],
        page_id,
        row["url"] or "",
        row["title"],
        shown.language,
        shown.version,
        row["field"],
        row["nature"],
        change,
        context or "",
        shown.body or "",
        row["not_before"],
        row["not_after"],
        row["found_at"],
        f"{row['not_after']} {row['run_id']}" if is_redesign else str(row["visit_id"] or row["not_after"]),
        rows.redesigned_pages(row["redesign_id"], wanted.runs) if is_redesign else 1,
        shown.content_id,
    )


class _Says:
    """Whether events say something."""

    def __init__(self, pattern: str, *, plain: bool) -> None:
        self._pattern = _pattern(pattern, plain=plain)
        self._plain = plain
        self._time = PageTime()

    def in_event(self, event: PageEvent) -> bool:
        """Search in the changed words and those around them, as they were and as they are; else in what is new.

        A search that runs out of time counts as a match: an announcement too many is better than one too few.
        """
        return any(map(self._found, _said(event)))

    def _found(self, text: str) -> bool:
        try:
            return self._time.search(self._pattern, _folded(text) if self._plain else text) is not None
        except PatternTimeout as timeout:
            warn_once(timeout, "on a change; it counts as matching")
            return True


def _said(event: PageEvent) -> Iterator[str]:
    if event.change is None:
        yield from filter(None, (event.title, event.context, event.body))
        return
    spans = changed_words(event.change)
    yield from (apply(spans, "old"), apply(spans, "new"))


def _pattern(text: str, *, plain: bool) -> Pattern:
    try:
        return Pattern("(?i)" + (_folded(text) if plain else nfc(text)))
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(f"{text!r}: not a regular expression: {error}") from error


def _folded(text: str) -> str:
    """Return a text without accents and with d for đ, as the plain index of `search` has it."""
    folded = unicodedata.normalize("NFD", nfc(text).replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in folded if not unicodedata.combining(char))
