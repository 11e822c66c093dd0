"""Lineages: what each extractor made of the same captures. Reading again makes a new one beside the old."""

from dataclasses import dataclass

from archiver.store.connection import Door
from archiver.store.content_rows import as_text, content_of

_BOTH = """SELECT a.seen_from, a.content_id AS was, b.content_id AS now FROM _version a LEFT JOIN _version b
ON b.page_id = a.page_id AND b.extractor_id = ? AND b.seen_from <= a.seen_from AND b.seen_last >= a.seen_from
WHERE a.page_id = ? AND a.extractor_id = ? AND a.content_id IS NOT b.content_id AND EXISTS
(SELECT 1 FROM _visit t WHERE t.visit_id = a.first_visit AND t.frame_id IS NOT NULL)"""
"""Versions of the old reading beside what the new one reads at their beginning; bodies that were pruned say nothing."""

_ONLY_NOW = """SELECT b.seen_from, NULL AS was, b.content_id AS now FROM _version b WHERE NOT EXISTS
(SELECT 1 FROM _version a WHERE a.page_id = b.page_id AND a.extractor_id = ?
AND a.seen_from <= b.seen_from AND a.seen_last >= b.seen_from) AND b.page_id = ? AND b.extractor_id = ?"""
"""Versions of the new reading where the old one read nothing."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """Where two extractors differ in a field: spans of time, pages, and of the spans those that lost or got a value."""

    field: str
    values: int
    pages: int
    emptied: int
    filled: int


class Lineage:
    """Room for a new reading, and where two readings of the same visits differ."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def forget_derived(self, site_id: int) -> None:
        """Drop a site's readings and absences, to be derived anew from its captures. Versions are kept.

        What pruned captures showed cannot be read again: their readings stay.
        """
        pages = "page_id IN (SELECT page_id FROM _page WHERE site_id = ?)"
        pruned = "SELECT 1 FROM _visit t WHERE t.visit_id = _reading.visit_id AND t.frame_id IS NULL"
        self._door.execute(f"DELETE FROM _reading WHERE {pages} AND NOT EXISTS ({pruned})", (site_id,))
        self._door.execute(f"DELETE FROM _absence WHERE {pages}", (site_id,))
        self._door.execute("UPDATE _page SET views = NULL WHERE site_id = ?", (site_id,))

    def forget_lineage(self, extractor_id: int) -> None:
        """Drop what an extractor derived, to be derived anew (a profile that was changed back)."""
        versions = "version_id IN (SELECT version_id FROM _version WHERE extractor_id = ?)"
        self._door.execute(f"DELETE FROM _source WHERE {versions}", (extractor_id,))
        self._door.execute("DELETE FROM _change WHERE extractor_id = ?", (extractor_id,))
        self._door.execute("DELETE FROM _reinterpretation WHERE ? IN (was_by, now_by)", (extractor_id,))
        self._door.execute("DELETE FROM _version WHERE extractor_id = ?", (extractor_id,))

    def reinterpret(self, page_id: int, was_by: int, now_by: int) -> int:
        """Note where two extractors read the same visit differently; gives how many fields do.

        A visit that only one of them could read at all differs in every field it had.
        """
        count = self._differences(page_id, _BOTH, (now_by, page_id, was_by), (was_by, now_by))
        return count + self._differences(page_id, _ONLY_NOW, (was_by, page_id, now_by), (was_by, now_by))

    def _differences(self, page_id: int, pairs: str, values: tuple[int, ...], by: tuple[int, int]) -> int:
        count = 0
        for pair in self._door.rows(pairs, values):
            (was, was_compared), (now, now_compared) = self._flat(pair["was"]), self._flat(pair["now"])
            for field in sorted(was.keys() | now.keys()):
                if was_compared.get(field) != now_compared.get(field):
                    count += 1
                    self._door.execute(
                        "INSERT OR REPLACE INTO _reinterpretation(page_id, seen_from, field, was, now, was_by, now_by) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (page_id, pair["seen_from"], field, was.get(field), now.get(field), *by),
                    )
        return count

    def _flat(self, content_id: int | None) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """A content's values as the views print them, and the same as they are compared."""
        if content_id is None:
            return {}, {}
        row = self._door.row("SELECT * FROM _content WHERE content_id = ?", (content_id,))
        assert row is not None  # noqa: S101  (a foreign key holds it)
        content, instant = content_of(row), {"published_utc": row["published_utc"]}
        shown, compared = (
            {field: as_text(value) for field, value in values.items() if value}
            for values in (content.flat(), content.comparable())
        )
        return shown | instant, compared | instant

    # what they come to

    def differences(self, was_by: int, now_by: int) -> list[FieldDifference]:
        """Where two extractors differ, field by field; how the instant of a date is reckoned is one with the date."""
        rows = self._door.rows(
            "SELECT field, count(*) AS spans, count(DISTINCT page_id) AS pages, sum(now IS NULL) AS emptied, "
            "sum(was IS NULL) AS filled FROM _reinterpretation x WHERE was_by = ?1 AND now_by = ?2 "
            "AND (field <> 'published_utc' OR NOT EXISTS (SELECT 1 FROM _reinterpretation o WHERE o.page_id = x.page_id "
            "AND o.seen_from = x.seen_from AND o.field = 'published' AND o.was_by = ?1 AND o.now_by = ?2)) "
            "GROUP BY field ORDER BY spans DESC, field",
            (was_by, now_by),
        )
        return [
            FieldDifference(row["field"], row["spans"], row["pages"], row["emptied"], row["filled"]) for row in rows
        ]

    def differing_now(self, was_by: int, now_by: int) -> int:
        """How many fields of pages' newest versions two extractors read differently."""
        return int(
            self._door.value(
                "SELECT count(*) FROM _reinterpretation x WHERE was_by = ?1 AND now_by = ?2 AND field <> 'published_utc' "
                "AND was IS NOT now AND seen_from = "
                "(SELECT max(seen_from) FROM _version v WHERE v.page_id = x.page_id AND v.extractor_id = ?1)",
                (was_by, now_by),
            )
        )

    def size(self, extractor_id: int) -> tuple[int, int]:
        """How many versions and how many changes an extractor found."""
        count = "SELECT (SELECT count(*) FROM _version WHERE extractor_id = ?1), (SELECT count(*) FROM _change WHERE extractor_id = ?1)"
        row = self._door.row(count, (extractor_id,))
        assert row is not None  # noqa: S101  (a count has a row)
        return row[0], row[1]
