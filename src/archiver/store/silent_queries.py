"""Queries of edits that pages do not own up to, newest first. Only as many changes and claims are read as are shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archiver.store.claim_views import ONLY_CLAIMED, SILENT
from archiver.store.connection import Connection, Value

UNTOLD = ("none", "unknown")
"""What is said of edits of pages that say nothing about their edits, or of which that is not known."""
_TITLE = (
    "(SELECT coalesce(c.title, '') FROM _version w JOIN _stored_content c ON c.content_id = w.content_id WHERE w.page_id = x.page_id "
    "AND w.current = 1 AND w.seen_from <= x.not_after ORDER BY w.version DESC LIMIT 1) AS title"
)
_LANGUAGE = (
    "(SELECT c.language FROM _version w JOIN _stored_content c ON c.content_id = w.content_id WHERE w.page_id = x.page_id "
    "AND w.current = 1 AND w.seen_from <= x.not_after ORDER BY w.version DESC LIMIT 1) AS language"
)
_VERSION = "(SELECT w.version FROM _version w WHERE w.version_id = x.version_id) AS version"
_SIZES = (
    "(SELECT h.chars_added FROM _change h WHERE h.change_id = x.change_id) AS chars_added, "
    "(SELECT h.chars_removed FROM _change h WHERE h.change_id = x.change_id) AS chars_removed"
)


@dataclass(frozen=True, slots=True)
class SilentChoice:
    """Which silent edits are listed.

    Attributes:
        site: only of this site.
        kind: silent or only_claimed; None: both.
        field: only of this field.
        since, before: found then or later, found before (UTC text).
        untold: also edits of pages that make no claim at all.
        without: not of these pages.
    """

    site: str | None = None
    kind: str | None = None
    field: str | None = None
    since: str | None = None
    before: str | None = None
    untold: bool = False
    without: Sequence[int] = ()


class SilentQueries:
    """Queries of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, chosen: SilentChoice, limit: int) -> list[dict[str, Any]]:
        """Return rows of the view `silent_edits` with title, language, version and sizes; newest first.

        Redesigns, and edits of typography only, are left out.
        """
        values: dict[str, Value] = {
            "site": chosen.site,
            "field": chosen.field,
            "since": chosen.since,
            "before": chosen.before,
            "limit": limit,
            "without": json.dumps(list(chosen.without)),
        }
        parts = [f"SELECT * FROM ({SILENT}) WHERE 0", self._silent(chosen), self._claimed(chosen)]
        rows = self._connection.rows(
            f"SELECT x.*, {_TITLE}, {_LANGUAGE}, {_VERSION}, {_SIZES} FROM "
            f"(SELECT * FROM ({' UNION ALL '.join(f'SELECT * FROM ({part})' for part in parts if part)}) "
            "ORDER BY not_after DESC, page_id DESC, change_id LIMIT :limit) x ORDER BY not_after DESC, page_id DESC, change_id",
            values,
        )
        return [dict(row) for row in rows]

    def is_silent(self, change_id: int) -> bool:
        """Whether the page of a change says when it was changed last, and does not own up to this change."""
        claim = self._connection.value(f"SELECT claim FROM ({SILENT} AND h.change_id = ?)", (change_id,))
        return claim is not None and claim not in UNTOLD

    def _silent(self, chosen: SilentChoice) -> str:
        if chosen.kind == "only_claimed":
            return ""
        told = "" if chosen.untold else f"AND claim NOT IN {UNTOLD} "
        return (
            f"SELECT * FROM ({SILENT} AND h.redesign_id IS NULL AND coalesce(h.nature, '') <> 'typography' "
            f"{_span('h.not_after')}{_page('h')}AND (:field IS NULL OR h.field = :field) ORDER BY h.not_after DESC) "
            f"WHERE (:site IS NULL OR site = :site) {told}LIMIT :limit"
        )

    def _claimed(self, chosen: SilentChoice) -> str:
        if chosen.kind == "silent" or chosen.field:
            return ""
        return (
            f"SELECT * FROM ({ONLY_CLAIMED} {_span('m.seen_from')}{_page('m')}ORDER BY m.seen_from DESC) "
            "WHERE (:site IS NULL OR site = :site) LIMIT :limit"
        )


def _span(column: str) -> str:
    return f"AND {column} >= coalesce(:since, '') AND {column} < coalesce(:before, '~') "


def _page(table: str) -> str:
    return f"AND {table}.page_id NOT IN (SELECT value FROM json_each(:without)) "
