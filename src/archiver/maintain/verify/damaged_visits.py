"""Finds what depends on damaged visits: pages, versions, readings and changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from archiver.maintain.verify.finding import Finding, as_text
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.store.connection import Connection, Row


def add_dependents(main: Connection, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings; those about visits get the page, the time, and the rows that depend on the visit."""
    damaged = {found.visit_id for found in findings if found.visit_id is not None}
    if not damaged:
        return list(findings)
    versions: dict[int, list[int]] = {}
    for row in _rows(main, "SELECT version_id, first_visit, last_visit FROM _version ORDER BY version_id"):
        for visit in {row["first_visit"], row["last_visit"]} & damaged:
            versions.setdefault(visit, []).append(row["version_id"])
    readings = Counter(row["visit_id"] for row in _rows(main, "SELECT visit_id FROM _reading"))
    changes = Counter(
        row["first_visit"]
        for row in _rows(
            main, "SELECT v.first_visit FROM _change c CROSS JOIN _version v WHERE v.version_id = c.version_id"
        )
    )
    return [
        found
        if found.visit_id is None
        else replace(
            _named(main, found),
            versions=tuple(sorted({*found.versions, *versions.get(found.visit_id, [])})),
            readings=readings[found.visit_id],
            changes=changes[found.visit_id],
        )
        for found in findings
    ]


def _named(main: Connection, found: Finding) -> Finding:
    """Return the finding with the page's address and the visit's time, if they can be read."""
    if found.url is not None and found.visited_at is not None:
        return found
    for row in _rows(
        main,
        "SELECT coalesce(t.asked, p.url) AS url, t.visited_at FROM _visit t LEFT JOIN _page p ON p.page_id = t.page_id "
        "WHERE t.visit_id = ?",
        found.visit_id,
    ):
        return replace(
            found, url=found.url or as_text(row["url"]), visited_at=found.visited_at or as_text(row["visited_at"])
        )
    return found


def _rows(main: Connection, sql: str, *values: int | None) -> list[Row]:
    try:
        return main.rows(sql, values)
    except DAMAGE:  # other checks report what cannot be read
        return []
