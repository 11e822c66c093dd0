"""Compares what different extractors read from the same captures, and prepares captures to be read again."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from archiver.model.record import Content
from archiver.store.connection import Connection
from archiver.store.content_rows import as_text, content_of

REPLACED = 3
"""`_version.current` of versions that are being replaced; only within one transaction."""
MOST_VISITS = 200
"""The most visits of a page whose captures are read again at a visit, because of changes that may be none."""

_BOTH = f"""SELECT a.seen_from, a.extractor_id AS was_by, a.content_id AS was, b.content_id AS now FROM _version a
LEFT JOIN _version b ON b.page_id = a.page_id AND b.current = 1 AND b.seen_from <= a.seen_from AND b.seen_last >= a.seen_from
WHERE a.page_id = ? AND a.current = {REPLACED} AND a.content_id IS NOT b.content_id AND EXISTS
(SELECT 1 FROM _visit t WHERE t.visit_id = a.first_visit AND t.frame_id IS NOT NULL)"""
"""Pairs each replaced version with the new version at its start. Versions with pruned bodies are left out."""

_ONLY_NOW = f"""SELECT b.seen_from, ? AS was_by, NULL AS was, b.content_id AS now FROM _version b WHERE NOT EXISTS
(SELECT 1 FROM _version a WHERE a.page_id = b.page_id AND a.current = {REPLACED}
AND a.seen_from <= b.seen_from AND a.seen_last >= b.seen_from) AND b.page_id = ? AND b.current = 1"""
"""Selects new versions where the old extractor read nothing."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """How two extractors differ in a field: the number of spans, of pages, and of spans that lost or gained a value."""

    field: str
    values: int
    pages: int
    emptied: int
    filled: int


class Reinterpretations:
    """The differences between extractors."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # before captures are read again

    def shown_by(self, site_id: int) -> list[int]:
        """Return the extractors whose versions of a site's pages the views show."""
        rows = self._connection.rows(
            "SELECT DISTINCT v.extractor_id FROM _version v JOIN _page p ON p.page_id = v.page_id "
            "WHERE p.site_id = ? AND v.current = 1 ORDER BY v.extractor_id",
            (site_id,),
        )
        return [row["extractor_id"] for row in rows]

    def pages_read_by(self, extractor_id: int) -> set[int]:
        """Return the pages of which the views show versions of an extractor."""
        rows = self._connection.rows(
            "SELECT DISTINCT page_id FROM _version WHERE extractor_id = ? AND current = 1", (extractor_id,)
        )
        return {row["page_id"] for row in rows}

    def forget_derived(self, captures: Sequence[int]) -> None:
        """Clear what was derived of the pages of captures, to be derived again. Versions are marked as replaced.

        Readings of pruned captures stay, since they cannot be read again. So do pages with no capture that can be read.
        """
        pages = "page_id IN (SELECT t.page_id FROM json_each(?) j CROSS JOIN _visit t ON t.visit_id = j.value)"
        shown = f"{pages[:-1]} WHERE t.outcome = 'ok')"
        numbers = json.dumps(list(captures))
        readable = f"SELECT visit_id FROM _visit WHERE {pages} AND frame_id IS NOT NULL"
        for table in ("_reading", "_reading_source"):
            self._connection.execute(f"DELETE FROM {table} WHERE visit_id IN ({readable})", (numbers,))
        self._connection.execute(f"DELETE FROM _absence WHERE {pages}", (numbers,))
        for table in ("_doubt", "_move"):
            self._connection.execute(f"DELETE FROM {table} WHERE {pages}", (numbers,))
        self._connection.execute(
            f"DELETE FROM _modified WHERE {pages} AND visit_id IN (SELECT visit_id FROM _visit WHERE frame_id IS NOT NULL)",
            (numbers,),
        )
        self._connection.execute(f"UPDATE _page SET views = NULL, state = 'unknown' WHERE {shown}", (numbers,))
        self._connection.execute(
            f"UPDATE _version SET current = iif(current = 1, {REPLACED}, 0) WHERE current > 0 AND {shown}", (numbers,)
        )

    def forget_reading(self, extractor_id: int) -> None:
        """Delete the versions and changes of an extractor, so that it can derive them again.

        Until then, the views show the versions of other extractors that these had replaced.
        """
        self._connection.execute(
            "UPDATE _version SET current = 1 WHERE version_id IN (SELECT max(o.version_id) FROM _version n "
            "JOIN _version o ON o.page_id = n.page_id AND o.version = n.version AND o.current = 2 "
            "WHERE n.extractor_id = ? AND n.current = 1 GROUP BY n.page_id, n.version)",
            (extractor_id,),
        )
        versions = "version_id IN (SELECT version_id FROM _version WHERE extractor_id = ?)"
        self._connection.execute(f"DELETE FROM _source WHERE {versions}", (extractor_id,))
        self._connection.execute("DELETE FROM _change WHERE extractor_id = ?", (extractor_id,))
        self._connection.execute("DELETE FROM _reinterpretation WHERE ? IN (was_by, now_by)", (extractor_id,))
        self._connection.execute("DELETE FROM _version WHERE extractor_id = ?", (extractor_id,))

    # where readings differ

    def compare(self, page_id: int, now_by: int, read_nothing: int | None) -> int:
        """Store the differences between a page's replaced versions and its new ones; return the number of fields.

        Args:
            page_id: the page. The marks of its replaced versions are removed.
            now_by: the extractor of the new versions.
            read_nothing: the extractor that read nothing where only new versions exist; None leaves those out.
        """
        count = 0
        rows = self._connection.rows(_BOTH, (page_id,))
        rows += self._connection.rows(_ONLY_NOW, (read_nothing, page_id)) if read_nothing is not None else []
        for row in rows:
            was, now = self._content(row["was"]), self._content(row["now"])
            count += self.note(page_id, row["seen_from"], (was, row["was_by"]), (now, now_by))
        self._connection.execute(
            f"UPDATE _version SET current = 0 WHERE page_id = ? AND current = {REPLACED}", (page_id,)
        )
        return count

    def note(self, page_id: int, seen_from: str, was: tuple[Content, int], now: tuple[Content, int]) -> int:
        """Store the differences between two readings of one capture; return the number of fields.

        Args:
            page_id: the page.
            seen_from: the start of the capture's span (UTC text).
            was: the old content and its extractor.
            now: the new content and its extractor.
        """
        (old, old_compared), (new, new_compared) = shown_values(was[0]), shown_values(now[0])
        fields = sorted(name for name in old.keys() | new.keys() if old_compared.get(name) != new_compared.get(name))
        if fields:
            self._connection.executemany(
                "INSERT OR REPLACE INTO _reinterpretation(page_id, seen_from, field, was, now, was_by, now_by) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(page_id, seen_from, name, old.get(name), new.get(name), was[1], now[1]) for name in fields],
            )
        return len(fields)

    def is_disputed(self, page_id: int, was: Content, now: Content) -> bool:
        """Whether a page has changes of a field that two extractors read differently in its newest capture.

        Such a change may be another one, or none, as the other extractor reads the page's earlier captures. A page with
        more than `MOST_VISITS` visits is not disputed, because it would take long to read its captures again.
        """
        before, after = was.flat(), now.flat()
        differing = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        return bool(differing) and bool(
            self._connection.value(
                "SELECT EXISTS (SELECT 1 FROM _change WHERE page_id = ?1 AND field IN (SELECT value FROM json_each(?2))) "
                "AND (SELECT count(*) FROM (SELECT 1 FROM _visit WHERE page_id = ?1 LIMIT ?3)) < ?3",
                (page_id, json.dumps(differing), MOST_VISITS + 1),
            )
        )

    def _content(self, content_id: int | None) -> Content:
        if content_id is None:
            return Content()
        row = self._connection.row("SELECT * FROM _content WHERE content_id = ?", (content_id,))
        assert row is not None  # noqa: S101  (a foreign key holds it)
        return content_of(row)

    # summaries

    def differences(self, was_by: Collection[int], now_by: int) -> list[FieldDifference]:
        """Return how an extractor differs from others, by field. The UTC form of a date is not counted separately."""
        rows = self._connection.rows(
            "SELECT field, count(*) AS spans, count(DISTINCT page_id) AS pages, sum(now IS NULL) AS emptied, "
            "sum(was IS NULL) AS filled FROM _reinterpretation x WHERE was_by IN (SELECT value FROM json_each(?1)) AND now_by = ?2 "
            "AND (field <> 'published_utc' OR NOT EXISTS (SELECT 1 FROM _reinterpretation o WHERE o.page_id = x.page_id "
            "AND o.seen_from = x.seen_from AND o.field = 'published' AND o.was_by = x.was_by AND o.now_by = ?2)) "
            "GROUP BY field ORDER BY spans DESC, field",
            (json.dumps(list(was_by)), now_by),
        )
        return [
            FieldDifference(row["field"], row["spans"], row["pages"], row["emptied"], row["filled"]) for row in rows
        ]

    def differing_now(self, was_by: Collection[int], now_by: int) -> int:
        """Return the number of fields of newest versions that an extractor reads differently from others."""
        return int(
            self._connection.value(
                "SELECT count(*) FROM _reinterpretation x WHERE was_by IN (SELECT value FROM json_each(?1)) AND now_by = ?2 "
                "AND field <> 'published_utc' AND was IS NOT now AND seen_from = "
                "(SELECT max(seen_from) FROM _version v WHERE v.page_id = x.page_id AND v.extractor_id = x.was_by)",
                (json.dumps(list(was_by)), now_by),
            )
        )

    def size(self, site_id: int) -> tuple[int, int]:
        """Return the numbers of versions and changes of a site in the views."""
        row = self._connection.row(
            "SELECT count(*) AS versions, (SELECT count(*) FROM _change h JOIN _version w ON w.version_id = h.version_id "
            "JOIN _page q ON q.page_id = w.page_id WHERE q.site_id = ?1 AND w.current > 0) AS changes "
            "FROM _version v JOIN _page p ON p.page_id = v.page_id WHERE p.site_id = ?1 AND v.current = 1",
            (site_id,),
        )
        assert row is not None  # noqa: S101  (a count has a row)
        return row["versions"], row["changes"]


def shown_values(content: Content) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Return a content's values as the views print them, and as they are compared."""
    instant = {"published_utc": content.published.utc} if content.published and content.published.utc else {}
    shown, compared = (
        {field: as_text(value) for field, value in values.items() if value}
        for values in (content.flat(), content.comparable())
    )
    return shown | instant, compared | instant
