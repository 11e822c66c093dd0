"""Captures as a stream, in the order in which they were stored, for exports."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.model.capture import Capture
from archiver.model.record import LIST_FIELDS
from archiver.store.connection import Connection, Row, Value
from archiver.store.evidence import EvidenceStore
from archiver.store.pages import REQUISITE
from archiver.store.view_sql import CURRENT

_CHUNK = 500  # visits per query: no query stays open while files are written
_FROM = (
    "FROM _visit t CROSS JOIN _visit o ON o.visit_id = coalesce(t.of_visit, t.visit_id) JOIN _page p ON p.page_id = t.page_id "
    "JOIN _site s ON s.site_id = p.site_id LEFT JOIN _reason w ON w.reason_id = t.reason_id"
)
_COLUMNS = (
    "t.visit_id, t.page_id, s.name AS site, t.frame_id, coalesce(t.read_outcome, t.outcome) AS outcome, w.reason, w.code AS reason_code, "
    "coalesce(t.read_note, t.note) AS note, t.outcome AS kept_outcome, t.note AS kept_note, lower(hex(t.chain)) AS chain, t.of_visit, "
    "EXISTS (SELECT 1 FROM _visit b WHERE b.of_visit = t.visit_id) AS is_rendered"
)
_NEW = f"EXISTS (SELECT 1 FROM _version v WHERE v.page_id = {{0}}.page_id AND v.first_visit = {{0}}.visit_id AND {CURRENT.format('v')})"

_REDACTED = "(SELECT r.visit_id FROM _redacted r WHERE r.visit_id = t.visit_id)"
_NOTHING = "t.block_sha256 IS NULL AND t.made_by IS NULL"
_STREAMED = "(t.frame_id IS NOT NULL OR (t.block_sha256 IS NULL AND t.made_by IS NOT NULL))"
"""The condition of what is streamed: captures with bytes, and that a browser could not make anything of a page."""
_REQUISITE = f"p.kind = '{REQUISITE}'"


@dataclass(frozen=True, slots=True)
class CaptureSelection:
    """Selects captures. What a browser got and made belongs to the visit of the page that it opened, and goes with it.

    A selection of pages includes the requisites of their sites, so that replay shows the pages whole; so does one of
    changes, or since a time, also when the requisites were captured before.

    Attributes:
        site: only of this site.
        since: visited then or later, UTC text.
        until: visited before, UTC text.
        pages: only of these pages; () for all.
        changed_only: only captures that created a version.
        after: only visits with a higher number.
        without: not of these pages, nor what a browser made of them or fetched for them.
    """

    site: str | None = None
    since: str | None = None
    until: str | None = None
    pages: tuple[int, ...] = ()
    changed_only: bool = False
    after: int = 0
    without: tuple[int, ...] = ()

    @property
    def where(self) -> tuple[str, list[Value]]:
        """The condition as SQL, and the values of its placeholders."""
        terms: list[tuple[str, Sequence[Value]]] = [("t.visit_id > ?", (self.after,))]
        if self.site is not None:
            terms.append(("s.name = ?", (self.site,)))
        if self.since is not None:
            terms.append((f"(o.visited_at >= ? OR {_REQUISITE})", (self.since,)))
        if self.until is not None:
            terms.append(("o.visited_at < ?", (self.until,)))
        if self.pages:
            pages = f"({', '.join('?' * len(self.pages))})"
            sites = f"SELECT q.site_id FROM _page q WHERE q.page_id IN {pages}"
            terms.append(
                (f"(o.page_id IN {pages} OR ({_REQUISITE} AND p.site_id IN ({sites})))", (*self.pages, *self.pages))
            )
        if self.without:
            terms.append(("o.page_id NOT IN (SELECT value FROM json_each(?))", (json.dumps(self.without),)))
        if self.changed_only:
            terms.append((f"({_NEW.format('o')} OR {_REQUISITE})", ()))
        return " AND ".join(term for term, _ in terms), [value for _, values in terms for value in values]


@dataclass(frozen=True, slots=True)
class StreamedCapture:
    """A capture to export.

    Attributes:
        outcome: as the reader found it; `kept_outcome` and `kept_note`: as stored before the capture was read.
        chain: the chain's link at this visit, hex.
        record: the record read from it, as JSON; None when it created no version, or when records are not requested.
        of: the visit whose page a browser opened, for what it got and made.
        is_rendered: a browser opened its page.
    """

    visit_id: int
    page_id: int
    site: str
    capture: Capture
    outcome: str
    reason: str | None
    reason_code: str | None
    note: str | None
    kept_outcome: str
    kept_note: str | None
    chain: str
    record: dict[str, Any] | None
    of: "OpenedPage | None" = None
    is_rendered: bool = False


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """The visit of a page that a browser opened: its number, its exact address, and its time (UTC text)."""

    visit_id: int
    url: str
    visited_at: str


@dataclass(frozen=True, slots=True)
class CaptureCounts:
    """The number of selected visits: with bytes, without an answer, with pruned bytes, and redacted ones."""

    captures: int
    silent: int
    pruned: int
    redacted: int
    last: int


class CaptureStream:
    """The captures of one archive."""

    def __init__(self, connection: Connection, evidence: EvidenceStore) -> None:
        self._connection = connection
        self._evidence = evidence

    def counted(self, chosen: CaptureSelection) -> CaptureCounts:
        """Return the number of selected captures; `last` is the highest visit id, or the selection's `after`."""
        where, values = chosen.where
        row = self._connection.row(
            f"SELECT count(t.frame_id) AS kept, coalesce(sum({_NOTHING}), 0) AS silent, "
            f"count(t.block_sha256) - count(t.frame_id) - count({_REDACTED}) AS pruned, count({_REDACTED}) AS redacted, "
            f"max(t.visit_id) AS last {_FROM} WHERE {where}",
            values,
        )
        assert row is not None  # noqa: S101  (an aggregate has a row)
        last = row["last"] or chosen.after
        return CaptureCounts(row["kept"], row["silent"], row["pruned"], row["redacted"], last)

    def of(self, chosen: CaptureSelection, last: int) -> Iterator[StreamedCapture]:
        """Yield the captures with bytes, up to the visit id `last`, in the order in which they were stored.

        Renditions without bytes, which a browser could not make, are among them.

        Raises:
            ArchiveDamaged: the bytes of a capture do not match its digest.
        """
        where, values = chosen.where
        sql = (
            f"SELECT {_COLUMNS}, {_NEW.format('t')} AS is_new {_FROM} WHERE {where} AND t.visit_id <= ? AND {_STREAMED} "
            f"ORDER BY t.visit_id LIMIT {_CHUNK}"
        )
        while rows := self._connection.rows(sql, [*values, last]):
            for row in rows:
                yield self._captured(row)
            values[0] = rows[-1]["visit_id"]

    def _captured(self, row: Row) -> StreamedCapture:
        capture = self._evidence.sent(row["visit_id"]).capture
        record = self._record(row["page_id"], row["visit_id"]) if row["is_new"] else None
        return StreamedCapture(
            row["visit_id"],
            row["page_id"],
            row["site"],
            capture,
            row["outcome"],
            row["reason"],
            row["reason_code"],
            row["note"],
            row["kept_outcome"],
            row["kept_note"],
            row["chain"],
            record,
            None if row["of_visit"] is None else self._opened_page(row["of_visit"]),
            bool(row["is_rendered"]),
        )

    def _opened_page(self, visit_id: int) -> OpenedPage | None:
        row = self._connection.row(
            "SELECT t.visit_id, coalesce(t.asked, p.url) AS url, t.visited_at FROM _visit t JOIN _page p ON p.page_id = t.page_id "
            "WHERE t.visit_id = ?",
            (visit_id,),
        )
        return None if row is None else OpenedPage(*row)

    def _record(self, page_id: int, visit_id: int) -> dict[str, Any]:
        row = self._connection.row(
            "SELECT w.* FROM versions w JOIN _version v ON v.version_id = w.version_id "
            "WHERE w.page_id = ? AND v.first_visit = ?",
            (page_id, visit_id),
        )
        values = dict(row) if row is not None else {}
        for name in (*LIST_FIELDS, "extra"):
            if values.get(name):
                values[name] = json.loads(values[name])
        return values
