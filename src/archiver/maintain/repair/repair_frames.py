"""Repairs frames that do not decode to their block, from their mirrors or from a copy.

Frames are repaired in the order in which they were written: a frame references only older ones, so its references are
repaired before it. A replacement must decode to a block with the digest of its visits.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.store.connection import Connection
from archiver.store.frame_codec import MIDDLE, SLOW_FROM, STRONG, Frame, pack, swapped, swaps_from_bytes, unpack
from archiver.store.frame_store import FrameStore, demand_older
from archiver.store.plain_files import Progress
from archiver.store.vault import Vault

_COLUMNS = ", ".join(Frame._fields)
_NAMED = "FROM _visit WHERE frame_id IS NOT NULL AND block_sha256 IS NOT NULL"
_MISSING = (
    "FROM _visit WHERE frame_id IS NULL AND block_sha256 IS NOT NULL AND visit_id NOT IN (SELECT visit_id FROM _pruned) "
    "AND visit_id NOT IN (SELECT visit_id FROM _redacted)"
)
_LAST = "SELECT max(seq) FROM sqlite_sequence WHERE name = '_frame'"
_UNFOUND = "SELECT DISTINCT tail FROM _frame WHERE tail IS NOT NULL AND tail NOT IN (SELECT frame_id FROM _large)"
_EVERY = 200  # frames between two calls of progress


@dataclass
class FrameRepairs:
    """The result of repairing a vault.

    Attributes:
        frames: damaged or lost frames that were repaired.
        mirrors: mirrors that were written again.
        moved: visits that referenced a wrong frame.
        lost: visits whose bytes are lost.
        large: corrected rows of the index of large bodies.
    """

    frames: list[int] = field(default_factory=list)
    mirrors: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    large: int = 0


@dataclass(frozen=True, slots=True)
class CopyConnections:
    """An open copy. `is_proved`: its files match its manifest."""

    main: Connection
    vault: Connection
    is_proved: bool = False


class FrameRepairer:
    """Repairs one vault within the caller's transactions on both files."""

    def __init__(self, main: Connection, vault: Connection, copy: CopyConnections | None) -> None:
        self._main, self._vault, self._copy = main, vault, copy
        self._frame_store = FrameStore(vault)
        self._theirs = Vault(copy.vault) if copy else None
        self._done = FrameRepairs()
        self._digests: dict[int, bytes] = {}  # of the frames that decode
        self._kept_once: set[int] = set()  # large bodies

    def repair(self, progress: Progress) -> FrameRepairs:
        """Repair every frame, then the frames of every visit."""
        self._tidy()
        wanted: dict[int, set[bytes]] = {}
        for row in self._main.rows(f"SELECT frame_id, block_sha256 {_NAMED}"):
            wanted.setdefault(row[0], set()).add(row[1])
        unequal = self._unequal_mirrors()
        self._kept_once = {row[0] for row in self._vault.rows("SELECT frame_id FROM _large")}
        numbers = sorted(self._plausible(wanted) | {*unequal, *self._known()})
        for count, number in enumerate(numbers):
            if count % _EVERY == 0:
                progress("bodies", count, len(numbers))
            self._repair_frame(number, wanted.get(number, set()), mirrored=number in unequal)
        self._repair_visits()
        self._repair_large()
        return self._done

    def _plausible(self, wanted: Collection[object]) -> set[int]:
        """Return the referenced frame ids that the vault or the copy's vault has assigned: a visit's frame id may be damaged.

        `_repair_visits` corrects visits with other ids.
        """
        vaults = [self._vault, *([self._copy.vault] if self._copy else [])]
        last = max(vault.value(_LAST) or 0 for vault in vaults)
        return {number for number in wanted if isinstance(number, int) and 0 < number <= last}

    def _known(self) -> set[int]:
        """Return the ids of frames that exist or that other frames reference."""
        rows = self._vault.rows("SELECT frame_id, reference, base, tail FROM _frame")
        return {number for row in rows for number in row if number is not None}

    def _unequal_mirrors(self) -> set[int]:
        """Return the frames without an identical mirror."""
        same = " AND ".join(f"f.{name} IS m.{name}" for name in Frame._fields)
        rows = self._vault.rows(
            f"SELECT m.frame_id FROM _mirror m LEFT JOIN _frame f ON f.frame_id = m.frame_id AND {same} WHERE f.frame_id IS NULL "
            "UNION SELECT frame_id FROM _frame WHERE kind <> 'D' AND frame_id NOT IN (SELECT frame_id FROM _mirror) "
            "AND frame_id NOT IN (SELECT frame_id FROM _large)"
        )
        return {row[0] for row in rows}

    def _repair_frame(self, number: int, wanted: set[bytes], *, mirrored: bool) -> None:
        """Repair one frame and its mirror; its first sound copy replaces the others."""
        versions = list(self._versions(number))
        ours = versions[0][1] if versions and versions[0][0] == "_frame" else None
        sound = ours if ours and not mirrored and self._reads(number, wanted) else None
        if sound is None:
            proved = [frame for _, frame in versions if self._proves(number, frame, wanted)]
            sound = min(proved, key=_implausibility) if proved else self._full_frame(number, wanted)
        if sound is None:
            return
        sound = self._with_bookkeeping(number, sound)
        if sound != ours:
            self._put("_frame", number, sound)
            self._done.frames.append(number)
            self._frame_store.forget()
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
        except DAMAGE:
            return None
        return Frame(*row) if row else None

    def _reads(self, number: int, wanted: set[bytes]) -> bool:
        """Check the stored frame as `_proves` does; cache its block for the frames that reference it."""
        try:
            block = self._frame_store.read(number)
        except DAMAGE:
            return False
        self._digests[number] = hashlib.sha256(block).digest()
        return not wanted or self._digests[number] in wanted

    def _proves(self, number: int, frame: Frame, wanted: set[bytes]) -> bool:
        """Whether a frame decodes, and to one of the wanted digests if there are any."""
        try:
            demand_older(frame, number)
            prefix = self._frame_store.prefix(frame.references)
            if frame.swaps:
                prefix = swapped(prefix, swaps_from_bytes(frame.swaps, prefix))
            block = unpack(frame.data, prefix, frame.size)
            block += self._frame_store.read(frame.tail) if frame.tail is not None else b""
        except DAMAGE:
            return False
        digest = hashlib.sha256(block).digest()
        if wanted and digest not in wanted:
            return False
        self._digests[number] = digest
        return True

    def _full_frame(self, number: int, wanted: set[bytes]) -> Frame | None:
        """Return a full frame for a block that the copy stores under another frame."""
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
        except DAMAGE:
            return None

    def _with_bookkeeping(self, number: int, frame: Frame) -> Frame:
        """Return the frame with the bookkeeping of the verified copy; no digest covers the bookkeeping."""
        theirs = self._frame("_frame", number, self._copy.vault) if self._copy and self._copy.is_proved else None
        if theirs is not None and _coded(theirs) == _coded(frame):
            return theirs
        return frame

    def _put(self, table: str, number: int, frame: Frame) -> None:
        names = frame._fields
        if self._vault.value(f"SELECT 1 FROM {table} WHERE frame_id = ?", (number,)):
            # Not REPLACE: its foreign keys would scan all frames for references to this one.
            sets = ", ".join(f"{name} = ?" for name in names)
            self._vault.execute(f"UPDATE {table} SET {sets} WHERE frame_id = ?", (*frame, number))
        else:
            marks = ", ".join("?" * (len(names) + 1))
            self._vault.execute(f"INSERT INTO {table}(frame_id, {_COLUMNS}) VALUES ({marks})", (number, *frame))

    def _repair_visits(self) -> None:
        """Correct visits that reference a wrong frame; report those whose bytes are lost."""
        reader = Vault(self._vault)
        columns = "SELECT visit_id, frame_id, block_sha256"
        for row in self._main.rows(f"{columns} {_NAMED} UNION ALL {columns} {_MISSING} ORDER BY visit_id"):
            number, frame, digest = row
            if frame is not None and (self._digests.get(frame) == digest or _has(reader, frame, digest)):
                continue
            if not self._move(reader, number, digest):
                self._done.lost.append(number)

    def _move(self, reader: Vault, number: int, digest: bytes) -> bool:
        block = self._their_block(number, digest)
        if block is None or self._copy is None:
            return False
        frame = self._copy.main.value("SELECT frame_id FROM _visit WHERE visit_id = ?", (number,))
        if not _has(reader, frame, digest):
            frame = self._frame_store.put(Frame("F", len(block), pack(block, b"", MIDDLE)), block)
            self._frame_store.mirror(frame)
        self._main.execute("UPDATE _visit SET frame_id = ? WHERE visit_id = ?", (frame, number))
        self._done.moved.append(number)
        return True

    def _tidy(self) -> None:
        """Delete bookkeeping rows that reference missing frames."""
        for table in ("_base", "_large"):
            self._vault.execute(
                f"DELETE FROM {table} WHERE frame_id NOT IN (SELECT frame_id FROM _frame UNION SELECT frame_id FROM _mirror)"
            )

    def _repair_large(self) -> None:
        """Index each large body by its digest; of two identical bodies, one is indexed."""
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
                    self._frame_store.mirror(number)


def _has(reader: Vault, frame: int, digest: bytes) -> bool:
    try:
        reader.read(frame, digest)
    except DAMAGE:
        return False
    return True


def _implausibility(frame: Frame) -> int:
    """Return the number of impossible values in a frame's bookkeeping, such as a keyframe with a number above 0."""
    if frame.kind == "D":
        return 0
    return bool(frame.number) + bool(frame.mean) + (not frame.references and frame.depth != 1)


def _coded(frame: Frame) -> Frame:
    """Return a frame without its bookkeeping."""
    return frame._replace(number=0, depth=0, mean=0)
