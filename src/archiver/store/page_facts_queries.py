"""Queries of what belongs to one page besides its history: who links to it, its files, readings, sources and proofs."""

from typing import Any

from archiver.store.connection import Connection, Value
from archiver.store.view_sql import ENDED_BY, IS_PAGE


class PageFactsQueries:
    """Queries of one archive. Each returns a bounded number of rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, page_id: int) -> dict[str, Any] | None:
        """Return the row of a page in the view `pages`, without its text; None for what is not shown as a page."""
        rows = self._all(
            "SELECT site, page_id, url, kind, label, state, title, section, language, file, version, version_id, first_seen, "
            "last_visited, gone_by, moved_to, modified, edits, views FROM pages WHERE page_id = ?",
            page_id,
        )
        return rows[0] if rows else None

    def profile(self, site: str) -> dict[str, Any]:
        """Return which profile and reader read a site now: profile_sha256, code_version and made_at."""
        rows = self._all(
            "SELECT e.profile_sha256, e.code_version, e.made_at FROM _extractor e JOIN _site s ON s.site_id = e.site_id "
            "WHERE s.name = ? AND e.current = 1",
            site,
        )
        return rows[0] if rows else {}

    def linked_from(self, url: str, page_id: int, limit: int) -> list[dict[str, Any]]:
        """Return the pages that link to an address, those with a present link first."""
        return self._all(
            "SELECT p.page_id, p.url, coalesce((SELECT c.title FROM _version v JOIN _stored_content c ON c.content_id = v.content_id "
            "WHERE v.page_id = p.page_id AND v.current = 1 ORDER BY v.version DESC LIMIT 1), p.title) AS title, k.text, "
            "a.visited_at AS seen_from, z.visited_at AS seen_last, l.last_visit IS NULL AS is_present "
            "FROM _target k CROSS JOIN _link l ON l.target_id = k.target_id CROSS JOIN _page p ON p.page_id = l.page_id "
            "JOIN _visit a ON a.visit_id = l.first_visit LEFT JOIN _visit z ON z.visit_id = coalesce(l.last_visit, p.links_visit) "
            f"WHERE k.to_url IN (SELECT ?1 UNION SELECT url FROM _page_url WHERE page_id = ?2) AND {IS_PAGE} "
            "AND l.page_id <> ?2 LIMIT ?3",
            url,
            page_id,
            limit,
        )

    def files(self, version_id: int, limit: int) -> list[dict[str, Any]]:
        """Return the files that a version links to: rows of the view `files`, with the page that a capture is of."""
        return self._all(
            "SELECT f.name, f.file_url, f.media_type, f.sha256, f.visit_id, t.page_id AS file_page FROM files f "
            "LEFT JOIN _visit t ON t.visit_id = f.visit_id WHERE f.version_id = ? ORDER BY f.position LIMIT ?",
            version_id,
            limit,
        )

    def reread(self, page_id: int, limit: int) -> list[dict[str, Any]]:
        """Return how often each field of a page was read differently: field, versions, first, last, was_by, now_by, since."""
        return self._all(
            "SELECT x.field, count(*) AS versions, min(x.seen_from) AS first, max(x.seen_from) AS last, "
            "substr(a.profile_sha256, 1, 8) || ', reader ' || a.code_version AS was_by, "
            "substr(b.profile_sha256, 1, 8) || ', reader ' || b.code_version AS now_by, coalesce(b.current_from, b.made_at) AS since "
            "FROM _reinterpretation x JOIN _extractor a ON a.extractor_id = x.was_by JOIN _extractor b ON b.extractor_id = x.now_by "
            "WHERE x.page_id = ? GROUP BY x.field, x.was_by, x.now_by ORDER BY since DESC, x.field LIMIT ?",
            page_id,
            limit,
        )

    def reread_field(
        self, page_id: int, field: str, seen_from: str, seen_until: str, limit: int
    ) -> list[dict[str, Any]]:
        """Return how other readers read a field of a page in a span of time: rows of the view `reinterpretations`."""
        return self._all(
            "SELECT seen_from, field, was, now, was_by, now_by FROM reinterpretations "
            "WHERE page_id = ? AND field = ? AND seen_from BETWEEN ? AND ? ORDER BY seen_from LIMIT ?",
            page_id,
            field,
            seen_from,
            seen_until,
            limit,
        )

    # where values come from

    def sources(self, version_id: int) -> list[dict[str, Any]]:
        """Return the sources of a version's values: rows of the view `sources`."""
        return self._all(
            "SELECT field, rule, rank, raw, node_path, profile_sha256, code_version, recorded_at FROM sources "
            "WHERE version_id = ? ORDER BY field LIMIT 200",
            version_id,
        )

    def item_sources(self, version_id: int, field: str) -> list[dict[str, Any]]:
        """Return the sources of the items of a list of a version: rows of the view `item_sources`."""
        return self._all(
            "SELECT position, rule, rank, raw, node_path FROM item_sources WHERE version_id = ? AND field = ? "
            "ORDER BY position LIMIT 100",
            version_id,
            field,
        )

    def readings(self, visit_id: int) -> list[dict[str, Any]]:
        """Return what the counters of a visit showed: name, value, gained, raw, node_path and rule."""
        return self._all(
            "SELECT name, value, gained, raw, node_path, rule FROM readings WHERE visit_id = ? ORDER BY name LIMIT 50",
            visit_id,
        )

    # proof

    def visit(self, page_id: int, visit_id: int) -> dict[str, Any] | None:
        """Return a visit of a page: its row in the view `visits`, and its link of the chain; None when there is none."""
        rows = self._all(
            "SELECT w.*, lower(hex(t.chain)) AS chain, lower(hex(t.block_sha256)) AS block_sha256, t.asked, t.sent, "
            "t.frame_id IS NOT NULL AS has_bytes, r.method, r.address AS requested, CAST(r.head AS TEXT) AS request_head, "
            "(SELECT max(x.visit_id) FROM _visit x WHERE x.visit_id < t.visit_id) AS chained_to "
            "FROM visits w JOIN _visit t ON t.visit_id = w.visit_id JOIN _request r ON r.request_id = t.request_id "
            "WHERE w.visit_id = ? AND w.page_id = ?",
            visit_id,
            page_id,
        )
        return rows[0] if rows else None

    def origin(self, visit_id: int) -> dict[str, Any] | None:
        """Return the file that a visit was imported from: file, place, record_id and software; None: it was made here."""
        rows = self._all("SELECT file, place, record_id, software FROM imported WHERE visit_id = ?", visit_id)
        return rows[0] if rows else None

    def neighbours(self, page_id: int, at: str, visit_id: int) -> tuple[int | None, int | None]:
        """Return the visits of a page before and after one, in order of time."""
        before, after = (
            self._connection.value(
                f"SELECT visit_id FROM _visit WHERE page_id = ? AND (visited_at, visit_id) {than} (?, ?) "
                f"ORDER BY visited_at {order}, visit_id {order} LIMIT 1",
                (page_id, at, visit_id),
            )
            for than, order in (("<", "DESC"), (">", "ASC"))
        )
        return before, after

    # versions

    def version(self, version_id: int) -> dict[str, Any] | None:
        """Return which version of which page a version id is: page_id, version, seen_from, seen_last, is_current."""
        rows = self._all(
            "SELECT page_id, version, seen_from, seen_last, current = 1 AS is_current FROM _version WHERE version_id = ?",
            version_id,
        )
        return rows[0] if rows else None

    def number(self, version_id: int) -> int:
        """Return the number of a version within its page; 0 without such a version."""
        return int(self._connection.value("SELECT version FROM _version WHERE version_id = ?", (version_id,)) or 0)

    def ended_by(self, version_id: int) -> str:
        """Return what ended a version: edit, gone or moved; standing while it is current."""
        return str(self._connection.value(f"SELECT {ENDED_BY} FROM _version v WHERE v.version_id = ?", (version_id,)))

    def count_versions(self, page_id: int) -> int:
        """Return how many versions a page has; their numbers have no gap."""
        first, last = self.numbers(page_id)
        return last - first + 1 if last else 0

    def numbered(self, page_id: int, number: int) -> dict[str, Any] | None:
        """Return a version by its number: number and seen_from; None when there is none."""
        rows = self._all(
            "SELECT version AS number, seen_from FROM _version WHERE page_id = ? AND version = ? AND current = 1",
            page_id,
            number,
        )
        return rows[0] if rows else None

    def around(self, page_id: int, moment: str) -> dict[str, Any]:
        """Return the versions before and after a moment (UTC text), each with its number, seen_from and seen_last."""
        names = "SELECT version AS number, seen_from, seen_last FROM _version WHERE page_id = ? AND current = 1 AND seen_from "
        before = self._all(f"{names} <= ? ORDER BY version DESC LIMIT 1", page_id, moment)
        after = self._all(f"{names} > ? ORDER BY version LIMIT 1", page_id, moment)
        return {"before": before[0] if before else None, "after": after[0] if after else None}

    def numbers(self, page_id: int) -> tuple[int, int]:
        """Return the numbers of a page's first and last version; 0 without versions."""
        row = self._connection.row(
            "SELECT coalesce(min(version), 0), coalesce(max(version), 0) FROM _version WHERE page_id = ? AND current = 1",
            (page_id,),
        )
        return (0, 0) if row is None else (row[0], row[1])

    def _all(self, sql: str, *values: Value) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.rows(sql, values)]
