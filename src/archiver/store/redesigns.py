"""Redesigns as rows: changes that no redesign holds yet, the values of other pages, and the groups."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from archiver.model.outcome import sql_list
from archiver.model.version import FieldValue
from archiver.store.connection import Connection
from archiver.store.content_columns import HELD, held_text
from archiver.store.content_rows import from_text
from archiver.store.view_sql import CHANGED

_KIND = "coalesce(p.kind, 'page')"
_UNGROUPED = (
    f"SELECT h.change_id, h.page_id, {_KIND} AS kind, h.field, h.not_before, h.not_after, v.run_id, g.is_new "
    "FROM _ungrouped g CROSS JOIN _change h ON h.change_id = g.change_id "
    "CROSS JOIN _version v ON v.version_id = h.version_id AND v.current > 0 CROSS JOIN _page p ON p.page_id = h.page_id "
    f"WHERE p.site_id = ? AND h.redesign_id IS NULL AND {_KIND} <> 'file' ORDER BY h.not_after, h.change_id"
)
_OF_SITE = (
    "change_id IN (SELECT g.change_id FROM _ungrouped g CROSS JOIN _change h ON h.change_id = g.change_id "
    "CROSS JOIN _page p ON p.page_id = h.page_id WHERE p.site_id = ?1{0})"
)
_WAS_READ = sql_list(lambda each: each.is_presence)
_ACROSS = (
    "FROM _page p CROSS JOIN _version v ON v.page_id = p.page_id AND v.current = 1 AND v.seen_from < :since "
    "AND (v.seen_until IS NULL OR v.seen_until >= :since) CROSS JOIN _content c ON c.content_id = v.content_id "
    f"WHERE p.site_id = :site AND {_KIND} = :kind AND EXISTS (SELECT 1 FROM _visit t WHERE t.page_id = p.page_id "
    "AND t.visited_at BETWEEN :since AND :until AND coalesce(t.read_outcome, t.outcome) = 'ok')"
)
"""Pages of a kind that were read before a moment and again from then until another one. A 304 is no reading."""

_AFTER = "(SELECT max(h.not_before) FROM _change h WHERE h.redesign_id = {0}.redesign_id AND h.not_before < {0}.since)"
_DESCRIBED = (
    "SELECT s.home AS url, d.what AS new, d.pages, d.changes, d.kind AS kinds, d.fields, d.run_id, "
    f"{_AFTER.format('d')} AS not_before "
    "FROM redesigns d JOIN _site s ON s.name = d.site WHERE d.redesign_id = ?"
)
_ALARMS = (
    "SELECT DISTINCT m.kind, m.field, m.problem FROM _alarm m WHERE m.run_id IN (SELECT v.run_id FROM _change h "
    "JOIN _version v ON v.version_id = h.version_id WHERE h.redesign_id = ?1) "
    "AND (m.field IS NULL OR EXISTS (SELECT 1 FROM _change h JOIN _version v ON v.version_id = h.version_id "
    "AND v.current > 0 WHERE h.redesign_id = ?1 AND h.field = m.field))"
)
"""The alarms of the runs that saw a redesign, of the fields of its changes or of the whole site."""

_REMAINING = (
    "SELECT q.redesign_id, q.kind, q.field, q.way, q.before, q.after FROM _redesign r CROSS JOIN _redesign_part q "
    "ON q.redesign_id = r.redesign_id WHERE r.site_id = ? AND EXISTS (SELECT 1 FROM _change h CROSS JOIN _version v "
    "ON v.version_id = h.version_id AND v.current > 0 CROSS JOIN _page p ON p.page_id = h.page_id "
    "WHERE h.redesign_id = q.redesign_id AND h.field = q.field "
    f"AND ({_KIND} = q.kind OR NOT EXISTS (SELECT 1 FROM _redesign_part o WHERE o.redesign_id = q.redesign_id "
    f"AND o.field = q.field AND o.kind = {_KIND}))) ORDER BY q.redesign_id, q.kind, q.field, q.position"
)
"""The parts of redesigns with changes. A profile may have given the pages another kind since."""


@dataclass(frozen=True, slots=True)
class UngroupedChange:
    """A change that no redesign holds. Times are UTC text; `is_new`: no command has looked at it yet."""

    change_id: int
    page_id: int
    kind: str
    field: str
    not_before: str
    not_after: str
    run_id: int | None
    is_new: bool

    def spans(self, moment: str) -> bool:
        """Whether the page may have changed at a moment (UTC text)."""
        return self.overlaps("", moment) and self.not_after >= moment

    def overlaps(self, after: str, until: str) -> bool:
        """Whether the page may have changed between two times (UTC text), the second included."""
        return after < self.not_after and (self.not_before < until or self.not_after == until)


class RedesignPart(NamedTuple):
    """How a redesign changes a field of pages of one kind, in columns of `_redesign_part`."""

    kind: str
    field: str
    way: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StoredRedesign:
    """A redesign. It began between two visits, of any pages: `after` did not show it, and `since` did (UTC text)."""

    redesign_id: int
    after: str
    since: str
    parts: tuple[RedesignPart, ...]


class Redesigns:
    """Reads and writes redesigns."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ungrouped(self, site_id: int) -> list[UngroupedChange]:
        """Return the recent changes of a site that no redesign holds, by the time of their first visit."""
        rows = self._connection.rows(_UNGROUPED, (site_id,))
        return [
            UngroupedChange(
                row["change_id"], row["page_id"], row["kind"], row["field"], row["not_before"], row["not_after"],
                row["run_id"], bool(row["is_new"]),
            )
            for row in rows
        ]  # fmt: skip

    def has_new(self, site_id: int) -> bool:
        """Whether a site has changes that no command has looked at."""
        return bool(
            self._connection.value(
                "SELECT EXISTS (SELECT 1 FROM _ungrouped g CROSS JOIN _change h ON h.change_id = g.change_id "
                "CROSS JOIN _page p ON p.page_id = h.page_id WHERE g.is_new AND p.site_id = ?)",
                (site_id,),
            )
        )

    def looked_at(self, site_id: int, before: str) -> None:
        """Mark the changes of a site as looked at, and forget those that were made before a time (UTC text)."""
        old = _OF_SITE.format(" AND h.not_after < ?2")
        self._connection.execute(f"DELETE FROM _ungrouped WHERE {old}", (site_id, before))
        self._connection.execute(f"UPDATE _ungrouped SET is_new = 0 WHERE is_new AND {_OF_SITE.format('')}", (site_id,))

    def values(self, change_ids: Iterable[int]) -> dict[int, tuple[FieldValue, FieldValue]]:
        """Return the old and the new value of changes."""
        rows = self._connection.rows(
            f"SELECT h.change_id, h.field, {CHANGED.format('old')}, {CHANGED.format('new')} FROM json_each(?) j "
            "CROSS JOIN _change h ON h.change_id = j.value",
            (json.dumps(list(change_ids)),),
        )
        return {
            row["change_id"]: (from_text(row["field"], row["old"]), from_text(row["field"], row["new"])) for row in rows
        }

    def describe(self, edits: Iterable[tuple[int, str, str]]) -> None:
        """Store the nature and the words of edits without what a redesign changed, by change."""
        rows = [(nature, context, number) for number, nature, context in edits]
        if rows:
            self._connection.executemany("UPDATE _change SET nature = ?, context = ? WHERE change_id = ?", rows)

    def read_across(self, site_id: int, kind: str, field: str, span: tuple[str, str]) -> dict[int, FieldValue]:
        """Return the value before a moment of each page of a kind that was read before and from then on.

        `span`: the moment, and the time of the last visits that count (UTC text).
        """
        text = held_text("c", ":field") if field in HELD else "json_extract(c.extra, :path)"
        rows = self._connection.rows(
            f"SELECT p.page_id, {text} AS value {_ACROSS}",
            {
                "site": site_id, "kind": kind, "since": span[0], "until": span[1], "field": field,
                "path": f'$."{field.removeprefix("extra.")}"',
            },
        )  # fmt: skip
        return {row["page_id"]: from_text(field, _text(row["value"])) for row in rows}

    def reached(self, redesign_ids: Sequence[int], field: str | None = None) -> set[int]:
        """Return the pages of which redesigns changed a field, or any field."""
        rows = self._connection.rows(
            "SELECT DISTINCT h.page_id FROM json_each(?) j CROSS JOIN _change h ON h.redesign_id = j.value "
            "WHERE h.field = coalesce(?, h.field)",
            (json.dumps(list(redesign_ids)), field),
        )
        return {row["page_id"] for row in rows}

    def described(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return an event; of a redesign, with its numbers of pages and changes, and the alarms of its fields in words."""
        if event["kind"] != "redesign":
            return dict(event)
        number = event["redesign_id"]
        row = self._connection.row(_DESCRIBED, (number,))
        return dict(event) | (dict(row) if row else {}) | {"alarms": self.alarms(number)}

    def alarms(self, redesign_id: int) -> list[str]:
        """Return the alarms that the runs of a redesign raised on its fields, in words."""
        rows = self._connection.rows(_ALARMS, (redesign_id,))
        return [": ".join(part for part in tuple(row) if part) for row in rows]

    def of_site(self, site_id: int, since: str) -> list[StoredRedesign]:
        """Return the redesigns of a site from a time on (UTC text), oldest first."""
        rows = self._connection.rows(
            f"SELECT r.redesign_id, {_AFTER.format('r')} AS after_visit, r.since, q.kind, q.field, q.way, q.before, q.after FROM _redesign r "
            "LEFT JOIN _redesign_part q ON q.redesign_id = r.redesign_id WHERE r.site_id = ? AND r.since > ? "
            "ORDER BY r.since, r.redesign_id, q.kind, q.field, q.position",
            (site_id, since),
        )
        found: dict[int, StoredRedesign] = {}
        for row in rows:
            redesign = found.setdefault(
                row["redesign_id"], StoredRedesign(row["redesign_id"], row["after_visit"] or "", row["since"], ())
            )
            if row["way"] is not None:
                parts = (*redesign.parts, RedesignPart(*tuple(row)[3:]))
                found[row["redesign_id"]] = replace(redesign, parts=parts)
        return list(found.values())

    def remaining(self, site_id: int) -> dict[int, list[RedesignPart]]:
        """Return the parts of the redesigns of a site with a remaining change, by redesign."""
        found: dict[int, list[RedesignPart]] = {}
        for row in self._connection.rows(_REMAINING, (site_id,)):
            found.setdefault(row["redesign_id"], []).append(RedesignPart(*tuple(row)[1:]))
        return found

    def word(self, redesign_id: int, kinds: str, fields: str, what: str) -> None:
        """Store the words of a redesign, if they are others: its kinds of pages, its fields and what it does."""
        self._connection.execute(
            "UPDATE _redesign SET kind = ?2, fields = ?3, what = ?4 WHERE redesign_id = ?1 "
            "AND (kind, fields, what) IS NOT (?2, ?3, ?4)",
            (redesign_id, kinds, fields, what),
        )

    def put(
        self,
        redesign: StoredRedesign,
        site_id: int,
        run_id: int | None,
        changes: Sequence[int],
    ) -> None:
        """Store a redesign, new if its id is 0, and put changes into it; `word` gives it its words."""
        number = redesign.redesign_id or self._connection.insert(
            "INSERT INTO _redesign(site_id, run_id, kind, fields, since, what) VALUES (?, ?, '', '', ?, '')",
            (site_id, run_id, redesign.since),
        )
        self._connection.execute("UPDATE _redesign SET since = ? WHERE redesign_id = ?", (redesign.since, number))
        self._connection.execute("DELETE FROM _redesign_part WHERE redesign_id = ?", (number,))
        self._connection.executemany(
            "INSERT INTO _redesign_part(redesign_id, kind, field, position, way, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(number, each.kind, each.field, place, *each[2:]) for place, each in enumerate(redesign.parts)],
        )
        self._connection.executemany(
            "UPDATE _change SET redesign_id = ? WHERE change_id = ?", [(number, change) for change in changes]
        )
        self._connection.executemany("DELETE FROM _ungrouped WHERE change_id = ?", [(change,) for change in changes])


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)
