"""What happened to pages, newest first and one row at a time: for feeds, notifications and digests."""

import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archiver.store.connection import Connection, Value

_PROOF = "substr(a.evidence, instr(a.evidence, '; ') + 2)"
_PROVED_AT = (
    "CASE WHEN instr(a.evidence, '; ') = 0 OR a.evidence LIKE '410 %' THEN a.gone_by "
    f"ELSE substr({_PROOF}, instr({_PROOF}, ' at ') + 4, 19) END"
)
"""When an absence was proven: by the second miss, or by one 410. `gone_by` is the first miss."""
_NONE = (
    "NULL AS nature, NULL AS cause, NULL AS redesign_id, NULL AS after_visit_id, 0 AS chars_added, 0 AS chars_removed"
)
_ARMS = {
    "new": "SELECT site, page_id, url, 'new' AS kind, NULL AS field, NULL AS old, body AS new, summary AS context, "
    f"NULL AS not_before, seen_from AS not_after, seen_from AS found_at, version_id, {_NONE} FROM versions WHERE version = 1",
    "edited": "SELECT site, page_id, url, 'edited' AS kind, field, old, new, context, not_before, not_after, not_after AS found_at, "
    "version_id, nature, cause, redesign_id, after_visit_id, chars_added, chars_removed FROM changes",
    "gone": "SELECT a.site, a.page_id, a.url, 'gone' AS kind, NULL AS field, NULL AS old, NULL AS new, a.evidence AS context, "
    f"a.last_seen AS not_before, a.gone_by AS not_after, {_PROVED_AT} AS found_at, NULL AS version_id, {_NONE} FROM absences a "
    "WHERE a.last_seen IS NOT NULL",
    "back": "SELECT site, page_id, url, 'back' AS kind, NULL AS field, NULL AS old, NULL AS new, NULL AS context, "
    f"last_miss AS not_before, back_by AS not_after, back_by AS found_at, NULL AS version_id, {_NONE} FROM absences "
    "WHERE back_by IS NOT NULL",
}
_IN_RUNS = (
    "EXISTS (SELECT 1 FROM _visit t WHERE t.page_id = e.page_id AND t.visited_at = e.found_at "
    "AND t.run_id IN (SELECT value FROM json_each(:runs)))"
)


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events to read; None means all.

    Attributes:
        kinds: of new, edited, gone, back.
        page_id: only of this page; `sites`: only of these.
        fields: only edits of these fields.
        since, until: found at or after, found before (UTC text).
        runs: only events that a visit of these runs found.
    """

    kinds: Sequence[str]
    sites: Sequence[str] | None = None
    page_id: int | None = None
    fields: Sequence[str] | None = None
    since: str | None = None
    until: str | None = None
    runs: Sequence[int] | None = None


class Shown(NamedTuple):
    """What a page showed at a moment. `version`: its number, 0 when the page was never read."""

    title: str | None
    language: str | None
    version: int


class EventRows:
    """Reads events from the views."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest_first(self, wanted: EventQuery) -> Iterator[dict[str, Any]]:
        """Yield events by `found_at`, newest first, with the columns of `_ARMS`."""
        streams = [self._stream(kind, wanted) for kind in wanted.kinds if kind in _ARMS]
        return heapq.merge(*streams, key=lambda row: (row["found_at"], row["page_id"]), reverse=True)

    def _stream(self, kind: str, wanted: EventQuery) -> Iterator[dict[str, Any]]:
        values: dict[str, Value] = {}
        conditions = ["found_at IS NOT NULL"]
        for name, value, condition in (
            ("sites", wanted.sites, "site IN (SELECT value FROM json_each(:sites))"),
            ("fields", wanted.fields, "field IN (SELECT value FROM json_each(:fields))"),
            ("runs", wanted.runs, _IN_RUNS),
            ("page", wanted.page_id, "page_id = :page"),
            ("since", wanted.since, "found_at >= :since"),
            ("until", wanted.until, "found_at < :until"),
        ):
            if value is not None:
                conditions.append(condition)
                values[name] = value if isinstance(value, str | int) else json.dumps(list(value))
        sql = f"SELECT * FROM ({_ARMS[kind]}) e WHERE {' AND '.join(conditions)} ORDER BY found_at DESC, page_id DESC, field"
        return (dict(row) for row in self._connection.stream(sql, values))

    def shown(self, page_id: int, moment: str) -> Shown:
        """Return what a page showed at a moment (UTC text), or last showed before it; else its first version."""
        row = self._connection.row(
            "SELECT c.title, c.language, v.version FROM _version v JOIN _stored_content c ON c.content_id = v.content_id "
            "WHERE v.page_id = ?1 AND v.current = 1 ORDER BY v.seen_from > ?2, "
            "CASE WHEN v.seen_from > ?2 THEN v.version ELSE -v.version END LIMIT 1",
            (page_id, moment),
        )
        return Shown(None, None, 0) if row is None else Shown(row["title"], row["language"], row["version"])

    def redesign(self, redesign_id: int) -> dict[str, Any]:
        """Return what is stored of a redesign, and how many pages it changed."""
        row = self._connection.row(
            "SELECT r.kind, r.what, r.since, r.run_id, (SELECT count(DISTINCT h.page_id) FROM changes h "
            "WHERE h.redesign_id = r.redesign_id) AS pages FROM _redesign r WHERE r.redesign_id = ?",
            (redesign_id,),
        )
        return dict(row) if row else {}

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
