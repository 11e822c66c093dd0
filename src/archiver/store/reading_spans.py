"""The spans of captures that show one content, to read a few captures of each instead of all.

A version is such a span: the extractor in force read the same content in every capture of it. The captures outside of
versions (listings, pages that say that they do not exist, pages that no rule could read) are listed one by one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from archiver.model.record import Content
from archiver.store.connection import Connection
from archiver.store.content_rows import content_of
from archiver.store.renditions import SHOWN
from archiver.store.source_rows import sources_of
from archiver.store.view_sql import CURRENT, IS_PAGE

_SPANS = (
    "SELECT v.page_id, p.url, v.version_id, v.extractor_id, v.content_id, v.seen_from, v.seen_last, "
    "CASE WHEN a.frame_id IS NOT NULL THEN v.first_visit END AS first, "
    f"CASE WHEN b.frame_id IS NOT NULL AND {SHOWN.format('b')} <> {SHOWN.format('a')} AND b.bytes > 0 AND b.status BETWEEN 200 AND 299 "
    "THEN v.last_visit END AS last "
    f"FROM _page p JOIN _version v ON v.page_id = p.page_id AND {CURRENT.format('v')} "
    "JOIN _visit a ON a.visit_id = v.first_visit JOIN _visit b ON b.visit_id = v.last_visit "
    f"WHERE p.site_id = ? AND {IS_PAGE} ORDER BY v.page_id, v.seen_from, v.version_id"
)
_WITH_PAGE = "t.frame_id IS NOT NULL AND t.bytes > 0 AND t.status BETWEEN 200 AND 299"
_LOOSE = (
    f"SELECT t.visit_id, t.page_id, p.url, t.visited_at, {SHOWN.format('t')} AS shown FROM _page p JOIN _visit t ON t.page_id = p.page_id "
    f"WHERE p.site_id = ? AND {IS_PAGE} AND {_WITH_PAGE} AND NOT EXISTS (SELECT 1 FROM _version v "
    f"WHERE v.page_id = t.page_id AND {CURRENT.format('v')} AND v.seen_from <= t.visited_at AND v.seen_last >= t.visited_at) "
    "ORDER BY t.page_id, t.visited_at, t.visit_id"
)
_NAMED = (
    f"SELECT t.visit_id, t.page_id, p.url, t.visited_at, {SHOWN.format('t')} AS shown FROM json_each(?2) j CROSS JOIN _visit t ON t.visit_id = j.value "
    f"CROSS JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ?1 AND {_WITH_PAGE} "
    "ORDER BY t.page_id, t.visited_at, t.visit_id"
)
_COUNTS = (
    "SELECT sum(t.frame_id IS NOT NULL) AS stored, sum(t.frame_id IS NULL AND t.block_sha256 IS NOT NULL AND r.visit_id IS NULL) "
    "AS pruned, sum(t.frame_id IS NULL AND r.visit_id IS NOT NULL) AS redacted FROM _page p JOIN _visit t ON t.page_id = p.page_id "
    f"LEFT JOIN _redacted r ON r.visit_id = t.visit_id WHERE p.site_id = ?1 AND {IS_PAGE} "
    "AND p.page_id NOT IN (SELECT value FROM json_each(?2))"
)
_HELD_BACK = (
    "SELECT count(*) FROM json_each(?2) j CROSS JOIN _page p ON p.page_id = j.value CROSS JOIN _visit t ON t.page_id = p.page_id "
    f"WHERE p.site_id = ?1 AND {IS_PAGE} AND t.frame_id IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class VersionSpan:
    """A version as a span of captures.

    Attributes:
        first, last: visits at its ends whose bytes are stored; `last` is None when it shows the same.
    """

    page_id: int
    url: str
    version_id: int
    extractor_id: int
    content_id: int
    seen_from: str
    seen_last: str
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class LooseCapture:
    """A capture with a body outside of every version. `shown`: the same for captures that show the same."""

    visit_id: int
    page_id: int
    url: str
    at: str
    shown: str


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """The number of captures of a site's pages whose bytes are stored, and of those that cannot be read."""

    stored: int
    pruned: int
    redacted: int
    embargoed: int


class ReadingSpans:
    """Selects what of a site is read to compare profiles, and returns what the archive has of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_site(self, site_id: int) -> list[VersionSpan]:
        """Return the versions of a site that the views show, page by page, oldest first."""
        return [VersionSpan(*row) for row in self._connection.rows(_SPANS, (site_id,))]

    def outside(self, site_id: int) -> list[LooseCapture]:
        """Return the captures of a site with a body, outside of every version, page by page, oldest first."""
        return [LooseCapture(*row) for row in self._connection.rows(_LOOSE, (site_id,))]

    def named(self, site_id: int, visits: Sequence[int]) -> list[LooseCapture]:
        """Return those of some visits that are of a site and have a body, page by page, oldest first."""
        return [LooseCapture(*row) for row in self._connection.rows(_NAMED, (site_id, json.dumps(list(visits))))]

    def counts(self, site_id: int, embargoed: Sequence[int]) -> StoredCounts:
        """Return the numbers of captures of a site. `embargoed`: pages that are left out."""
        pages = json.dumps(list(embargoed))
        row = self._connection.row(_COUNTS, (site_id, pages))
        assert row is not None  # noqa: S101  (a sum has a row)
        held_back = int(self._connection.value(_HELD_BACK, (site_id, pages)))
        return StoredCounts(row["stored"] or 0, row["pruned"] or 0, row["redacted"] or 0, held_back)

    def captures_in(self, span: VersionSpan) -> int:
        """Return the number of stored captures of a span, 304s included."""
        return int(
            self._connection.value(
                "SELECT count(*) FROM _visit WHERE page_id = ? AND visited_at BETWEEN ? AND ? AND frame_id IS NOT NULL",
                (span.page_id, span.seen_from, span.seen_last),
            )
        )

    def content(self, span: VersionSpan) -> Content:
        """Return the content of a version."""
        row = self._connection.row("SELECT * FROM _content WHERE content_id = ?", (span.content_id,))
        assert row is not None  # noqa: S101  (a foreign key holds it)
        return content_of(row)

    def ranks(self, span: VersionSpan) -> dict[str, int]:
        """Return by source name the rank of the rule that gave each value of a version."""
        return {name: source.rank for name, source in sources_of(self._connection, span.version_id).items()}

    def counters(self, visit_id: int) -> list[str]:
        """Return the names of the counters that were read from a visit."""
        rows = self._connection.rows(
            "SELECT n.name FROM _reading r JOIN _reading_name n ON n.name_id = r.name_id WHERE r.visit_id = ?",
            (visit_id,),
        )
        return [row["name"] for row in rows]
