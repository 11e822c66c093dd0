"""Redactions: which captures are to be deleted for good, what else has the same bytes, and the acts themselves.

`record` is one transaction on `archive.db`: it writes the act, hides what was read of the captures and takes their frames
away. The bytes are still in the files then. The mark `PENDING` in `_meta` says so, until they are erased
(`maintain/redact/erase.py`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archiver.store.connection import Connection, Row
from archiver.store.redacted_rows import ANY_CAPTURE, OTHER_CAPTURE, RedactedRows
from archiver.store.redaction_chain import last_link, link_of_act
from archiver.store.redaction_notes import RedactionNote, is_pending, note_of, set_pending
from archiver.store.renditions import BELONGING, SHOWS_BY_BROWSER

_MOST_LISTED = 20
_CHOSEN = "(SELECT value FROM json_each(?1))"
_ANSWERED = "t.block_sha256 IS NOT NULL"
_UNREDACTED = "t.visit_id NOT IN (SELECT visit_id FROM _redacted)"
_OPENED = (
    "SELECT count(*) FROM (SELECT DISTINCT c.of_visit FROM _visit c WHERE c.made_by IS NULL AND c.of_visit IS NOT NULL "
    f"AND c.visit_id IN {_CHOSEN}) t JOIN _visit o ON o.visit_id = t.of_visit WHERE o.visit_id NOT IN {_CHOSEN} "
    "AND o.visit_id NOT IN (SELECT visit_id FROM _redacted)"
)


class OtherCapture(NamedTuple):
    """A capture that is not redacted and has the same body as one that is."""

    visit_id: int
    url: str
    visited_at: str
    sha256: str


class StayingVersion(NamedTuple):
    """A version that stays, because another capture shows it, too."""

    url: str
    version: int
    visit_id: int


@dataclass(frozen=True, slots=True)
class RedactionPlan:
    """What a redaction deletes.

    Attributes:
        visits: the captures, by the name of their site.
        pages: their addresses.
        versions: the number of versions that no other capture shows; their content is deleted.
        bytes: of the bodies, as they were sent.
        pruned: how many of the captures have no bytes any more.
        same_digest: other captures with a body of the same digest, at most 20; `same_digest_count`: all.
        staying: versions of the pages that other captures show, too, at most 20.
        titles: other places of the archive (links and front pages) with a headline that is deleted.
        by_browser: how many of the captures a browser made of the others, or fetched for them.
        opened: other visits in a browser for which one of the captures was fetched: what it made of them stays.
    """

    visits: dict[str, list[int]]
    pages: tuple[str, ...]
    versions: int
    bytes: int
    pruned: int
    same_digest: tuple[OtherCapture, ...]
    same_digest_count: int
    staying: tuple[StayingVersion, ...]
    titles: int
    by_browser: int = 0
    opened: int = 0

    @property
    def count(self) -> int:
        """Return the number of captures."""
        return sum(map(len, self.visits.values()))


class RedactedSpan(NamedTuple):
    """The captures of a page from a time to another (UTC text; `until` is not part of it)."""

    page_id: int
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Act:
    """The description of an act.

    Attributes:
        at: when (UTC text).
        reason: why.
        wanted: what was asked for, in words.
        by: who ordered or did it.
        spans: the pages that were named, with the span of time. An import takes no capture of them.
    """

    at: str
    reason: str
    wanted: str
    by: str | None = None
    spans: tuple[RedactedSpan, ...] = ()


class Redactions:
    """The redactions of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # what to redact

    def captures_of(self, pages: Sequence[int], since: str | None = None, until: str | None = None) -> list[int]:
        """Return the captures of pages that are not redacted yet.

        Args:
            pages: the pages.
            since: only those made then or later (UTC text).
            until: only those made before.
        """
        rows = self._connection.rows(
            f"SELECT t.visit_id FROM _visit t WHERE t.page_id IN {_CHOSEN} AND {_ANSWERED} AND {_UNREDACTED} "
            "AND (?2 IS NULL OR t.visited_at >= ?2) AND (?3 IS NULL OR t.visited_at < ?3) ORDER BY t.visit_id",
            (json.dumps(list(pages)), since, until),
        )
        return [row["visit_id"] for row in rows]

    def named_by(self, visit_id: int) -> int:
        """Return the visit that is meant by a number: a rendition stands for the visit that it is of."""
        sql = "SELECT of_visit FROM _visit WHERE visit_id = ? AND made_by IS NOT NULL"
        return int(self._connection.value(sql, (visit_id,)) or visit_id)

    def with_renditions(self, visits: Sequence[int]) -> list[int]:
        """Return captures with all that a browser made of them, and fetched for them alone; see `store.renditions`."""
        sql = f"SELECT t.visit_id FROM ({BELONGING}) b JOIN _visit t ON t.visit_id = b.visit_id WHERE {_ANSWERED} AND {_UNREDACTED}"
        return sorted({*visits, *(row["visit_id"] for row in self._connection.rows(sql, (json.dumps(list(visits)),)))})

    def with_same_digest(self, visits: Sequence[int]) -> list[int]:
        """Return captures with all others that have a body of the same digest.

        Empty bodies have none. Of a page that a browser shows, its document counts and not the shell.
        """
        rows = self._connection.rows(self._same("t.visit_id"), (json.dumps(list(visits)),))
        return sorted({*visits, *(row["visit_id"] for row in rows)})

    def plan(self, visits: Sequence[int]) -> RedactionPlan:
        """Return what the redaction of captures deletes. Nothing is written."""
        numbers = (json.dumps(list(visits)),)
        rows = self._connection.rows(
            "SELECT t.visit_id, t.page_id, s.name, p.url, t.bytes, t.frame_id, t.of_visit FROM _visit t JOIN _page p ON p.page_id = t.page_id "
            f"JOIN _site s ON s.site_id = p.site_id WHERE t.visit_id IN {_CHOSEN} AND {_ANSWERED} AND {_UNREDACTED} "
            "ORDER BY t.visit_id",
            numbers,
        )
        found: dict[str, list[int]] = {}
        for row in rows:
            found.setdefault(row["name"], []).append(row["visit_id"])
        others = self._connection.rows(
            self._same("t.visit_id, coalesce(t.asked, p.url) AS url, t.visited_at, lower(hex(t.sha256)) AS sha256"),
            numbers,
        )
        hidden, staying = self._versions(numbers[0])
        return RedactionPlan(
            found,
            tuple(dict.fromkeys(row["url"] for row in rows)),
            len(hidden),
            sum(row["bytes"] or 0 for row in rows),
            sum(row["frame_id"] is None for row in rows),
            tuple(OtherCapture(*row) for row in others[:_MOST_LISTED]),
            len(others),
            tuple(staying[:_MOST_LISTED]),
            self._titles_elsewhere({row["page_id"] for row in rows}, [row["version_id"] for row in hidden]),
            sum(row["of_visit"] is not None for row in rows),
            self._connection.value(_OPENED, numbers),
        )

    def _same(self, columns: str) -> str:
        """Return a query of the captures with the same bodies as those in ?1, except these."""
        return (
            f"SELECT {columns} FROM _visit t JOIN _page p ON p.page_id = t.page_id WHERE t.bytes > 0 AND {_UNREDACTED} "
            f"AND t.sha256 IN (SELECT c.sha256 FROM _visit c WHERE c.visit_id IN {_CHOSEN} AND c.bytes > 0 AND NOT {SHOWS_BY_BROWSER.format('c')}) "
            f"AND t.visit_id NOT IN {_CHOSEN} AND {_ANSWERED} ORDER BY t.visit_id"
        )

    def _versions(self, numbers: str) -> tuple[list[Row], list[StayingVersion]]:
        """Return the versions that only these captures, and redacted ones, show; and those that others show, too."""
        redacted = f"SELECT visit_id FROM _redacted UNION ALL SELECT value FROM json_each('{numbers}')"
        rows = self._connection.rows(
            f"SELECT v.version_id, v.version, p.url, v.last_visit, {OTHER_CAPTURE.format(redacted)} AS stays FROM _version v "
            f"JOIN _page p ON p.page_id = v.page_id WHERE v.current = 1 AND v.page_id IN (SELECT page_id FROM _visit "
            f"WHERE visit_id IN {_CHOSEN}) AND {ANY_CAPTURE.format('SELECT value FROM json_each(?1)')} "
            "ORDER BY v.page_id, v.version",
            (numbers,),
        )
        hidden = [row for row in rows if not row["stays"]]
        return hidden, [StayingVersion(row["url"], row["version"], row["last_visit"]) for row in rows if row["stays"]]

    def _titles_elsewhere(self, pages: set[int], versions: Sequence[int]) -> int:
        """Return how many other pages have a link or an item of a list with a title of these versions as its text."""
        return int(
            self._connection.value(
                "WITH titled AS (SELECT k.target_id FROM _target k WHERE k.text IN (SELECT c.title FROM _version v "
                f"JOIN _content c ON c.content_id = v.content_id WHERE v.version_id IN {_CHOSEN} AND c.title <> '')) "
                "SELECT count(DISTINCT page_id) FROM (SELECT page_id FROM _link WHERE target_id IN titled "
                "UNION ALL SELECT page_id FROM _placed WHERE target_id IN titled) "
                "WHERE page_id NOT IN (SELECT value FROM json_each(?2))",
                (json.dumps(list(versions)), json.dumps(sorted(pages))),
            )
        )

    # the act

    def record(self, site: str, visits: Sequence[int], done: Act) -> int:
        """Write an act and hide what was read of its captures, in one transaction; return the number of versions hidden.

        Args:
            site: the name of the site of all captures.
            visits: the captures.
            done: the act.
        """
        connection = self._connection
        with connection.transaction():
            number, previous = last_link(connection)
            site_id = connection.value("SELECT site_id FROM _site WHERE name = ?", (site,))
            rows = connection.rows(
                f"SELECT t.visit_id, t.page_id, t.frame_id, lower(hex(t.chain)) AS chain FROM _visit t "
                f"WHERE t.visit_id IN {_CHOSEN} AND {_UNREDACTED} ORDER BY t.visit_id",
                (json.dumps(list(visits)),),
            )
            act = (number + 1, site_id, done.at, done.reason, done.by, done.wanted, len(rows))
            link = link_of_act(previous, act, [(row["visit_id"], row["chain"]) for row in rows])
            connection.execute(
                "INSERT INTO _redaction(redaction_id, site_id, redacted_at, reason, redacted_by, wanted, visits, chain) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*act, bytes.fromhex(link)),
            )
            connection.executemany(
                "INSERT INTO _redacted(visit_id, redaction_id, frame_id) VALUES (?, ?, ?)",
                [(row["visit_id"], number + 1, row["frame_id"]) for row in rows],
            )
            connection.executemany(
                "INSERT INTO _redacted_page(redaction_id, page_id, since, until) SELECT ?, page_id, ?3, ?4 FROM _page "
                "WHERE page_id = ?2 AND site_id = ?5",
                [(number + 1, *span, site_id) for span in done.spans],
            )
            set_pending(connection)
            return RedactedRows(connection).hide(sorted({row["page_id"] for row in rows}), number + 1)

    # questions

    def of_visit(self, visit_id: int) -> RedactionNote | None:
        """Return when and why a capture was redacted; None when it was not."""
        return note_of(self._connection, visit_id)

    def marks(self, site_id: int) -> dict[int, str]:
        """Return the redacted captures of a site that alone showed a version, each with the mark of its content."""
        rows = self._connection.rows(
            "SELECT r.visit_id, r.mark FROM _redacted r JOIN _visit t ON t.visit_id = r.visit_id "
            "JOIN _page p ON p.page_id = t.page_id WHERE p.site_id = ? AND r.mark IS NOT NULL",
            (site_id,),
        )
        return {row["visit_id"]: row["mark"] for row in rows}

    def forbids(self, page_id: int, at: str, sha256: str) -> bool:
        """Whether a capture of a page may not be imported: it was redacted, or would have been.

        Args:
            page_id: the page.
            at: when it was made (UTC text). Captures of a page and of a span of time that was redacted are forbidden.
            sha256: the digest of its body in hex. So are captures with the body of one that was redacted.
        """
        return bool(
            self._connection.value(
                "SELECT EXISTS (SELECT 1 FROM _redacted_page WHERE page_id = ?1 AND since <= ?2 AND ?2 < until) "
                "OR EXISTS (SELECT 1 FROM _visit t JOIN _redacted r ON r.visit_id = t.visit_id "
                f"WHERE t.page_id = ?1 AND t.sha256 = ?3 AND t.bytes > 0 AND NOT {SHOWS_BY_BROWSER.format('t')})",
                (page_id, at, bytes.fromhex(sha256)),
            )
        )

    def is_pending(self) -> bool:
        """Whether the bytes of redacted captures may still be in the files."""
        return is_pending(self._connection)

    def count(self) -> int:
        """Return the number of redacted captures."""
        return int(self._connection.value("SELECT count(*) FROM _redacted"))
