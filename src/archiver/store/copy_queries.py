"""Captures of an address in time, for replay: the nearest to a moment, its neighbours, all of them in order.

A copy is a visit whose answer is stored, whatever its outcome. Of redacted ones there is no copy. Times are UTC text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archiver.model.outcome import Outcome
from archiver.store.connection import Connection, Row
from archiver.store.pages import REQUISITE
from archiver.store.view_sql import CURRENT

_OUTCOME = "coalesce(t.read_outcome, t.outcome)"
_SHOWS = f"{_OUTCOME} IN ('{Outcome.OK}', '{Outcome.NOT_MODIFIED}', '{Outcome.UNREADABLE}', '{Outcome.MOVED}')"
_IS_COPY = "t.bytes IS NOT NULL AND NOT EXISTS (SELECT 1 FROM _redacted r WHERE r.visit_id = t.visit_id)"
_COLUMNS = f"t.visit_id, t.page_id, t.visited_at, t.status, {_OUTCOME} AS outcome, t.location"
_AROUND = (
    "SELECT max(visit_id) FROM (SELECT t.visit_id FROM _visit t WHERE t.page_id = j.value AND t.visited_at {0} ?2 "
    f"AND {_IS_COPY} AND {{1}} ORDER BY t.visited_at {{2}}, t.visit_id DESC LIMIT 1)"
)
_NEAREST = (
    f"SELECT {_COLUMNS} FROM json_each(?1) j JOIN _visit t ON t.visit_id IN "
    "((" + _AROUND.format("<=", "{0}", "DESC") + "), (" + _AROUND.format(">", "{0}", "ASC") + ")) "
    "ORDER BY abs(julianday(t.visited_at) - julianday(?2)), t.visited_at, t.visit_id LIMIT 1"
)
_REQUISITES = (
    "SELECT j.key, (SELECT t.visit_id FROM _page p JOIN _visit t ON t.page_id = p.page_id WHERE p.url = j.value "
    f"AND {_IS_COPY} AND {_SHOWS} AND t.visited_at {{0}} ?2 ORDER BY t.visited_at {{1}} LIMIT 1) AS visit_id FROM json_each(?1) j"
)
_SAME_TIME = "t.page_id IN (SELECT value FROM json_each(?1))"


class CopyRow(NamedTuple):
    """A copy: the visit, its page, when it was made, what it received, and where a redirect leads."""

    visit_id: int
    page_id: int
    visited_at: str
    status: int | None
    outcome: str
    location: str | None


class Neighbours(NamedTuple):
    """The moments of the first, the previous, the next and the last copy around one; None where there is none."""

    first: str | None
    previous: str | None
    next: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class VersionMark:
    """A version around a copy: its number and the time over which it was seen."""

    version_id: int
    version: int
    seen_from: str
    seen_last: str


class CopyQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def nearest(self, pages: Sequence[int], moment: str) -> CopyRow | None:
        """Return the copy of some pages that is nearest to a moment; one that shows a page is preferred to an error."""
        for which in (_SHOWS, "1"):
            row = self._connection.row(_NEAREST.format(which), (json.dumps(list(pages)), moment))
            if row is not None:
                return CopyRow(*row)
        return None

    def standing(self, pages: Sequence[int], moment: str) -> CopyRow | None:
        """Return the last copy up to a moment, or else the first one; one that shows a page is preferred."""
        for which in (_SHOWS, "1"):
            for sign, order in (("<=", "DESC"), (">", "ASC")):
                row = self._connection.row(
                    f"SELECT {_COLUMNS} FROM _visit t WHERE {_SAME_TIME} AND t.visited_at {sign} ?2 AND {_IS_COPY} "
                    f"AND {which} ORDER BY t.visited_at {order}, t.visit_id DESC LIMIT 1",
                    (json.dumps(list(pages)), moment),
                )
                if row is not None:
                    return CopyRow(*row)
        return None

    def of_second(self, pages: Sequence[int], moment: str) -> CopyRow | None:
        """Return the copy of exactly this second; of several one that shows a page."""
        row = self._connection.row(
            f"SELECT {_COLUMNS} FROM _visit t WHERE {_SAME_TIME} AND t.visited_at = ?2 AND t.bytes IS NOT NULL "
            f"ORDER BY NOT ({_SHOWS}), t.visit_id LIMIT 1",
            (json.dumps(list(pages)), moment),
        )
        return None if row is None else CopyRow(*row)

    def neighbours(self, page_id: int, moment: str) -> Neighbours:
        """Return the moments of the copies of a page around one."""
        found = [
            self._connection.value(
                f"SELECT t.visited_at FROM _visit t WHERE t.page_id = ?1 AND {_IS_COPY} AND {where} "
                f"ORDER BY t.visited_at {order} LIMIT 1",
                (page_id, moment),
            )
            for where, order in (
                ("?2 > ''", "ASC"),
                ("t.visited_at < ?2", "DESC"),
                ("t.visited_at > ?2", "ASC"),
                ("?2 > ''", "DESC"),
            )
        ]
        return Neighbours(*found)

    def moments(self, page_id: int, since: str, limit: int) -> list[str]:
        """Return the moments of the copies of a page from a moment on, oldest first, each once."""
        rows = self._connection.rows(
            f"SELECT DISTINCT t.visited_at FROM _visit t WHERE t.page_id = ? AND t.visited_at >= ? AND {_IS_COPY} "
            "ORDER BY t.visited_at LIMIT ?",
            (page_id, since, limit),
        )
        return [row[0] for row in rows]

    def listed(self, page_id: int, since: str, until: str, limit: int) -> list[dict[str, Any]]:
        """Return the copies of a page between two moments, oldest first."""
        rows = self._connection.rows(
            f"SELECT {_COLUMNS}, t.media_type, t.bytes FROM _visit t WHERE t.page_id = ? AND t.visited_at >= ? "
            f"AND t.visited_at < ? AND {_IS_COPY} ORDER BY t.visited_at, t.visit_id LIMIT ?",
            (page_id, since, until, limit),
        )
        return [dict(row) for row in rows]

    def years(self, page_id: int) -> list[dict[str, Any]]:
        """Return for each year the number of copies of a page, and of those that were answered with 304."""
        rows = self._connection.rows(
            f"SELECT substr(t.visited_at, 1, 4) AS year, count(*) AS copies, sum({_OUTCOME} = '{Outcome.NOT_MODIFIED}') "
            f"AS confirmed, sum(NOT {_SHOWS}) AS errors FROM _visit t WHERE t.page_id = ? AND {_IS_COPY} GROUP BY 1 ORDER BY 1",
            (page_id,),
        )
        return [dict(row) for row in rows]

    def versions(self, page_id: int, since: str, until: str, limit: int) -> list[VersionMark]:
        """Return the versions of a page that were first seen between two moments, oldest first."""
        rows = self._connection.rows(
            f"SELECT v.version_id, v.version, v.seen_from, v.seen_last FROM _version v WHERE v.page_id = ? AND {CURRENT.format('v')} "
            "AND v.seen_from >= ? AND v.seen_from < ? ORDER BY v.seen_from LIMIT ?",
            (page_id, since, until, limit),
        )
        return [VersionMark(*row) for row in rows]

    def version_at(self, page_id: int, moment: str) -> VersionMark | None:
        """Return the version that was seen at a moment; None when none was."""
        return self._version(page_id, "v.seen_from <= ?2 AND v.seen_last >= ?2 ORDER BY v.seen_from DESC", moment)

    def version_before(self, page_id: int, moment: str) -> VersionMark | None:
        """Return the last version that was no longer seen at a moment."""
        return self._version(page_id, "v.seen_last < ?2 ORDER BY v.seen_last DESC", moment)

    def version_after(self, page_id: int, moment: str) -> VersionMark | None:
        """Return the first version that was seen only after a moment."""
        return self._version(page_id, "v.seen_from > ?2 ORDER BY v.seen_from", moment)

    def title(self, version_id: int) -> str:
        """Return the title of a version; "" when it has none."""
        return (
            self._connection.value(
                "SELECT c.title FROM _version v JOIN _content c ON c.content_id = v.content_id WHERE v.version_id = ?",
                (version_id,),
            )
            or ""
        )

    def package_bytes(self, page_id: int, since: str) -> int:
        """Return the size of the bodies of a page from a moment on, and of all requisites of its site."""
        own = self._connection.value(
            "SELECT coalesce(sum(t.bytes), 0) FROM _visit t WHERE t.page_id = ? AND t.visited_at >= ?", (page_id, since)
        )
        requisites = self._connection.value(
            "SELECT coalesce(sum(t.bytes), 0) FROM _page p JOIN _visit t ON t.page_id = p.page_id "
            "WHERE p.kind = ? AND p.site_id = (SELECT site_id FROM _page WHERE page_id = ?)",
            (REQUISITE, page_id),
        )
        return int(own) + int(requisites)

    def of_addresses(self, urls: Sequence[str], moment: str) -> Mapping[int, str]:
        """Return when the copies nearest to a moment were made, by the place of their address; addresses are exact."""
        found: dict[int, list[int]] = {}
        for sign, order in (("<=", "DESC"), (">", "ASC")):
            for row in self._connection.rows(_REQUISITES.format(sign, order), (json.dumps(list(urls)), moment)):
                if row["visit_id"] is not None:
                    found.setdefault(row["key"], []).append(row["visit_id"])
        visits = [visit for each in found.values() for visit in each]
        made: dict[int, tuple[float, str]] = {}
        for row in self._connection.rows(
            "SELECT t.visit_id, abs(julianday(t.visited_at) - julianday(?2)), t.visited_at FROM json_each(?1) j "
            "CROSS JOIN _visit t ON t.visit_id = j.value",
            (json.dumps(visits), moment),
        ):
            made[row[0]] = (row[1], row[2])
        return {key: min(made[visit] for visit in each)[1] for key, each in found.items()}

    def _version(self, page_id: int, which: str, moment: str) -> VersionMark | None:
        row: Row | None = self._connection.row(
            f"SELECT v.version_id, v.version, v.seen_from, v.seen_last FROM _version v WHERE v.page_id = ?1 AND {CURRENT.format('v')} "
            f"AND {which} LIMIT 1",
            (page_id, moment),
        )
        return None if row is None else VersionMark(*row)
