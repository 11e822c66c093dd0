"""An Atom feed of what happened to pages, with the changed words: for a file, and for any server."""

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from archiver.app.reading.find import find_page, known_field
from archiver.app.watching.changed_words import as_html
from archiver.app.watching.digest import bracket
from archiver.app.watching.page_events import EventFilter, PageEvent, page_events
from archiver.errors import UsageError
from archiver.export.atom import Author, Entry, FeedHead, atom
from archiver.export.whole import pending
from archiver.settings import package_version
from archiver.store.archive import Store
from archiver.store.marks import EventKey, EventMark
from archiver.store.real_file import is_file_of
from archiver.text.clean import counted, printable

MOST_ENTRIES = 100
_LONGEST_TITLE, _LONGEST_SUMMARY = 300, 1_000
_NEVER = "1970-01-01 00:00:00"
_IDENTIFYING = ("sites", "page", "kinds", "fields", "natures", "pattern", "words", "plain", "silent", "marked")
"""The values of a filter from which a feed's id is made. A later one is added at the end."""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How a feed is written.

    Attributes:
        limit: the most entries; None: all.
        base: the address of the web interface, for links to comparisons; "" without one.
        self_url: the address at which the feed will be; "" when it is unknown.
    """

    limit: int | None = MOST_ENTRIES
    base: str = ""
    self_url: str = ""

    def check(self) -> None:
        """Check the addresses.

        Raises:
            UsageError: one is no web address.
        """
        for option, address in (("--base", self.base), ("--self", self.self_url)):
            if address and not address.startswith(("http://", "https://")):
                raise UsageError(f"{option} {address}: not a web address; it begins with http:// or https://")


class FeedFile(NamedTuple):
    """A feed that was written. `is_new`: whether the file differs from the one before; `bytes`: its size."""

    path: Path
    entries: int
    bytes: int
    is_new: bool

    def as_json(self) -> dict[str, object]:
        """Return the object that `--json` prints."""
        return {"path": str(self.path), "entries": self.entries, "bytes": self.bytes, "changed": self.is_new}


def feed(store: Store, wanted: EventFilter, options: FeedOptions | None = None) -> Iterator[str]:
    """Return a feed of events as text, piece by piece, newest first. An unchanged archive gives the same text.

    Raises:
        UsageError: the filter is invalid, or an address is not one.
        NotInArchive: there is no such site or page.
    """
    return atom(*_parts(store, wanted, options or FeedOptions()))


def write_feed(store: Store, wanted: EventFilter, options: FeedOptions, dest: Path) -> FeedFile:
    """Write a feed to a file, which appears when it is complete. A file with the same bytes is not touched.

    Raises:
        UsageError: as for `feed`; or there cannot be a file at `dest`.
        NotInArchive: as for `feed`.
    """
    if is_file_of(dest, store.path):
        raise UsageError(f"{dest}: this is a file of the archive itself; name another file")
    head, entries = _parts(store, wanted, options)
    count = 0

    def counting() -> Iterator[Entry]:
        nonlocal count
        for entry in entries:
            count += 1
            yield entry

    with pending(force=True) as files:
        place = files.path(dest)
        with place.open("wb") as file:
            file.writelines(piece.encode() for piece in atom(head, counting()))
        size = place.stat().st_size
        is_same = files.drop_if_same(dest)
    return FeedFile(dest, count, size, not is_same)


def _parts(store: Store, wanted: EventFilter, options: FeedOptions) -> tuple[FeedHead, Iterator[Entry]]:
    options.check()
    for field in wanted.fields:
        known_field(store, field)
    events = page_events(store, wanted, options.limit)
    first = next(events, None)
    updated = first.found_at if first else store.event_rows.begun() or _NEVER
    writer = _EntryWriter(store, options.base.rstrip("/"))
    head = writer.head(wanted, updated, options.self_url)
    return head, writer.entries(chain([first] if first else [], events))


class _EntryWriter:
    """Makes entries of events."""

    def __init__(self, store: Store, base: str) -> None:
        self._store = store
        self._base = base
        self._namespace = _namespace(store.archive_id)
        self._marks: dict[EventKey, list[EventMark]] = {}
        for mark in (*store.marks.standing("important"), *store.marks.standing("note")):
            self._marks.setdefault(mark.event.key, []).append(mark)
        self._authors = {
            row["site"]: Author(printable(row["title"] or row["site"], _LONGEST_TITLE), row["home"] or "")
            for row in store.sql("SELECT site, title, home FROM sites")
        }

    def head(self, wanted: EventFilter, updated: str, self_url: str) -> FeedHead:
        """Return what the feed says of itself. Its id does not depend on `since` and `until`."""
        sites = wanted.sites or ((find_page(self._store, wanted.page).site,) if wanted.page else ())
        author = self._authors[sites[0]] if len(sites) == 1 else Author(", ".join(sites) or "archiver")
        subject = [wanted.page or author.name, "silent edits" if wanted.silent else "changes"]
        subject += filter(
            None, (", ".join(each) for each in (wanted.kinds, wanted.fields, wanted.natures, wanted.marked))
        )
        subject += [each for each in (wanted.words, wanted.pattern) if each]
        return FeedHead(
            self._urn(f"feed {_identity(wanted)}"),
            printable(": ".join(subject), _LONGEST_TITLE),
            updated,
            author,
            package_version(),
            self._base or author.uri,
            self_url,
        )

    def entries(self, events: Iterable[PageEvent]) -> Iterator[Entry]:
        """Yield an entry for each event."""
        return (self._entry(event) for event in events)

    def _entry(self, event: PageEvent) -> Entry:
        author, marks = self._authors[event.site], self._marks.get(event.key, [])
        return Entry(
            self._urn("\n".join(map(str, event.key))),
            _title(event, author.name),
            event.found_at,
            author,
            tuple(filter(None, (event.kind, event.nature, event.field, *(mark.mark for mark in marks)))),
            printable(event.context, _LONGEST_SUMMARY),
            _content(event) + _notes(marks),
            event.url or author.uri,
            self._compare(event),
            event.language or "",
        )

    def _compare(self, event: PageEvent) -> str:
        if not self._base or not event.page_id:
            return ""
        page = f"{self._base}/page/{event.page_id}"
        return f"{page}/compare/{event.version - 1}..{event.version}" if event.kind == "edited" else page

    def _urn(self, name: str) -> str:
        return uuid.uuid5(self._namespace, name).urn


def _identity(wanted: EventFilter) -> str:
    """Return what tells a feed from the others of its archive: the values that are set, in any order of a list."""
    given = ((name, getattr(wanted, name)) for name in _IDENTIFYING)
    return json.dumps({name: sorted(value) if isinstance(value, tuple) else value for name, value in given if value})


def _namespace(archive_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(archive_id)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_OID, archive_id)


def _title(event: PageEvent, site: str) -> str:
    title = printable(event.title or "", _LONGEST_TITLE) or printable(event.url, _LONGEST_TITLE)
    if event.kind == "redesign":
        return f"{site}: redesign of {counted(event.pages, 'page')}"
    if event.kind == "edited":
        return f"{title}: {event.field} edited: {event.nature}"
    return f"{title}: {event.kind}{' page' if event.kind == 'new' else ''}"


def _content(event: PageEvent) -> str:
    """Return what happened as HTML. All text of the page is escaped."""
    what = event.kind
    if event.change:
        change = event.change
        what = f"{event.field} edited ({event.nature}), +{change.chars_added} −{change.chars_removed} characters"
    ours = f'<p lang="en">{escape(f"{what}, {bracket(event)}")}</p>'
    theirs = as_html(event.change) if event.change else escape(printable(event.context, _LONGEST_SUMMARY))
    return ours + (f"<p>{theirs}</p>" if theirs else "")


def _notes(marks: Iterable[EventMark]) -> str:
    return "".join(f"<p>{escape(f'Note by {mark.marked_by}: {mark.note}')}</p>" for mark in marks if mark.note)
