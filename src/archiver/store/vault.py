"""The vault: `archive.vault.db` stores the block of each visit byte for byte, compressed against earlier blocks.

Theory of operation. A *block* is the answer of one visit: status line, raw headers, empty line, body. It is stored as
one frame (`frame_codec.py`), of one of three kinds:

* F, full: has no references. The first page of each template on a site.
* K, keyframe: references one or two keyframes of the site: the page's previous one, and pages of the same template.
* D, delta: references the frame of the page's previous visit; every eighth references the keyframe itself.

A keyframe and the deltas up to the next one are an *epoch*: 64 visits, fewer when the page is redesigned. A read
decodes at most 12 frames, and at most seven deltas depend on one delta. Many frames depend on F and K frames, so these
are stored twice (`_mirror`). A block that is identical to the previous one is not stored again.

The body of a large file, and that of a requisite of any size, is stored once for all visits and pages; only its head is
a separate frame. No page is compressed against a requisite.

Frames are committed before the rows of their visits. So a frame may have no visit (unused space), but a visit always
has its frame.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from archiver.errors import ArchiveDamaged
from archiver.model.capture import split_block
from archiver.store.connection import Connection
from archiver.store.frame_codec import (
    ALONE,
    FAST,
    MIDDLE,
    QUICK,
    SLOW_FROM,
    STRONG,
    Frame,
    pack,
    swapped,
    swaps_between,
    swaps_to_bytes,
)
from archiver.store.frame_store import FrameStore

EPOCH = 64
GROUP = 8
LONGEST_CHAIN = 12
LARGE = 1_000_000
"""The size in bytes from which every body is stored once, by its hash."""

_HUGE = 8_000_000  # the size from which a body is compressed at a fast level
_DEEPEST_KEY = LONGEST_CHAIN - GROUP
_BREAK_BYTES, _BREAK_TIMES = 2000, 3  # a delta larger than this, plus so many means, may be a break …
_WORTH, _WORTH_AT_ONCE = 2.0, 0.5  # … and is one when a keyframe costs less than so many times the delta
_MEAN_OVER = 8  # deltas
_PAYS = 0.6  # a keyframe with references must be smaller than this share of a full one
_CANDIDATES = 3  # newest keyframes, and newest full frames, of a site that are tried …
_CANDIDATES_AT_FIRST = 1  # … and for a page's first keyframe: more cost a third of the time and save 1-2 %
_DEPTH_COSTS = 0.03
_PAIR_PAYS = 0.95  # a second reference must reduce it below this share
_PAIR_MAY = 0.8  # and is not tried unless the best single one is below this share of a full one


class Block(NamedTuple):
    """The block of a visit, and its place.

    Attributes:
        site: the site whose keyframes it may reference.
        page: the page whose epoch it continues.
        data: the exact bytes.
        previous: the frame of the page's previous visit; None for the first.
        is_shared: its body is stored once by its hash, whatever its size.
    """

    site: int
    page: int
    data: bytes
    previous: int | None = None
    is_shared: bool = False


class _References(NamedTuple):
    """Keyframes to reference, and the resulting bytes at a fast level."""

    on: tuple[int, ...]
    bytes: int


class Vault:
    """Stores blocks in one SQLite file. For one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._frames = FrameStore(connection)

    def write(self, blocks: Sequence[Block]) -> list[int]:
        """Store blocks, durable when this returns; return the frame of each.

        Raises:
            ArchiveFull: the disk has no room; none of these blocks is stored.
            ArchiveDamaged: a frame does not decode to its block; none is stored.
        """
        numbers: list[int] = []
        last: dict[int, int] = {}
        try:
            with self._connection.transaction():
                for block in blocks:
                    number = self._write(block._replace(previous=last.get(block.page, block.previous)))
                    last[block.page] = number
                    numbers.append(number)
        except BaseException:
            self._frames.forget()
            raise
        return numbers

    def read(self, frame_id: int, sha256: bytes) -> bytes:
        """Return the exact block of a frame; every read checks its SHA-256.

        Raises:
            ArchiveDamaged: neither the frames nor their mirrors give the block.
        """
        for read in (self._frames.read, self._frames.read_mirror):
            block = read(frame_id)
            if hashlib.sha256(block).digest() == sha256:
                return block
        raise ArchiveDamaged(
            f"{self._connection.path}: frame {frame_id} does not match its digest; restore it from a copy"
        )

    def remove(self, frame_ids: Collection[int]) -> int:
        """Remove frames that no visit references, except those that other frames reference; return the bytes freed."""
        freed = 0
        self._connection.execute("PRAGMA foreign_keys=OFF")  # otherwise each removal scans all frames
        try:
            with self._connection.transaction():
                for number in self._frames.without_dependents(frame_ids):
                    freed += self._frames.remove(number)
        finally:
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._frames.forget()
        return freed

    def size(self) -> tuple[int, int, int]:
        """Return the number of frames, their stored bytes, and the bytes of the blocks they encode."""
        row = self._connection.row(
            "SELECT count(*), coalesce(sum(length(data)), 0), coalesce(sum(size), 0) FROM _frame"
        )
        return (row[0], row[1], row[2]) if row else (0, 0, 0)

    def check_commits(self, check: Callable[[], None] | None) -> None:
        """Call a function before each commit; what it raises rolls the transaction back."""
        self._connection.before_commit = check

    def guard(self) -> None:
        """Allow only queries of the file from now on."""
        self._connection.guard()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _write(self, block: Block) -> int:
        head, body = split_block(block.data)
        if len(body) >= LARGE or block.is_shared:
            tail = self._tail(body) if body else None
            return self._mirrored(Frame("F", len(head), pack(head, b"", FAST), tail=tail), block.data)
        before = self._before(block.previous)
        if before is None or block.previous is None:
            return self._put_keyframe(block)
        previous, old = before
        if old == block.data:
            # A frame that many visits share must not depend on deltas: damage to one delta would lose them all.
            return block.previous if previous.kind != "D" else self._put_keyframe(block)
        if previous.number + 1 == EPOCH:
            return self._put_keyframe(block)
        delta = self._delta(block, previous, old)
        if len(delta.data) > _BREAK_BYTES + _BREAK_TIMES * previous.mean:
            worth = _WORTH if previous.mean else _WORTH_AT_ONCE
            if self._best_references(block, own=False).bytes < worth * len(delta.data):
                return self._put_keyframe(block)
        return self._frames.put(delta, block.data)

    def _tail(self, body: bytes) -> int:
        """Return the frame of a large body; store it once, and mirror it when the body comes again."""
        digest = hashlib.sha256(body).digest()
        found: int | None = self._connection.value("SELECT frame_id FROM _large WHERE sha256 = ?", (digest,))
        if found is not None and self._holds(found, body):
            self._frames.mirror(found)
            return found
        number = self._frames.put(Frame("F", len(body), pack(body, b"", MIDDLE if len(body) < _HUGE else FAST)), body)
        self._connection.execute("INSERT OR REPLACE INTO _large(sha256, frame_id) VALUES (?, ?)", (digest, number))
        return number

    def _holds(self, frame_id: int, body: bytes) -> bool:
        """Whether a frame decodes to this body; `verify` reports one that does not."""
        try:
            return self._frames.read(frame_id) == body
        except ArchiveDamaged:
            return False

    def _before(self, frame_id: int | None) -> tuple[Frame, bytes] | None:
        """Return the frame and block of the previous visit, if a delta may reference them; `verify` reports damage."""
        if frame_id is None:
            return None
        try:
            frame = self._frames.frame(frame_id)
            return None if frame.tail is not None else (frame, self._frames.read(frame_id))
        except ArchiveDamaged:
            return None

    def _delta(self, block: Block, previous: Frame, old: bytes) -> Frame:
        number = previous.number + 1
        reference, depth = block.previous, previous.depth
        if number % GROUP == 0 and reference is not None:
            reference, keyframe = self._frames.keyframe(reference)
            depth, old = keyframe.depth, self._frames.read(reference)
        swaps = swaps_between(old, block.data)
        data = pack(block.data, swapped(old, swaps), FAST)
        mean = previous.mean + (len(data) - previous.mean) // _MEAN_OVER if previous.mean else len(data)
        return Frame(
            "D", len(block.data), data, reference, None, None, number, depth + 1, mean, swaps_to_bytes(swaps, old)
        )

    def _mirrored(self, frame: Frame, block: bytes) -> int:
        number = self._frames.put(frame, block)
        self._frames.mirror(number)
        return number

    def _put_keyframe(self, block: Block) -> int:
        keyframe = self._keyframe(block)
        number = self._mirrored(keyframe, block.data)
        if keyframe.depth < _DEEPEST_KEY:
            self._connection.execute(
                "INSERT INTO _base(site_id, frame_id, full) VALUES (?, ?, ?)",
                (block.site, number, keyframe.kind == "F"),
            )
        return number

    def _keyframe(self, block: Block) -> Frame:
        """Return the smallest of: full, one reference, two references. They are compared at a fast level."""
        size = len(block.data)
        best = self._best_references(block).on
        level = QUICK if block.previous is None else STRONG if best else ALONE
        level = level if size < SLOW_FROM else min(level, MIDDLE)
        if not best:
            return Frame("F", size, pack(block.data, b"", level))
        depth = 1 + max(self._frames.frame(number).depth for number in best)
        base, reference = best if len(best) > 1 else (None, *best)
        return Frame("K", size, pack(block.data, self._frames.prefix(best), level), reference, base, depth=depth)

    def _best_references(self, block: Block, *, own: bool = True) -> _References:
        """Return the best keyframes to reference, the most similar last; none when references do not pay.

        Args:
            block: the block to store.
            own: whether the page's own keyframe may be referenced. Not when a keyframe is compared with a delta: with a
                reference to its own it costs about as much as a delta, and would not justify a new epoch.
        """
        sizes: dict[tuple[int, ...], int] = {}

        def cost(*frame_ids: int) -> float:
            depth = max((self._frames.frame(number).depth for number in frame_ids), default=0)
            sizes[frame_ids] = len(pack(block.data, self._frames.prefix(frame_ids), FAST))
            return sizes[frame_ids] * (1 + _DEPTH_COSTS * depth)  # a shallow frame can start a longer chain

        candidates = self._candidates(block, own=own)
        costs: dict[tuple[int, ...], float] = {(number,): cost(number) for number in candidates}
        best, full = min(costs, key=costs.__getitem__, default=()), cost()
        if best and block.previous is not None and costs[best] < _PAIR_MAY * full:
            for number in candidates:
                if number not in best[-1:]:
                    costs[number, best[-1]] = cost(number, best[-1]) / _PAIR_PAYS
            best = min(costs, key=costs.__getitem__)
        return _References(best, sizes[best]) if best and costs[best] < _PAYS * full else _References((), sizes[()])

    def _candidates(self, block: Block, *, own: bool) -> list[int]:
        newest = (
            "SELECT frame_id FROM (SELECT frame_id FROM _base WHERE site_id = ?1{} ORDER BY frame_id DESC LIMIT ?2)"
        )
        rows = self._connection.rows(
            f"{newest.format('')} UNION {newest.format(' AND full = 1')}",
            (block.site, _CANDIDATES if block.previous is not None else _CANDIDATES_AT_FIRST),
        )
        found = {row["frame_id"] for row in rows}
        if block.previous is not None and self._before(block.previous) is not None:
            number, keyframe = self._frames.keyframe(block.previous)
            found.discard(number)
            if own and keyframe.depth < _DEEPEST_KEY:
                found.add(number)
        return sorted(number for number in found if self._is_whole(number))

    def _is_whole(self, frame_id: int) -> bool:
        try:
            self._frames.read(frame_id)
        except ArchiveDamaged:
            return False
        return True
