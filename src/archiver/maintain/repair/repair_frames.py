"""Frames that do not give the bytes they stand for, and the same frames out of their mirror or a copy.

Frames are gone through in the order they were written: a frame only leans on older ones, so what it leans on is healed
when its turn comes. Nothing is taken that does not prove itself: a frame must decode, and to the digest of its visits.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from archiver.maintain.verify.row_ranges import ODD
from archiver.store.connection import Connection
from archiver.store.frame_codec import MIDDLE, SLOW_FROM, STRONG, Frame, pack, swapped, swaps_from_bytes, unpack
from archiver.store.frame_store import FrameStore, demand_older
from archiver.store.plain_files import Progress
from archiver.store.vault import Vault

_COLUMNS = ", ".join(Frame._fields)
_NAMED = "FROM _visit WHERE frame_id IS NOT NULL AND block_sha256 IS NOT NULL"
_LAST = "SELECT max(seq) FROM sqlite_sequence WHERE name = '_frame'"
_UNFOUND = "SELECT DISTINCT tail FROM _frame WHERE tail IS NOT NULL AND tail NOT IN (SELECT frame_id FROM _large)"
_EVERY = 200  # frames between two words of progress


@dataclass
class FrameRepairs:
    """What was done to a vault.

    Attributes:
        frames: damaged or lost, and healed.
        mirrors: second copies written anew.
        moved: visits that named a wrong frame.
        lost: visits whose bytes cannot be had.
        large: rows by which large bodies are found, put right.
    """

    frames: list[int] = field(default_factory=list)
    mirrors: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    large: int = 0


@dataclass(frozen=True, slots=True)
class CopyConnections:
    """An open copy. `is_proved`: its files are what its manifest says."""

    main: Connection
    vault: Connection
    is_proved: bool = False


class FrameRepairer:
    """Heal one vault within the caller's transactions on both files."""

    def __init__(self, main: Connection, vault: Connection, copy: CopyConnections | None) -> None:
        self._main, self._vault, self._copy = main, vault, copy
        self._shelf = FrameStore(vault)
        self._theirs = Vault(copy.vault) if copy else None
        self._done = FrameRepairs()
        self._digests: dict[int, bytes] = {}  # of the frames that decode
        self._kept_once: set[int] = set()  # large bodies

    def heal(self, progress: Progress) -> FrameRepairs:
        """Go through every frame and every visit."""
        self._tidy()
        wanted: dict[int, set[bytes]] = {}
        for row in self._main.rows(f"SELECT frame_id, block_sha256 {_NAMED}"):
            wanted.setdefault(row[0], set()).add(row[1])
        unequal = self._unequal_mirrors()
        self._kept_once = {row[0] for row in self._vault.rows("SELECT frame_id FROM _large")}
        numbers = sorted(self._given(wanted) | {*unequal, *self._known()})
        for count, number in enumerate(numbers):
            if count % _EVERY == 0:
                progress("bodies", count, len(numbers))
            self._heal_frame(number, wanted.get(number, set()), mirrored=number in unequal)
        self._heal_visits()
        self._heal_large()
        return self._done

    def _given(self, wanted: Collection[object]) -> set[int]:
        """Of the numbers that visits name, those the vault or the copy's has given: nothing vouches for a visit's word.

        Visits that name others are given the right frame by `_heal_visits`.
        """
        vaults = [self._vault, *([self._copy.vault] if self._copy else [])]
        last = max(vault.value(_LAST) or 0 for vault in vaults)
        return {number for number in wanted if isinstance(number, int) and 0 < number <= last}

    def _known(self) -> set[int]:
        """Frames that are there, and those that others lean on."""
        rows = self._vault.rows("SELECT frame_id, reference, base, tail FROM _frame")
        return {number for row in rows for number in row if number is not None}

    def _unequal_mirrors(self) -> set[int]:
        """Frames that are not kept twice as they should be, or not twice the same."""
        same = " AND ".join(f"f.{name} IS m.{name}" for name in Frame._fields)
        rows = self._vault.rows(
            f"SELECT m.frame_id FROM _mirror m LEFT JOIN _frame f ON f.frame_id = m.frame_id AND {same} WHERE f.frame_id IS NULL "
            "UNION SELECT frame_id FROM _frame WHERE kind <> 'D' AND frame_id NOT IN (SELECT frame_id FROM _mirror) "
            "AND frame_id NOT IN (SELECT frame_id FROM _large)"
        )
        return {row[0] for row in rows}

    def _heal_frame(self, number: int, wanted: set[bytes], *, mirrored: bool) -> None:
        """One frame and its mirror. Its first sound version is written where the others are."""
        versions = list(self._versions(number))
        ours = versions[0][1] if versions and versions[0][0] == "_frame" else None
        sound = ours if ours and not mirrored and self._reads(number, wanted) else None
        if sound is None:
            proved = [frame for _, frame in versions if self._proves(number, frame, wanted)]
            sound = min(proved, key=_oddity) if proved else self._anew(number, wanted)
        if sound is None:
            return
        sound = self._with_bookkeeping(number, sound)
        if sound != ours:
            self._put("_frame", number, sound)
            self._done.frames.append(number)
            self._shelf.forget()
            mirrored = mirrored or number not in self._kept_once
        if sound.kind != "D" and mirrored and self._frame("_mirror", number) != sound:
            self._put("_mirror", number, sound)
            self._done.mirrors.append(number)

    def _versions(self, number: int) -> Iterator[tuple[str, Frame]]:
        for connection in (self._vault, self._copy.vault if self._copy else None):
            for table in ("_frame", "_mirror") if connection else ():
                frame = self._frame(table, number, connection)
                if frame is not None:
                    yield table if connection is self._vault else "copy", frame

    def _frame(self, table: str, number: int, connection: Connection | None = None) -> Frame | None:
        try:
            row = (connection or self._vault).row(f"SELECT {_COLUMNS} FROM {table} WHERE frame_id = ?", (number,))
        except ODD:
            return None
        return Frame(*row) if row else None

    def _reads(self, number: int, wanted: set[bytes]) -> bool:
        """The same as `_proves` for the frame as it is kept; its block is remembered for those that lean on it."""
        try:
            block = self._shelf.read(number)
        except ODD:
            return False
        self._digests[number] = hashlib.sha256(block).digest()
        return not wanted or self._digests[number] in wanted

    def _proves(self, number: int, frame: Frame, wanted: set[bytes]) -> bool:
        """Whether a frame decodes, to a digest that is wanted if any is."""
        try:
            demand_older(frame, number)
            prefix = self._shelf.prefix(frame.leans_on)
            if frame.swaps:
                prefix = swapped(prefix, swaps_from_bytes(frame.swaps, prefix))
            block = unpack(frame.data, prefix, frame.size)
            block += self._shelf.read(frame.tail) if frame.tail is not None else b""
        except ODD:
            return False
        digest = hashlib.sha256(block).digest()
        if wanted and digest not in wanted:
            return False
        self._digests[number] = digest
        return True

    def _anew(self, number: int, wanted: set[bytes]) -> Frame | None:
        """A full frame for a block that the copy keeps otherwise: it was pruned or written anew since."""
        for row in (
            self._main.rows(f"SELECT visit_id, block_sha256 {_NAMED} AND frame_id = ?", (number,)) if wanted else ()
        ):
            block = self._their_block(row["visit_id"], row["block_sha256"])
            if block is not None:
                return Frame("F", len(block), pack(block, b"", STRONG if len(block) < SLOW_FROM else MIDDLE))
        return None

    def _their_block(self, visit_id: int, digest: bytes) -> bytes | None:
        if self._copy is None or self._theirs is None:
            return None
        try:
            frame = self._copy.main.value("SELECT frame_id FROM _visit WHERE visit_id = ?", (visit_id,))
            return self._theirs.read(frame, digest) if frame is not None else None
        except ODD:
            return None

    def _with_bookkeeping(self, number: int, frame: Frame) -> Frame:
        """With what the writer goes by as a proved copy of the same frame has it; no digest vouches for that."""
        theirs = self._frame("_frame", number, self._copy.vault) if self._copy and self._copy.is_proved else None
        if theirs is not None and _coded(theirs) == _coded(frame):
            return theirs
        return frame

    def _put(self, table: str, number: int, frame: Frame) -> None:
        names = frame._fields
        if self._vault.value(f"SELECT 1 FROM {table} WHERE frame_id = ?", (number,)):
            # No REPLACE: its foreign keys would go through all frames for those that lean on this one.
            sets = ", ".join(f"{name} = ?" for name in names)
            self._vault.execute(f"UPDATE {table} SET {sets} WHERE frame_id = ?", (*frame, number))
        else:
            marks = ", ".join("?" * (len(names) + 1))
            self._vault.execute(f"INSERT INTO {table}(frame_id, {_COLUMNS}) VALUES ({marks})", (number, *frame))

    def _heal_visits(self) -> None:
        """Visits that name a wrong frame are given the right one; those whose bytes are nowhere are named."""
        reader = Vault(self._vault)
        for row in self._main.rows(f"SELECT visit_id, frame_id, block_sha256 {_NAMED} ORDER BY visit_id"):
            number, frame, digest = row
            if self._digests.get(frame) == digest or _has(reader, frame, digest):
                continue
            if not self._move(reader, number, digest):
                self._done.lost.append(number)

    def _move(self, reader: Vault, number: int, digest: bytes) -> bool:
        block = self._their_block(number, digest)
        if block is None or self._copy is None:
            return False
        frame = self._copy.main.value("SELECT frame_id FROM _visit WHERE visit_id = ?", (number,))
        if not _has(reader, frame, digest):
            frame = self._shelf.put(Frame("F", len(block), pack(block, b"", MIDDLE)), block)
            self._shelf.mirror(frame)
        self._main.execute("UPDATE _visit SET frame_id = ? WHERE visit_id = ?", (frame, number))
        self._done.moved.append(number)
        return True

    def _tidy(self) -> None:
        """Remove what the writer goes by and that points nowhere."""
        for table in ("_base", "_large"):
            self._vault.execute(
                f"DELETE FROM {table} WHERE frame_id NOT IN (SELECT frame_id FROM _frame UNION SELECT frame_id FROM _mirror)"
            )

    def _heal_large(self) -> None:
        """Each large body is found by its digest; of two that are the same, one is, and the other kept twice."""
        for row in self._vault.rows("SELECT sha256, frame_id FROM _large"):
            if not self._reads(row["frame_id"], {row["sha256"]}):
                self._vault.execute("DELETE FROM _large WHERE sha256 = ?", (row["sha256"],))
                self._done.large += 1
        for (number,) in self._vault.rows(_UNFOUND):
            if self._reads(number, set()):
                found = (self._digests[number], number)
                added = self._vault.execute("INSERT OR IGNORE INTO _large(sha256, frame_id) VALUES (?, ?)", found)
                self._done.large += added.rowcount
                if not added.rowcount:
                    self._shelf.mirror(number)


def _has(reader: Vault, frame: int, digest: bytes) -> bool:
    try:
        reader.read(frame, digest)
    except ODD:
        return False
    return True


def _oddity(frame: Frame) -> int:
    """How much of a frame's bookkeeping cannot be right: a keyframe counts no visits before it."""
    if frame.kind == "D":
        return 0
    return bool(frame.number) + bool(frame.mean) + (not frame.leans_on and frame.depth != 1)


def _coded(frame: Frame) -> Frame:
    """A frame without its bookkeeping."""
    return frame._replace(number=0, depth=0, mean=0)
