"""Checks the frames of a vault: all frames that visits need exist, and keyframes have an identical mirror.

SQLite compares a keyframe and its mirror byte for byte. If they differ, both are decoded to find the undamaged one.
Frames that no visit needs are only counted.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archiver.errors import ArchiveDamaged
from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import DAMAGE, last_key, rows_by_range
from archiver.store.connection import Connection
from archiver.store.frame_codec import Frame
from archiver.store.frame_store import FrameStore
from archiver.store.plain_files import Progress

_SHOWN = 10  # numbers of lost frames
_MOST_GIVEN = 10**9  # ids are walked by ranges
_COLUMNS = ", ".join(Frame._fields)
_RANGE = "frame_id BETWEEN ? AND ?"
_SAME = " AND ".join(f"f.{name} IS m.{name}" for name in Frame._fields)
_UNEQUAL = (
    f"SELECT m.frame_id FROM _mirror m LEFT JOIN _frame f ON f.frame_id = m.frame_id AND {_SAME} "
    f"WHERE m.{_RANGE} AND f.frame_id IS NULL"
)
_KEPT_ONCE = (
    f"SELECT frame_id FROM _frame WHERE {_RANGE} AND kind <> 'D' AND frame_id NOT IN (SELECT frame_id FROM _mirror) "
    "AND frame_id NOT IN (SELECT frame_id FROM _large)"
)


class FrameCopies(FrameStore):
    """A frame store that reads given tables only, and records which frame failed.

    Attributes:
        cause: the frame at which the last read failed; None when it succeeded.
    """

    def __init__(self, connection: Connection, *tables: str) -> None:
        super().__init__(connection)
        self._tables = tables  # type: ignore[assignment]
        self.cause: int | None = None

    def read(self, frame_id: int, steps: int = 0) -> bytes:
        """Read a block as `FrameStore.read` does, and record the cause of a failure."""
        if not steps:
            self.cause = None
        try:
            return super().read(frame_id, steps)
        except DAMAGE:
            self.cause = frame_id if self.cause is None else self.cause
            raise

    def of_table(self, table: str, frame_id: int) -> bytes:
        """Return the block of a frame as one table has it; its references may come from any table.

        Raises:
            ArchiveDamaged: the frame is missing or does not decode. A damaged row may raise any exception of `DAMAGE`.
        """
        row = self.connection.row(f"SELECT {_COLUMNS} FROM {table} WHERE frame_id = ?", (frame_id,))
        if row is None:
            raise ArchiveDamaged("missing")
        return self._decoded(Frame(*row), 1)


@dataclass
class _FrameTable:
    """The frames of one table: ids, bytes, and three references for each (0: none)."""

    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("q"))
    references: "array[int]" = field(default_factory=lambda: array("q"))

    def items(self) -> Iterator[tuple[int, int]]:
        """Yield each frame's id and bytes."""
        return zip(self.numbers, self.sizes, strict=True)

    def add_needed(self, needed: set[int]) -> None:
        """Add the references of needed frames, newest first: a frame references only older ones."""
        for place in range(len(self.numbers) - 1, -1, -1):
            if self.numbers[place] in needed:
                needed.update(number for number in self.references[place * 3 : place * 3 + 3] if number)


def _needed(named: set[int], tables: Sequence[_FrameTable]) -> set[int]:
    """Return referenced frames and all that they reference, by both tables."""
    needed, before = set(named), -1
    while len(needed) != before:
        before = len(needed)
        for rows in tables:
            rows.add_needed(needed)
    return needed


def _highest_id(vault: Connection) -> int:
    """Return the highest id that the vault has assigned, by SQLite's counter; 0 if that is implausible."""
    try:
        given = int(vault.value("SELECT max(seq) FROM sqlite_sequence WHERE name = '_frame'") or 0)
    except DAMAGE:
        return 0
    return given if given <= _MOST_GIVEN else 0


class FrameCheck:
    """Walks through the frames and mirrors of a vault."""

    def __init__(self, vault: Connection, findings: Findings) -> None:
        self._vault = vault
        self._findings = findings
        self._frames = FrameCopies(vault, "_frame", "_mirror")
        given = _highest_id(vault)
        self._last = max(last_key(vault, table, "frame_id", given) for table in ("_frame", "_mirror"))

    def walk(self, named: set[int], progress: Progress) -> dict[int, int]:
        """Check every frame and mirror.

        Args:
            named: the frames that visits reference.
            progress: called with the position.

        Returns:
            The frames that no visit and no needed frame references, with their bytes.
        """
        tables = [self._rows(table, progress) for table in ("_frame", "_mirror")]
        needed = _needed(named, tables)
        lost = sorted(needed.difference(*(rows.numbers for rows in tables)))
        if lost:
            some = ", ".join(map(str, lost[:_SHOWN])) + (" …" if len(lost) > _SHOWN else "")
            self._add("frame", f"{len(lost)} frames that visits need are lost: {some}")
        for number in self._unequal(progress):
            if number in needed:
                self._judge(number)
        unneeded: Counter[int] = Counter()
        for rows in tables:
            unneeded.update({number: size for number, size in rows.items() if number not in needed})
        return dict(unneeded)

    def _rows(self, table: str, progress: Progress) -> _FrameTable:
        kept = _FrameTable()

        def unreadable(number: int, why: str) -> None:
            self._add("frame", f"the row {number} of {table} cannot be read ({why})", number)

        sql = f"SELECT frame_id, reference, base, tail, length(data) AS length FROM {table} WHERE {_RANGE}"
        for numbers, rows in rows_by_range(self._vault, sql, self._last, unreadable):
            progress("frames", numbers.start, self._last)
            for row in rows:
                try:
                    references = array("q", [row[name] or 0 for name in ("reference", "base", "tail")])
                    size = int(row["length"])
                except DAMAGE as error:
                    unreadable(row["frame_id"], str(error))
                    continue
                kept.numbers.append(row["frame_id"])
                kept.sizes.append(size)
                kept.references.extend(references)
        return kept

    def _unequal(self, progress: Progress) -> Iterator[int]:
        """Yield the frames that should have an identical mirror and do not."""
        for sql in (_UNEQUAL, _KEPT_ONCE):
            broken: list[int] = []
            for numbers, rows in rows_by_range(self._vault, sql, self._last, lambda number, _: broken.append(number)):  # noqa: B023
                progress("mirrors", numbers.start, self._last)
                yield from (row["frame_id"] for row in rows)
            if sql is _UNEQUAL:
                yield from broken

    def _judge(self, number: int) -> None:
        """Report which copy of a frame is undamaged."""
        state = {table: self._state(table, number) for table in ("_frame", "_mirror")}
        first, second = state["_frame"], state["_mirror"]
        if first == second == "whole":
            self._add("mirror", f"frame {number} and its mirror differ; both decode", number, healed=True)
        elif first == "whole":
            self._add("mirror", f"the mirror of frame {number} is {second}; the frame is whole", number, healed=True)
        elif second == "whole":
            self._add("mirror", f"frame {number} is {first}; its mirror is whole", number, healed=True)
        else:
            self._add("mirror", f"frame {number} is {first}, and its mirror is {second}", number, healed=False)

    def _state(self, table: str, number: int) -> str:
        try:
            self._frames.of_table(table, number)
        except DAMAGE as error:
            return "missing" if str(error) == "missing" else "damaged"
        return "whole"

    def _add(self, kind: str, what: str, number: int | None = None, *, healed: bool | None = None) -> None:
        self._findings.add(Finding(kind, self._vault.path.name, what, healed=healed, frame_id=number))
