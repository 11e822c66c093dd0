"""Marks on events: seen, important, notes. They are named by what a new reading of the archive does not change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archiver.store.connection import Connection, Row

MARKS = ("seen", "important", "note")
_SAME = (
    "kind = :kind AND page_id IS :page_id AND field IS :field AND visit_id IS :visit_id AND run_id IS :run_id "
    "AND (visit_id IS NOT NULL OR not_after = :not_after)"
)
_OF_SITE = "site_id = (SELECT site_id FROM _site WHERE name = :site)"
_SAME_REDESIGN = f"{_SAME} AND {_OF_SITE}"
_STANDING = (
    "SELECT s.name AS site, m.page_id, m.kind, m.field, m.visit_id, m.run_id, m.not_after, m.mark, m.note, m.marked_at, "
    "m.marked_by FROM _mark m JOIN _site s ON s.site_id = m.site_id WHERE m.withdrawn_at IS NULL AND {0}"
)


EventKey = tuple[str, int | str, str, str]


class EventName(NamedTuple):
    """What names an event for good.

    Attributes:
        page_id, visit_id: of an event of a page: the page, and the visit that proves it. None for a redesign.
        run_id, not_after: of a redesign: the run that found it, and its first moment (UTC text).
    """

    kind: str
    site: str
    page_id: int | None
    field: str | None
    visit_id: int | None
    run_id: int | None
    not_after: str

    @classmethod
    def of(cls, row: "Row | dict[str, object]") -> "EventName":
        """Return the name of a row of the views `events` or `marks`."""
        is_redesign = row["kind"] == "redesign"
        values = {name: row[name] for name in cls._fields}
        return cls(**{**values, "run_id": values["run_id"] if is_redesign else None})  # type: ignore[arg-type]

    @property
    def key(self) -> EventKey:
        """Return what two names of one event have in common."""
        is_redesign = self.page_id is None
        evidence = f"{self.not_after} {self.run_id}" if is_redesign else str(self.visit_id or self.not_after)
        return self.kind, self.page_id or self.site, self.field or "", evidence


@dataclass(frozen=True, slots=True)
class EventMark:
    """One standing mark. `note`: None for the other marks, and after a redaction. Times are UTC text."""

    event: EventName
    mark: str
    note: str | None
    marked_at: str
    marked_by: str


class Marks:
    """The marks of one archive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, mark: str) -> list[EventMark]:
        """Return all marks of one sort that hold, newest event first."""
        found = self._connection.rows(f"{_STANDING.format('m.mark = ?')} ORDER BY m.not_after DESC, m.mark_id", (mark,))
        return [_mark(row) for row in found]

    def of_pages(self, pages: Iterable[int]) -> list[EventMark]:
        """Return the marks that hold on events of some pages."""
        return [
            _mark(row)
            for page_id in sorted(set(pages))
            for row in self._connection.rows(f"{_STANDING.format('m.page_id = ?')} ORDER BY m.mark_id", (page_id,))
        ]

    def of_redesigns(self) -> list[EventMark]:
        """Return the marks that hold on redesigns."""
        return [_mark(row) for row in self._connection.rows(_STANDING.format("m.page_id IS NULL"))]

    def exists(self, event: EventName) -> bool:
        """Whether the archive has this event."""
        where = "run_id IS :run_id AND site = :site AND not_after = :not_after"
        if event.page_id is not None:
            where = (
                "page_id = :page_id AND field IS :field AND visit_id IS :visit_id "
                "AND (visit_id IS NOT NULL OR not_after = :not_after)"
            )
        sql = f"SELECT EXISTS (SELECT 1 FROM events WHERE kind = :kind AND {where})"
        return bool(self._connection.value(sql, event._asdict()))

    def put(self, events: Sequence[EventName], mark: str, note: str | None, at: str, by: str) -> int:
        """Mark events; return how many had no such mark. A new note takes the place of the old one."""
        count = 0
        with self._connection.transaction():
            for event in events:
                values = {**event._asdict(), "mark": mark, "note": note, "at": at, "by": by}
                same = f"{_same(event)} AND mark = :mark AND withdrawn_at IS NULL"
                if self._connection.value(
                    f"SELECT 1 FROM _mark WHERE {same} AND (:note IS NULL OR note IS :note)", values
                ):
                    continue
                self._connection.execute(f"UPDATE _mark SET withdrawn_at = :at WHERE {same}", values)
                self._connection.execute(
                    "INSERT INTO _mark(site_id, page_id, kind, field, visit_id, run_id, not_after, mark, note, marked_at, marked_by) "
                    "SELECT site_id, :page_id, :kind, :field, :visit_id, :run_id, :not_after, :mark, :note, :at, :by "
                    "FROM _site WHERE name = :site",
                    values,
                )
                count += 1
        return count

    def withdraw(self, events: Sequence[EventName], mark: str, at: str) -> int:
        """Withdraw a mark from events; return from how many. The row stays, with the time."""
        count = 0
        with self._connection.transaction():
            for event in events:
                count += self._connection.execute(
                    f"UPDATE _mark SET withdrawn_at = :at WHERE {_same(event)} AND mark = :mark AND withdrawn_at IS NULL",
                    {**event._asdict(), "mark": mark, "at": at},
                ).rowcount
        return count


def _same(event: EventName) -> str:
    return _SAME_REDESIGN if event.page_id is None else _SAME


def _mark(row: Row) -> EventMark:
    return EventMark(EventName.of(row), row["mark"], row["note"], row["marked_at"], row["marked_by"])
