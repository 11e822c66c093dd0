"""What happened on each day: counts, and light rows of the edits and new pages of a span of time.

A row of an edit is a page at a visit: all fields that the visit found edited. Texts are read only for the rows that are
shown. Every query reads at most `MOST` rows of a span, the newest.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archiver.store.connection import Connection, Row, Value
from archiver.store.result_cache import ResultCache
from archiver.store.view_sql import IS_NO_COPY

MOST = 20_000
"""The most edits, and the most new pages, of a span that are read."""

LABELS = ("words", "figures", "byline", "media", "order", "typography")
"""What an edit is called, from the strongest to the weakest: the natures, and `byline` for a page whose byline changed."""

_RANK = (
    "CASE WHEN h.nature = 'typography' THEN 5 WHEN h.field = 'bylines' THEN 2 WHEN h.nature = 'words' THEN 0 "
    "WHEN h.nature = 'figures' THEN 1 WHEN h.nature = 'media' THEN 3 WHEN h.nature = 'order' THEN 4 ELSE 0 END"
)
_SHOWN = "(:site IS NULL OR p.site_id = :site) AND p.page_id NOT IN (SELECT value FROM json_each(:hidden))"
_EDITS = (
    "SELECT h.not_after AS at, h.page_id, max(h.version_id) AS version_id, v.version, v.content_id, p.site_id, "
    f"min({_RANK}) AS rank FROM (SELECT * FROM _change WHERE not_after >= :since AND not_after < :until "
    f"AND (:field IS NULL OR field = :field) ORDER BY not_after DESC LIMIT {MOST}) h "
    "CROSS JOIN _version v CROSS JOIN _page p WHERE v.version_id = h.version_id AND v.current > 0 AND p.page_id = h.page_id "
    f"AND h.redesign_id IS NULL AND {_SHOWN} GROUP BY h.not_after, h.page_id"
)
_NEW = (
    "SELECT v.seen_from AS at, v.page_id, v.version_id, v.version, v.content_id, p.site_id, 0 AS rank "
    "FROM (SELECT * FROM _version WHERE seen_from >= :since AND seen_from < :until "
    f"ORDER BY seen_from DESC LIMIT {MOST}) v CROSS JOIN _page p "
    f"WHERE p.page_id = v.page_id AND v.current = 1 AND v.version = 1 AND {IS_NO_COPY} AND {_SHOWN}"
)
_COUNTED = (
    "SELECT substr(e.at, 1, 10) AS day, e.rank, e.at >= :mark AS is_new, count(*) AS rows FROM ({0}) e GROUP BY 1, 2, 3"
)
_MORE = tuple(
    f"SELECT 1 FROM {table} WHERE {at} >= ? AND {at} < ? LIMIT 1 OFFSET {MOST}"
    for table, at in (("_change", "not_after"), ("_version", "seen_from"))
)
_SECTIONS = (
    "SELECT e.at, e.page_id, e.version_id, e.rank, s.name AS site, c.section FROM ({0}) e "
    "CROSS JOIN _stored_content c CROSS JOIN _site s WHERE c.content_id = e.content_id AND s.site_id = e.site_id "
    "ORDER BY e.at DESC, e.page_id DESC"
)
_TEXTS = (
    "SELECT h.version_id, h.change_id, h.field, h.nature, h.context, h.not_before, h.not_after, h.chars_added, h.chars_removed, "
    "h.redesign_id FROM json_each(?1) j CROSS JOIN _change h WHERE h.version_id = j.value AND h.redesign_id IS ?2 ORDER BY h.change_id"
)
_VERSIONS = (
    "SELECT v.version_id, v.version, v.page_id, v.seen_from, v.first_visit, c.title, c.language, c.section, c.summary, p.url, "
    "s.name AS site FROM json_each(?) j CROSS JOIN _version v CROSS JOIN _stored_content c CROSS JOIN _page p CROSS JOIN _site s "
    "WHERE v.version_id = j.value AND c.content_id = v.content_id AND p.page_id = v.page_id AND s.site_id = p.site_id"
)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A span of time and what is wanted of it. Times are UTC text; `until` is not included.

    Attributes:
        site_id: only of this site; None: of all.
        field: only edits of this field.
        hidden: pages that are left out.
    """

    since: str
    until: str
    site_id: int | None = None
    field: str | None = None
    hidden: tuple[int, ...] = ()

    @property
    def values(self) -> dict[str, Value]:
        """Return the named values of the SQL."""
        hidden = json.dumps(list(self.hidden))
        return {
            "since": self.since,
            "until": self.until,
            "site": self.site_id,
            "field": self.field,
            "hidden": hidden,
        }


@dataclass(frozen=True, slots=True)
class DayRow:
    """An edited or a new page, at a visit. `label`: of an edit one of `LABELS`; "" for a new page."""

    kind: str
    at: str
    page_id: int
    version_id: int
    label: str
    site: str
    section: str | None


class DayEvents:
    """Reads edits and new pages by day."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._counts: ResultCache[dict[tuple[str, str, str, bool], int]] = ResultCache(connection)

    def counts(self, span: DaySpan, mark: str) -> dict[tuple[str, str, str, bool], int]:
        """Return the number of edited and of new pages, by day, kind, label, and whether they came at `mark` or later.

        New pages have the label "". The result is kept while the archive does not change.
        """
        return self._counts.get((span, mark), lambda: self._count(span, mark))

    def _count(self, span: DaySpan, mark: str) -> dict[tuple[str, str, str, bool], int]:
        values = {**span.values, "mark": mark}
        found = {
            (row["day"], "edited", LABELS[row["rank"]], bool(row["is_new"])): row["rows"]
            for row in self._connection.rows(_COUNTED.format(_EDITS), values)
        }
        if span.field is None:
            new = self._connection.rows(_COUNTED.format(_NEW), values)
            found |= {(row["day"], "new", "", bool(row["is_new"])): row["rows"] for row in new}
        return found

    def is_capped(self, span: DaySpan) -> bool:
        """Return whether a span has more changes or versions than are read."""
        return any(self._connection.value(sql, (span.since, span.until)) is not None for sql in _MORE)

    def edits(self, span: DaySpan) -> list[DayRow]:
        """Return the edited pages of a span, the newest first."""
        rows = self._connection.rows(_SECTIONS.format(_EDITS), span.values)
        return [_row("edited", row, LABELS[row["rank"]]) for row in rows]

    def new(self, span: DaySpan) -> list[DayRow]:
        """Return the new pages of a span, the newest first."""
        rows = self._connection.rows(_SECTIONS.format(_NEW), span.values)
        return [_row("new", row, "") for row in rows]

    def texts(self, version_ids: Sequence[int], redesign_id: int | None = None) -> dict[int, list[dict[str, Any]]]:
        """Return the edits that made some versions, with their words in context, by version.

        `redesign_id`: only the changes of this redesign; None: without those of redesigns.
        """
        found: dict[int, list[dict[str, Any]]] = {}
        for row in self._connection.rows(_TEXTS, (json.dumps(list(version_ids)), redesign_id)):
            found.setdefault(row["version_id"], []).append(dict(row))
        return found

    def versions(self, version_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return what versions showed: title, language, section, summary, with their page and site."""
        rows = self._connection.rows(_VERSIONS, (json.dumps(list(version_ids)),))
        return {row["version_id"]: dict(row) for row in rows}


def _row(kind: str, row: Row, label: str) -> DayRow:
    return DayRow(kind, row["at"], row["page_id"], row["version_id"], label, row["site"], row["section"])
