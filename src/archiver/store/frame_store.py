"""Frames as rows of the vault: written, mirrored, and decoded with the frames they reference.

A damaged frame is read from its mirror.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator

from archiver.errors import ArchiveDamaged
from archiver.store.connection import Connection
from archiver.store.frame_codec import Frame, swapped, swaps_from_bytes, unpack

_COLUMNS = ", ".join(Frame._fields)
_CACHE_BYTES = 6_000_000
_MOST_STEPS = 40
"""The most frames that one read follows. The writer makes chains of 12; a damaged row could make a cycle."""


def demand_older(frame: Frame, frame_id: int) -> None:
    """Raise ArchiveDamaged when a frame references itself or a later one: a reference cycle would loop forever."""
    if any(number >= frame_id for number in (*frame.references, frame.tail or 0)):
        raise ArchiveDamaged("it references a later one")


class FrameStore:
    """The frames of one vault."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._held = 0
        self._tables = ("_frame", "_mirror")

    def put(self, frame: Frame, block: bytes) -> int:
        """Store a frame within the caller's transaction, after a test that it decodes; return its id.

        Raises:
            ArchiveDamaged: the frame does not decode to the block.
        """
        if self._decoded(frame, 1) != block:
            raise ArchiveDamaged(
                f"{self.connection.path}: a frame did not read back as it was written; nothing was kept"
            )
        marks = ", ".join("?" * len(frame))
        number = self.connection.insert(f"INSERT INTO _frame({_COLUMNS}) VALUES ({marks})", frame)
        self._remember(number, block)
        return number

    def mirror(self, frame_id: int) -> None:
        """Store a second copy of a frame."""
        self.connection.execute("INSERT OR IGNORE INTO _mirror SELECT * FROM _frame WHERE frame_id = ?", (frame_id,))

    def frame(self, frame_id: int) -> Frame:
        """Return a stored frame.

        Raises:
            ArchiveDamaged: it is missing.
        """
        for frame in self._copies(frame_id):
            return frame
        raise ArchiveDamaged(f"{self.connection.path}: frame {frame_id} is missing; restore it from a copy")

    def keyframe(self, frame_id: int) -> tuple[int, Frame]:
        """Return the keyframe of a frame's epoch, with its id."""
        for _ in range(_MOST_STEPS):
            frame = self.frame(frame_id)
            if frame.kind != "D" or frame.reference is None:
                return frame_id, frame
            frame_id = frame.reference
        raise ArchiveDamaged(
            f"{self.connection.path}: frame {frame_id} is in a reference cycle; restore it from a copy"
        )

    def prefix(self, frame_ids: tuple[int, ...], steps: int = 0) -> bytes:
        """Return the concatenated blocks of some frames."""
        return b"".join(self.read(number, steps) for number in frame_ids)

    def read(self, frame_id: int, steps: int = 0) -> bytes:
        """Return the exact block of a frame.

        Raises:
            ArchiveDamaged: neither the frame nor its mirror decodes.
        """
        known = self._blocks.get(frame_id)
        if known is not None:
            self._blocks.move_to_end(frame_id)
            return known
        if steps > _MOST_STEPS:
            raise ArchiveDamaged(
                f"{self.connection.path}: frame {frame_id} is in a reference cycle; restore it from a copy"
            )
        block = self._first_whole(frame_id, steps)
        self._remember(frame_id, block)
        return block

    def read_mirror(self, frame_id: int) -> bytes:
        """Return the block, decoded from the mirrors of frames where they exist.

        Raises:
            ArchiveDamaged: neither copy decodes.
        """
        self.forget()
        self._tables = self._tables[::-1]
        try:
            return self.read(frame_id)
        finally:
            self._tables = self._tables[::-1]
            self.forget()

    def _first_whole(self, frame_id: int, steps: int) -> bytes:
        problem = ""
        for frame in self._copies(frame_id):
            try:
                demand_older(frame, frame_id)
                return self._decoded(frame, steps + 1)
            except (ArchiveDamaged, TypeError, ValueError) as error:
                problem = problem or f"is damaged ({error})"
        raise ArchiveDamaged(
            f"{self.connection.path}: frame {frame_id} {problem or 'is missing'}; restore it from a copy"
        )

    def _decoded(self, frame: Frame, steps: int) -> bytes:
        prefix = self.prefix(frame.references, steps)
        if frame.swaps:
            prefix = swapped(prefix, swaps_from_bytes(frame.swaps, prefix))
        block = unpack(frame.data, prefix, frame.size)
        return block if frame.tail is None else block + self.read(frame.tail, steps)

    def _copies(self, frame_id: int) -> Iterator[Frame]:
        for table in self._tables:
            row = self.connection.row(f"SELECT {_COLUMNS} FROM {table} WHERE frame_id = ?", (frame_id,))
            if row is not None:
                yield Frame(*row)

    def _remember(self, frame_id: int, block: bytes) -> None:
        if len(block) * 8 > _CACHE_BYTES:
            return
        self._held += len(block) - len(self._blocks.pop(frame_id, b""))
        self._blocks[frame_id] = block
        while self._held > _CACHE_BYTES:
            self._held -= len(self._blocks.popitem(last=False)[1])

    def without_dependents(self, frame_ids: Collection[int]) -> set[int]:
        """Return those of some frames that no remaining frame and no remaining mirror references."""
        free = set(frame_ids)
        selects = " UNION ALL ".join(f"SELECT frame_id, reference, base, tail FROM {table}" for table in self._tables)
        rows = self.connection.execute(f"{selects} ORDER BY frame_id DESC")
        for number, *references in rows:  # a frame references only older ones
            if number not in free:
                free.difference_update(references)
        return free

    def remove(self, frame_id: int) -> int:
        """Remove a frame and its mirror within the caller's transaction; return their bytes."""
        size = 0
        for table in ("_base", "_large", "_mirror", "_frame"):
            if table in ("_mirror", "_frame"):
                size += self.connection.value(f"SELECT length(data) FROM {table} WHERE frame_id = ?", (frame_id,)) or 0
            self.connection.execute(f"DELETE FROM {table} WHERE frame_id = ?", (frame_id,))
        return size

    def forget(self) -> None:
        """Clear the cache of blocks: after a rollback their ids may be used again."""
        self._blocks.clear()
        self._held = 0
