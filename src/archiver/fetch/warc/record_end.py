"""Find where a record with a wrong length ends: where the next record begins, or at the end of the file."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from archiver.fetch.warc.flow import PIECE, DamagedFile, Flow
from archiver.fetch.warc.starts import LONGEST_LINE, next_start

_NEAR = 64  # bytes: a record that begins so near to the stated end is the next one
_TAIL = 16  # bytes before the end that are kept
_FIRST_PIECE = 1 << 13  # bytes; pieces grow from there
_MOST_STARTS = 10  # lines like the start of a record that are looked at
_CLOSING = re.compile(rb"\r*\n\r*\n\Z")
_CLOSING_ARC = re.compile(rb"\r?\n\Z")


class RecordEnd(NamedTuple):
    """The end of a record.

    Attributes:
        total: bytes between the start of the block and the next record, or the end of the file.
        tail: the last of them, 16 at most.
        is_last: whether the file ends here.
        scanned: bytes that were read.
        fault: where the file ends, in words.
    """

    total: int
    tail: bytes
    is_last: bool
    scanned: int
    fault: str = "the file ends within a record"

    def closing(self, *, is_arc: bool) -> int:
        """Return the length of the line ends that close the record; 0 when it is not closed."""
        found = (_CLOSING_ARC if is_arc else _CLOSING).search(self.tail)
        return len(found[0]) if found else 0


class _SearchedBytes:
    """The last bytes that were read from a flow, and the starts of records in them."""

    def __init__(self, flow: Flow, place: int, *, is_arc: bool) -> None:
        self._flow, self._place, self._is_arc = flow, place, is_arc
        self._bytes = b""
        self._base = self._at = 0
        self._size = _FIRST_PIECE
        self.is_last = False
        self._fault = RecordEnd._field_defaults["fault"]

    @property
    def end(self) -> RecordEnd:
        """The end of what was read."""
        return RecordEnd(self.total, self._bytes[-_TAIL:], self.is_last, self.total, self._fault)

    @property
    def total(self) -> int:
        """How many bytes were read."""
        return self._base + len(self._bytes)

    def grow(self) -> bool:
        """Read on; return False at the end of the file, and before a member that begins with a record.

        Raises:
            DamagedFile: the next bytes are damaged, and not only cut.
        """
        dropped = max(len(self._bytes) - LONGEST_LINE - _TAIL, 0)
        self._base, self._bytes, self._at = self._base + dropped, self._bytes[dropped:], max(self._at - dropped, 0)
        if self._flow.is_at_next(self._place):
            return False
        try:
            piece = self._flow.read(self._size)
        except DamagedFile as broken:
            if not broken.is_harmless:
                raise
            piece, self._fault = b"", broken.what
        self._size = min(self._size * 2, PIECE)
        self._bytes += piece
        self.is_last = not piece
        return bool(piece)

    def starts(self, *, is_end: bool) -> Iterator[RecordEnd]:
        """Yield the places where records seem to begin; `is_end`: nothing follows."""
        at = self._at
        while (at := next_start(self._bytes, at, is_first=self._base == 0, is_end=is_end, is_arc=self._is_arc)) >= 0:
            yield RecordEnd(self._base + at, self._bytes[max(at - _TAIL, 0) : at], is_last=False, scanned=self.total)
            at += 1
        self._at = max(len(self._bytes) - LONGEST_LINE, self._at)


def find_end(flow: Flow, place: int, stated: int, most: int, *, is_arc: bool) -> RecordEnd:
    """Find the end of a record whose block begins at the flow's position.

    The next record is the first line that looks like one, unless another such line is near to the stated end: a page
    may quote a WARC file.

    Args:
        flow: the file.
        place: the place of the record.
        stated: the stated length of the block; -1 for none.
        most: bytes that may be read beyond the first such line.
        is_arc: whether it is an ARC file.

    Raises:
        DamagedFile: the bytes of the record are damaged.
    """
    window = _SearchedBytes(flow, place, is_arc=is_arc)
    first: RecordEnd | None = None
    seen, more = 0, True
    while more:
        more = window.grow()
        for found in window.starts(is_end=not more):
            seen += 1
            first = first or found
            if abs(found.total - stated) <= _NEAR:
                return found._replace(scanned=window.total)
            if found.total > stated or seen > _MOST_STARTS:
                return first._replace(scanned=window.total)
        if first is not None and (window.total > stated + LONGEST_LINE or window.total - first.total > most):
            break
    return first._replace(scanned=window.total) if first is not None else window.end
