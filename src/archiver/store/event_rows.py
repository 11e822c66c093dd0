"""What happened to pages, newest first and one row at a time: for feeds, notifications and digests."""

import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archiver.store.connection import Connection, Value
from archiver.store.event_query import has_changes
from archiver.store.view_sql import proved_at

_LAST_CHANGE = "(SELECT max(c.not_after) FROM changes c WHERE c.redesign_id = events.redesign_id)"
_COLUMNS = (
    "site, page_id, url, kind, field, old, new, context, not_before, not_after, version_id, visit_id, run_id, redesign_id, nature, "
    "chars_added, chars_removed, title, change_id"
)
_PLAIN = (
    f"SELECT {_COLUMNS}, not_after AS found_at FROM events WHERE kind IN (SELECT value FROM json_each(:kinds)) "
    "AND kind NOT IN ('gone', 'redesign')"
)
_LATER = "SELECT * FROM (SELECT {0}, {1} AS found_at FROM events WHERE kind = '{2}') e WHERE true"
_FIELDS = "field IN (SELECT value FROM json_each(:fields))"
_NATURES = "nature IN (SELECT value FROM json_each(:natures))"
_WITHOUT = "(kind = 'redesign' OR nature IS NULL OR nature NOT IN (SELECT value FROM json_each(:without)))"
_RUNS = "IN (SELECT value FROM json_each(:runs))"


class _Source(NamedTuple):
    """Where events are read: the statement, the column with the time at which they were found, the condition of runs."""

    sql: str
    moment: str
    found_by: str


_EVENTS = _Source(_PLAIN, "not_after", f"run_id {_RUNS}")
_FOUND_LATER = {
    "gone": _Source(
        _LATER.format(_COLUMNS, proved_at("new", "not_after"), "gone"),
        "found_at",
        f"run_id {_RUNS}",
    ),
    "redesign": _Source(
        _LATER.format(_COLUMNS, _LAST_CHANGE, "redesign"),
        "found_at",
        f"EXISTS (SELECT 1 FROM changes c WHERE c.redesign_id = e.redesign_id AND c.run_id {_RUNS})",
    ),
}
"""Events that are found later than the first visit that shows them."""


@dataclass(frozen=True, slots=True)
class EventSelection:
    """Which events to read; None means all.

    Attributes:
        kinds: of new, edited, gone, back, moved and redesign.
        page_id: only of this page; `sites`: only of these.
        fields: only edits of these fields; `natures`: only edits of these natures. Also redesigns with such a change.
        without: no edits of these natures.
        since, until: found at or after, found before (UTC text).
        runs: only events that a visit of these runs found; of a redesign, at least one of its changes.
    """

    kinds: Sequence[str]
    sites: Sequence[str] | None = None
    page_id: int | None = None
    fields: Sequence[str] | None = None
    natures: Sequence[str] | None = None
    without: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    runs: Sequence[int] | None = None


class Shown(NamedTuple):
    """What a page showed at a moment. `version`: its number, 0 when the page was never read."""

    version: int
    language: str | None
    summary: str | None
    body: str | None
    content_id: int | None = None


class EventRows:
    """Reads events from the view `events`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest_first(self, wanted: EventSelection) -> Iterator[dict[str, Any]]:
        """Yield rows of the view `events` with `found_at`, the visit that found the event; newest first."""
        sources = [_EVENTS, *(each for kind, each in _FOUND_LATER.items() if kind in wanted.kinds)]
        streams = [self._stream(each, wanted) for each in sources]
        return heapq.merge(*streams, key=lambda row: (row["found_at"], row["page_id"] or 0), reverse=True)

    def _stream(self, source: _Source, wanted: EventSelection) -> Iterator[dict[str, Any]]:
        values: dict[str, Value] = {"kinds": json.dumps(list(wanted.kinds))}
        conditions = [source.sql]
        of_edits = {"fields": _FIELDS, "natures": _NATURES}
        if source is _FOUND_LATER["redesign"]:
            met = [each for name, each in of_edits.items() if getattr(wanted, name) is not None]
            of_edits = dict.fromkeys(of_edits, has_changes(met).replace("events.", "e."))
        for name, value, condition in (
            ("sites", wanted.sites, "site IN (SELECT value FROM json_each(:sites))"),
            ("fields", wanted.fields, of_edits["fields"]),
            ("natures", wanted.natures, of_edits["natures"]),
            ("without", wanted.without or None, _WITHOUT),
            ("runs", wanted.runs, source.found_by),
            ("page", wanted.page_id, "page_id = :page"),
            ("since", wanted.since, f"{source.moment} >= :since"),
            ("until", wanted.until, f"{source.moment} < :until"),
        ):
            if value is not None:
                conditions.append(condition)
                values[name] = value if isinstance(value, str | int) else json.dumps(list(value))
        ordered = f"{' AND '.join(conditions)} ORDER BY {source.moment} DESC, page_id DESC, field"
        return (dict(row) for row in self._connection.stream(ordered, values))

    def shown(self, page_id: int, moment: str, *, body: bool = False) -> Shown:
        """Return what a page showed at a moment (UTC text), or last showed before it; `body`: with its body."""
        row = self._connection.row(
            f"SELECT v.version, c.language, c.summary, {'c.body' if body else 'NULL AS body'}, v.content_id FROM _version v "
            f"JOIN {'_content' if body else '_stored_content'} c ON c.content_id = v.content_id "
            "WHERE v.page_id = ? AND v.current = 1 AND v.seen_from <= ? ORDER BY v.version DESC LIMIT 1",
            (page_id, moment),
        )
        return Shown(*row) if row else Shown(0, None, None, None)

    def redesigned_pages(self, redesign_id: int, runs: Sequence[int] | None) -> int:
        """Return how many pages a redesign changed; with `runs`, only those on which these runs found it."""
        found = self._connection.value(
            "SELECT count(DISTINCT page_id) FROM changes WHERE redesign_id = ?1 "
            "AND (?2 IS NULL OR run_id IN (SELECT value FROM json_each(?2)))",
            (redesign_id, None if runs is None else json.dumps(list(runs))),
        )
        return int(found)

    def spans_with(self, query: str, *, plain: bool) -> dict[int, list[tuple[str, str, str | None]]]:
        """Return when each page showed versions that match an FTS5 query: seen_from, seen_last, seen_until, by page."""
        table = "_words_plain" if plain else "_words"
        found: dict[int, list[tuple[str, str, str | None]]] = {}
        for row in self._connection.rows(
            f"SELECT v.page_id, v.seen_from, v.seen_last, v.seen_until FROM {table} f "
            f"CROSS JOIN _version v ON v.content_id = f.rowid AND v.current = 1 WHERE f.{table} MATCH ?",
            (query,),
        ):
            found.setdefault(row["page_id"], []).append((row["seen_from"], row["seen_last"], row["seen_until"]))
        return found

    def begun(self) -> str | None:
        """Return when the first run of the archive began (UTC text)."""
        first: str | None = self._connection.value("SELECT min(started_at) FROM _run")
        return first

    def unannounced(self, run_id: int) -> list[int]:
        """Return the crawls whose changes this crawl of a site announces: itself, and those before it that did not end.

        A crawl that was killed, interrupted or failed announces nothing, and the next one that ends announces what it
        found. So each change is announced once.
        """
        ended = "('done', 'limit', 'stopped')"
        rows = self._connection.rows(
            "SELECT r.run_id FROM _run own JOIN _run r ON r.site_id = own.site_id AND r.kind = own.kind WHERE own.run_id = ?1 "
            f"AND own.ended IN {ended} AND r.run_id <= ?1 AND r.run_id > (SELECT coalesce(max(x.run_id), 0) FROM _run x "
            f"WHERE x.site_id = own.site_id AND x.kind = own.kind AND x.run_id < ?1 AND x.ended IN {ended})",
            (run_id,),
        )
        return [row["run_id"] for row in rows]
