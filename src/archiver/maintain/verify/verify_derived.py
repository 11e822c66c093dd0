"""Checks rows that are derived from visits: versions, changes, readings, contents, editions of listings.

These rows are not chained, because they can be derived again. This module checks what is possible without reading all
pages again: contents against their fingerprints, and rows that contradict each other.
"""

import functools
from collections.abc import Mapping

from archiver.errors import ArchiveDamaged
from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import DAMAGE, last_key, rows_by_range
from archiver.model.record import Content
from archiver.model.version import FieldValue
from archiver.store.connection import Connection, Row
from archiver.store.content_rows import Item, as_text, content_name, content_of, items_of
from archiver.store.describe_changes import MISDESCRIBED
from archiver.store.plain_files import Progress
from archiver.store.view_sql import CHANGED

_CONTENTS = "SELECT * FROM _content WHERE content_id BETWEEN ? AND ? ORDER BY content_id"
_ITEMS = (
    "SELECT content_id, field, position, text, url FROM _item WHERE content_id BETWEEN ? AND ? "
    "ORDER BY content_id, field, position"
)
# each time of a version is the time of a visit of its page; each number is an integer
_VERSIONS = (
    "SELECT v.version_id, 'it rests on visits of another page or time' AS what, v.first_visit AS visit_id FROM _version v "
    "LEFT JOIN _visit a ON a.visit_id = v.first_visit LEFT JOIN _visit b ON b.visit_id = v.last_visit "
    "WHERE a.page_id IS NOT v.page_id OR b.page_id IS NOT v.page_id OR a.visited_at IS NOT v.seen_from "
    "OR v.seen_last < b.visited_at "
    "OR NOT EXISTS (SELECT 1 FROM _visit t WHERE t.page_id = v.page_id AND t.visited_at = v.seen_last) "
    "OR (v.seen_until IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM _visit t WHERE t.page_id = v.page_id AND t.visited_at = v.seen_until))"
)
_PAGES = (
    "SELECT NULL AS version_id, p.last_visit AS visit_id, 'page ' || p.page_id || ' has its last visit at another time' AS what "
    "FROM _page p LEFT JOIN _visit t ON t.visit_id = p.last_visit "
    "WHERE p.last_visit IS NOT NULL AND (t.page_id IS NOT p.page_id OR t.visited_at IS NOT p.last_visited)"
)
_CHANGES = (
    "SELECT h.change_id, h.page_id, h.extractor_id, h.version_id, h.field, h.not_before, h.not_after, "
    f"coalesce({MISDESCRIBED}, 0) AS is_misdescribed, {CHANGED.format('old')}, {CHANGED.format('new')}, v.page_id AS v_page, v.extractor_id AS v_extractor, v.first_visit, "
    "v.seen_from, v.content_id, b.content_id AS before_id, b.seen_last "
    "FROM _change h LEFT JOIN _version v ON v.version_id = h.version_id "
    "LEFT JOIN _version b ON b.page_id = v.page_id AND b.extractor_id = v.extractor_id AND b.version = v.version - 1 "
    "WHERE h.change_id BETWEEN ? AND ? ORDER BY h.change_id"
)
# `gained` is the difference to the previous reading in time
_READINGS = (
    "SELECT NULL AS version_id, q.visit_id, 'a reading of ' || n.name || ' contradicts the one before it' AS what FROM ("
    "SELECT r.*, lag(r.value) OVER (PARTITION BY t.page_id, r.name_id ORDER BY t.visited_at, t.visit_id) AS before "
    "FROM _reading r JOIN _visit t ON t.visit_id = r.visit_id) q LEFT JOIN _reading_name n ON n.name_id = q.name_id "
    "WHERE q.gained IS NOT q.value - q.before"
)

_CLAIMS = (
    "SELECT NULL AS version_id, m.visit_id, 'a claim of page ' || m.page_id || ' rests on a visit of another page or time' AS what "
    "FROM _modified m LEFT JOIN _visit t ON t.visit_id = m.visit_id "
    "WHERE t.page_id IS NOT m.page_id OR t.visited_at IS NOT m.seen_from"
)
_MOVES = (
    "SELECT NULL AS version_id, m.visit_id, 'the move of page ' || m.page_id || ' rests on a visit of another page or time' AS what "
    "FROM _move m LEFT JOIN _visit t ON t.visit_id = m.visit_id "
    "WHERE t.page_id IS NULL OR t.page_id NOT IN (m.page_id, coalesce(m.to_page, m.page_id)) OR (m.until IS NOT NULL AND "
    "(m.until <= t.visited_at OR NOT EXISTS (SELECT 1 FROM _visit x WHERE x.page_id = m.page_id AND x.visited_at = m.until))) "
    "OR (m.until IS NULL AND EXISTS (SELECT 1 FROM _version v WHERE v.page_id = m.page_id AND v.current = 1 AND v.seen_last > t.visited_at))"
)
_REASONS = (
    "SELECT NULL AS version_id, NULL AS visit_id, 'reason ' || t.reason_id || ' of ' || count(*) || ' visits is lost' AS what "
    "FROM _visit t LEFT JOIN _reason o ON o.reason_id = t.reason_id "
    "WHERE t.reason_id IS NOT NULL AND o.reason_id IS NULL GROUP BY t.reason_id"
)

_EDITIONS = (
    "SELECT NULL AS version_id, e.first_visit AS visit_id, 'edition ' || e.number || ' of page ' || e.page_id || "
    "' rests on visits of another page' AS what FROM _edition e LEFT JOIN _visit a ON a.visit_id = e.first_visit "
    "LEFT JOIN _visit z ON z.visit_id = e.last_visit "
    "WHERE a.page_id IS NOT e.page_id OR (e.last_visit IS NOT NULL AND z.page_id IS NOT e.page_id)"
)
_PLACED = (
    "SELECT NULL AS version_id, NULL AS visit_id, "
    "count(*) || ' items of editions of page ' || l.page_id || ' have lost their edition or their address' AS what "
    "FROM _placed l LEFT JOIN _edition e ON e.page_id = l.page_id AND e.number = l.first AND e.volume = l.volume "
    "LEFT JOIN _target k ON k.target_id = l.target_id WHERE e.number IS NULL OR k.target_id IS NULL GROUP BY l.page_id"
)


_ROWS = {
    "_version": _VERSIONS,
    "_page": _PAGES,
    "_reading": _READINGS,
    "_modified": _CLAIMS,
    "_move": _MOVES,
    "_reason": _REASONS,
    "_edition": _EDITIONS,
    "_placed": _PLACED,
}


def check_derived(connection: Connection, findings: Findings, progress: Progress) -> None:
    """Run all checks of derived rows."""
    for table, sql in _ROWS.items():
        progress(table.lstrip("_") + "s", 0, None)
        try:
            for row in connection.rows(sql):
                version = row["version_id"]
                what = row["what"] if version is None else f"version_id {version}: {row['what']}"
                _add(findings, connection, what, row["visit_id"], () if version is None else (version,))
        except DAMAGE as error:
            _add(findings, connection, f"{table} cannot be read: {error}")
    _ChangeCheck(connection, findings).run(progress)
    _ContentCheck(connection, findings).run(progress)


def _add(
    findings: Findings, connection: Connection, what: str, visit: object = None, versions: tuple[int, ...] = ()
) -> None:
    visit_id = visit if isinstance(visit, int) else None
    findings.add(Finding("derived", connection.path.name, what, visit_id=visit_id, versions=versions))


class _ChangeCheck:
    """Checks each change against its two versions."""

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self._connection = connection
        self._findings = findings
        self._flat = functools.lru_cache(maxsize=64)(self._flat_of)

    def run(self, progress: Progress) -> None:
        """Check all changes."""
        last = last_key(self._connection, "_change", "change_id")
        for numbers, rows in rows_by_range(self._connection, _CHANGES, last, self._unreadable):
            progress("changes", numbers.start, last)
            for row in rows:
                try:
                    is_right = self._is_right(row)
                except DAMAGE as error:
                    self._unreadable(row["change_id"], str(error))
                    continue
                if not is_right:
                    _add(
                        self._findings,
                        self._connection,
                        f"change {row['change_id']} does not match its versions",
                        row["first_visit"],
                        (row["version_id"],),
                    )

    def _is_right(self, row: Row) -> bool:
        return (
            (row["page_id"], row["extractor_id"], row["not_after"])
            == (row["v_page"], row["v_extractor"], row["seen_from"])
            and row["not_before"] == row["seen_last"]
            and not row["is_misdescribed"]
            and row["old"] != row["new"]
            and row["old"] == as_text(self._flat(row["before_id"]).get(row["field"]) or None)
            and row["new"] == as_text(self._flat(row["content_id"]).get(row["field"]) or None)
        )

    def _flat_of(self, content_id: int) -> Mapping[str, FieldValue]:
        row = self._connection.row("SELECT * FROM _content WHERE content_id = ?", (content_id,))
        if row is None:
            raise ArchiveDamaged(f"content {content_id} is lost")
        return content_of(row).flat()

    def _unreadable(self, number: int, why: str) -> None:
        _add(self._findings, self._connection, f"change {number} cannot be read ({why})")


class _ContentCheck:
    """Checks each content against its fingerprint and the rows of its lists."""

    def __init__(self, connection: Connection, findings: Findings) -> None:
        self._connection = connection
        self._findings = findings

    def run(self, progress: Progress) -> None:
        """Check all contents."""
        last = last_key(self._connection, "_content", "content_id")
        for numbers, rows in rows_by_range(self._connection, _CONTENTS, last, self._unreadable):
            progress("contents", numbers.start, last)
            items = self._items(numbers)
            for row in rows:
                self._one(row, items)

    def _unreadable(self, number: int, why: str) -> None:
        self._add(number, f"cannot be read ({why})")

    def _items(self, numbers: range) -> dict[int, list[tuple[object, ...]]] | None:
        kept: dict[int, list[tuple[object, ...]]] = {}
        try:
            rows = self._connection.rows(_ITEMS, (numbers.start, numbers.stop - 1))
        except DAMAGE as error:
            _add(self._findings, self._connection, f"_item cannot be read: {error}")
            return None
        for row in rows:
            kept.setdefault(row["content_id"], []).append(tuple(row)[1:])
        return kept

    def _one(self, row: Row, items: dict[int, list[tuple[object, ...]]] | None) -> None:
        number = row["content_id"]
        try:
            content = content_of(row)
            is_named = content_name(content) == row["fingerprint"]
        except DAMAGE as error:
            self._add(number, f"has an impossible value ({error})")
            return
        if not is_named:
            self._add(number, "does not match its fingerprint")
        elif items is not None and items.get(number, []) != _sorted_items(content):
            self._add(number, "does not match its rows of captions, bylines, tags and files")

    def _add(self, number: int, what: str) -> None:
        try:
            rows = self._connection.rows("SELECT version_id FROM _version NOT INDEXED WHERE content_id = ?", (number,))
            versions = tuple(row["version_id"] for row in rows)
        except DAMAGE:
            versions = ()
        _add(self._findings, self._connection, f"content {number} {what}", None, versions)


def _sorted_items(content: Content) -> list[Item]:
    """Return the rows of `_item` of a content, in the order of their key."""
    return sorted(items_of(content), key=lambda item: item[:2])
