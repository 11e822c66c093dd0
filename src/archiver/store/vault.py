"""The bodies: `archive.vault.db` keeps each block byte for byte, and a visit of a known page almost for nothing.

Theory of operation. A *block* is what one visit brought: status line, raw headers, empty line, body. It is kept as one
frame (`frames.py`), of one of three kinds:

* F, full: leans on nothing. The first page of each template on a site.
* K, keyframe: leans on one or two keyframes of the site: the page's own last one, pages of the same template.
* D, delta: leans on the frame of the page's visit before; every eighth leans on the keyframe itself.

A keyframe and the deltas up to the next one are an *epoch*: 64 visits, fewer when the page is redesigned. No frame is
more than 12 steps from one that stands alone, and no delta carries more than seven others. F and K carry many, so they
are kept twice (`_mirror`). A block that is byte for byte the one before is not kept again.

The body of a large file is kept once for all visits and pages that bring it; only its head is a frame of its own.

Frames are written before the rows of the visits that name them, in a commit of their own: a frame that no visit
names is rubbish, a visit whose frame is not there cannot be.
"""

import hashlib
from collections.abc import Collection, Sequence
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

PAGE_SIZE = 65536  # blobs of 1-8 kB waste 21-40 % on SQLite's smaller pages
EPOCH = 64
GROUP = 8
LONGEST_CHAIN = 12
LARGE = 1_000_000
"""Bytes from which a body is kept once, by its hash."""

_HUGE = 8_000_000  # bytes from which a body is coded fast
_DEEPEST_KEY = LONGEST_CHAIN - GROUP
_BREAK_BYTES, _BREAK_TIMES = 2000, 3  # a delta of more than so many bytes and means may be a break …
_WORTH, _WORTH_AT_ONCE = 2.0, 1.25  # … and is, when a keyframe costs less than so many times the delta
_MEAN_OVER = 8  # deltas
_PAYS = 0.6  # a keyframe that leans must be smaller than this share of a full one
_CANDIDATES = 3  # youngest keyframes, and youngest full ones, of a site that are tried
_DEPTH_COSTS = 0.03
_PAIR_PAYS = 0.95  # a second one must make it smaller than this share
_PAIR_MAY = 0.8  # and is not tried where the best single one is not smaller than this share of a full one


class Block(NamedTuple):
    """What a visit brought, and where it belongs.

    Attributes:
        site: whose keyframes it may lean on.
        page: whose deltas it joins.
        data: the exact bytes.
        previous: the frame of the page's visit before; None for the first.
    """

    site: int
    page: int
    data: bytes
    previous: int | None = None


class _References(NamedTuple):
    """Keyframes to lean on, and how many bytes that comes to, coded fast."""

    on: tuple[int, ...]
    bytes: int


class Vault:
    """Blocks in one SQLite file. One thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shelf = FrameStore(connection)

    def write(self, blocks: Sequence[Block]) -> list[int]:
        """Keep blocks, durable when this returns; gives the frame of each.

        Raises:
            ArchiveFull: the disk has no room; none of these blocks was kept.
            ArchiveDamaged: a block did not read back as it was given; none was kept.
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
            self._shelf.forget()
            raise
        return numbers

    def read(self, frame_id: int, sha256: bytes) -> bytes:
        """The exact block kept under this number; its SHA-256 proves it, at every read.

        Raises:
            ArchiveDamaged: it cannot be had any more, by no copy of the frames it needs.
        """
        for read in (self._shelf.read, self._shelf.read_mirror):
            block = read(frame_id)
            if hashlib.sha256(block).digest() == sha256:
                return block
        raise ArchiveDamaged(
            f"{self._connection.path}: frame {frame_id} does not match its digest; restore it from a copy"
        )

    def remove(self, frame_ids: Collection[int]) -> int:
        """Remove frames that no visit names, but those that others lean on; gives the bytes freed for new ones."""
        freed = 0
        self._connection.execute("PRAGMA foreign_keys=OFF")  # else each frame's removal goes through all frames
        try:
            with self._connection.transaction():
                for number in self._shelf.without_dependents(frame_ids):
                    freed += self._shelf.remove(number)
        finally:
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._shelf.forget()
        return freed

    def size(self) -> tuple[int, int, int]:
        """How many frames, their bytes as kept, and the bytes they stand for."""
        row = self._connection.row(
            "SELECT count(*), coalesce(sum(length(data)), 0), coalesce(sum(size), 0) FROM _frame"
        )
        return (row[0], row[1], row[2]) if row else (0, 0, 0)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _write(self, block: Block) -> int:
        head, body = split_block(block.data)
        if len(body) >= LARGE:
            return self._mirrored(Frame("F", len(head), pack(head, b"", FAST), tail=self._tail(body)), block.data)
        before = self._before(block.previous)
        if before is None or block.previous is None:
            return self._put_keyframe(block)
        previous, old = before
        if old == block.data:
            # A frame that many visits share must not hang on deltas: they would all be lost with any of those.
            return block.previous if previous.kind != "D" else self._put_keyframe(block)
        if previous.number + 1 == EPOCH:
            return self._put_keyframe(block)
        delta = self._delta(block, previous, old)
        if len(delta.data) > _BREAK_BYTES + _BREAK_TIMES * previous.mean:
            worth = _WORTH if previous.mean else _WORTH_AT_ONCE
            if self._leaning(block, own=False).bytes < worth * len(delta.data):
                return self._put_keyframe(block)
        return self._shelf.put(delta, block.data)

    def _tail(self, body: bytes) -> int:
        """The frame of a large body: kept once, and a second time when it comes again."""
        digest = hashlib.sha256(body).digest()
        found: int | None = self._connection.value("SELECT frame_id FROM _large WHERE sha256 = ?", (digest,))
        if found is not None and self._holds(found, body):
            self._shelf.mirror(found)
            return found
        number = self._shelf.put(Frame("F", len(body), pack(body, b"", MIDDLE if len(body) < _HUGE else FAST)), body)
        self._connection.execute("INSERT OR REPLACE INTO _large(sha256, frame_id) VALUES (?, ?)", (digest, number))
        return number

    def _holds(self, frame_id: int, body: bytes) -> bool:
        """Whether a frame still gives this body; verify names one that does not."""
        try:
            return self._shelf.read(frame_id) == body
        except ArchiveDamaged:
            return False

    def _before(self, frame_id: int | None) -> tuple[Frame, bytes] | None:
        """The frame of the visit before and its block, if a delta may lean on them; verify names what is damaged."""
        if frame_id is None:
            return None
        try:
            frame = self._shelf.frame(frame_id)
            return None if frame.tail is not None else (frame, self._shelf.read(frame_id))
        except ArchiveDamaged:
            return None

    def _delta(self, block: Block, previous: Frame, old: bytes) -> Frame:
        number = previous.number + 1
        reference, depth = block.previous, previous.depth
        if number % GROUP == 0 and reference is not None:
            reference, keyframe = self._shelf.keyframe(reference)
            depth, old = keyframe.depth, self._shelf.read(reference)
        swaps = swaps_between(old, block.data)
        data = pack(block.data, swapped(old, swaps), FAST)
        mean = previous.mean + (len(data) - previous.mean) // _MEAN_OVER if previous.mean else len(data)
        return Frame(
            "D", len(block.data), data, reference, None, None, number, depth + 1, mean, swaps_to_bytes(swaps, old)
        )

    def _mirrored(self, frame: Frame, block: bytes) -> int:
        number = self._shelf.put(frame, block)
        self._shelf.mirror(number)
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
        """The smallest of: full, leaning on one keyframe of the site, leaning on two; tried fast, then made strong."""
        size = len(block.data)
        best = self._leaning(block).on
        level = QUICK if block.previous is None else STRONG if best else ALONE
        level = level if size < SLOW_FROM else min(level, MIDDLE)
        if not best:
            return Frame("F", size, pack(block.data, b"", level))
        depth = 1 + max(self._shelf.frame(number).depth for number in best)
        base, reference = best if len(best) > 1 else (None, *best)
        return Frame("K", size, pack(block.data, self._shelf.prefix(best), level), reference, base, depth=depth)

    def _leaning(self, block: Block, *, own: bool = True) -> _References:
        """The keyframes a block best leans on, the most alike last; none when that does not pay.

        Args:
            block: what is to be kept.
            own: whether the page's own keyframe is one to lean on. Not when a keyframe is weighed against a delta:
                what leans on its own costs much the same as one, and would be no reason to begin anew.
        """
        sizes: dict[tuple[int, ...], int] = {}

        def cost(*frame_ids: int) -> float:
            depth = max((self._shelf.frame(number).depth for number in frame_ids), default=0)
            sizes[frame_ids] = len(pack(block.data, self._shelf.prefix(frame_ids), FAST))
            return sizes[frame_ids] * (1 + _DEPTH_COSTS * depth)  # what is shallow can be leaned on for longer

        candidates = self._candidates(block, own=own)
        costs: dict[tuple[int, ...], float] = {(number,): cost(number) for number in candidates}
        best, full = min(costs, key=costs.__getitem__, default=()), cost()
        if best and costs[best] < _PAIR_MAY * full:
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
            f"{newest.format('')} UNION {newest.format(' AND full = 1')}", (block.site, _CANDIDATES)
        )
        found = {row["frame_id"] for row in rows}
        if block.previous is not None and self._before(block.previous) is not None:
            number, keyframe = self._shelf.keyframe(block.previous)
            found.discard(number)
            if own and keyframe.depth < _DEEPEST_KEY:
                found.add(number)
        return sorted(number for number in found if self._is_whole(number))

    def _is_whole(self, frame_id: int) -> bool:
        try:
            self._shelf.read(frame_id)
        except ArchiveDamaged:
            return False
        return True
