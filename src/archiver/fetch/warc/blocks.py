"""Read the block of a record, and find its end when its Content-Length is wrong or the file is cut.

What is right is decided by these rules, in this order:

1. A block of the stated length that is followed by two line ends is right.
2. A block that matches WARC-Block-Digest is right: of the stated length, or of the length up to the next record.
3. Otherwise the block ends where the next record begins, without the two line ends before that. It is complete when
   these line ends are there, because a writer that breaks off writes none. Otherwise it is cut.
4. At the end of the file, a block is also cut when more than four bytes of the stated length are missing.

A cut block is kept and marked. A block whose gzip member is damaged is not kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from archiver.fetch.warc.digests import Digest, Hash
from archiver.fetch.warc.flow import PIECE, DamagedFile, Flow, Mark
from archiver.fetch.warc.record_end import RecordEnd, find_end
from archiver.fetch.warc.starts import LONGEST_LINE, begins_record
from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.warc import Flaw

_END = b"\r\n\r\n"
_LIKE = 2  # bytes of the four at the end of a record that may differ
_LOOK = 16  # bytes after a block
MOST_SEARCHED = 1 << 28  # bytes read to find the ends of records
_USUAL = re.compile(rb"(?:https?|ftp|dns|whois|gopher|news|nntp|filedesc|WARC/)", re.IGNORECASE)
_NOT_CLOSED = "not closed by two line ends (CR LF each)"


@dataclass(frozen=True, slots=True)
class _Block:
    """Bytes that were read as a block: the first of them, their number, and whether their digest matches."""

    data: bytes
    length: int
    is_proved: bool | None


class BlockReader:
    """Reads the blocks of one file.

    Attributes:
        is_over: whether the file ended within a record.
    """

    def __init__(self, flow: Flow, flaw: Callable[[Flaw], None], most: int) -> None:
        self._flow, self._flaw, self._most = flow, flaw, most
        self._searched_bytes = 0
        self.is_over = False

    def read(self, place: int, record: WarcRecord, stated: int, fault: str) -> WarcRecord:
        """Return a record with its block.

        Args:
            place: the place of the record.
            record: its header.
            stated: its Content-Length; -1 when it states none that can be right.
            fault: what is wrong with its Content-Length; "" for nothing.

        Raises:
            DamagedFile: the block cannot be read.
        """
        mark = self._flow.mark()
        digest = Digest(record.get("WARC-Block-Digest") or "")
        if stated >= 0 and self._may_end(record, stated):
            block = self._taken(place, stated, digest)
            if block.length == stated and block.is_proved is not False:
                follows = self._following(place, record, block)
                if follows is not None:
                    return self._ended(place, record, block, follows)
        return self._searched(place, record, stated, mark, fault)

    def _may_end(self, record: WarcRecord, stated: int) -> bool:
        """Return whether the record may end where it says. Where that is cheap, its end is looked at first."""
        rest = self._flow.ahead(stated, LONGEST_LINE if record.is_arc else _LOOK)
        if rest is None:
            return True
        if not rest and stated and self._flow.ahead(stated - 1, 1) == b"":
            return False
        return _line_ends(rest, is_arc=record.is_arc) is not None

    def _following(self, place: int, record: WarcRecord, block: _Block) -> bytes | None:
        """Return the line ends that follow a block; None when something else follows than the next record.

        After a block of an ARC file that no line end closes, an address of an unknown scheme is the rest of another.
        """
        try:
            is_at_next = self._flow.is_at_next(place)
            rest = b"" if is_at_next else self._flow.peek(LONGEST_LINE if record.is_arc else _LOOK)
        except DamagedFile as broken:
            if not broken.is_harmless:
                raise
            rest = b""
        is_within_line = rest[:1] not in (b"", b"\r", b"\n") and block.data[-1:] not in (b"", b"\n")
        if record.is_arc and is_within_line and not _USUAL.match(rest):
            return None
        return _line_ends(rest, is_arc=record.is_arc)

    def _taken(self, place: int, length: int, digest: Digest) -> _Block:
        """Read so many bytes, or those before the next member with a record, or before the end of the file."""
        hashed: Hash | None = digest.new() if digest.is_known else None
        parts: list[bytes] = []
        left, kept = length, 0
        while left and not self._flow.is_at_next(place) and (piece := self._piece(left)):
            left -= len(piece)
            if hashed is not None:
                hashed.update(piece)
            if kept < self._most:
                parts.append(piece[: self._most - kept])
                kept += len(parts[-1])
        is_proved = None if hashed is None else hashed.digest() == digest.value
        return _Block(parts[0] if len(parts) == 1 else b"".join(parts), length - left, is_proved)

    def _piece(self, most: int) -> bytes:
        try:
            return self._flow.read(min(most, PIECE))
        except DamagedFile as broken:
            if not broken.is_harmless:
                raise
            return b""

    def _ended(self, place: int, record: WarcRecord, block: _Block, follows: bytes) -> WarcRecord:
        """Return a record whose length fits, after the check of its end."""
        stated = block.length
        if not record.is_arc:
            if follows.startswith(_END):
                self._flow.read(len(_END))
            else:
                block = self._unclosed(place, record, block, follows)
        is_cut = self._is_cut(place, record, is_proved=bool(block.is_proved))
        return _with(record, block, stated, is_cut=is_cut)

    def _unclosed(self, place: int, record: WarcRecord, block: _Block, follows: bytes) -> _Block:
        """Return a block that is not followed by two line ends.

        Some of its last bytes may be these line ends, or the first of the line ends that follow may belong to it.
        """
        swallowed = len(_END) - len(follows)
        if follows.endswith(_END) and not block.is_proved:
            more = self._taken(place, -swallowed, Digest("")).data
            self._flow.read(len(_END))
            self._tell(place, record, _wrong_length(block.length, block.length + len(more)))
            data = block.data + more if len(block.data) == block.length else block.data
            return _Block(data, block.length + len(more), None)
        is_swallowed = (
            not block.is_proved
            and swallowed > 0
            and len(block.data) == block.length
            and (block.data + follows).endswith(_END)
            and block.data.find(_END) != len(block.data) - len(_END)  # they close the headers of an empty response
        )
        if follows:
            self._flow.read(len(follows))
        if not is_swallowed:
            self._tell(place, record, _NOT_CLOSED)
            return block
        self._tell(place, record, _wrong_length(block.length, block.length - swallowed))
        return replace(block, data=block.data[:-swallowed], length=block.length - swallowed)

    def _is_cut(self, place: int, record: WarcRecord, *, is_proved: bool) -> bool:
        """Return whether the member of a record lacks its end, with its checksum, and nothing else proves the block."""
        try:
            self._flow.settle()
        except DamagedFile as broken:
            if not broken.is_harmless:
                raise
            self.is_over = True
            what = "the digest of its block matches" if is_proved else "what is there is kept"
            self._tell(place, record, f"{broken.what}; {what}")
            return not is_proved
        return False

    def _searched(self, place: int, record: WarcRecord, stated: int, mark: Mark, fault: str) -> WarcRecord:
        """Return a record whose length does not fit, with the bytes up to the next record."""
        if self._searched_bytes > MOST_SEARCHED:
            raise DamagedFile(place, f"{fault or f'Content-Length says {stated}'}, but the record does not end there")
        self._searched_bytes += self._flow.go_back(mark)
        end = find_end(self._flow, place, stated, MOST_SEARCHED - self._searched_bytes, is_arc=record.is_arc)
        self._searched_bytes += end.scanned
        closing = end.closing(is_arc=record.is_arc)
        length = end.total - closing
        is_closed = closing > 0 or (record.is_arc and not end.is_last)
        if _closes_badly(end, stated):
            length, is_closed = stated, True
        missing = stated - length if stated >= 0 else 0
        is_cut = not is_closed or (end.is_last and missing > len(_END))
        block = self._matching(place, record, mark, length, stated, end.total)
        is_cut = is_cut and not block.is_proved
        self._searched_bytes += end.total
        self.is_over = end.is_last
        if is_cut or block.length != stated or end.total - stated != closing:
            self._tell(place, record, _told(stated, block.length, fault, end, is_cut=is_cut))
        return _with(record, block, stated, is_cut=is_cut)

    def _matching(self, place: int, record: WarcRecord, mark: Mark, length: int, stated: int, total: int) -> _Block:
        """Return the block of this length, or of the stated one when only that matches its digest; go to the end."""
        digest = Digest(record.get("WARC-Block-Digest") or "")
        lengths = [length, stated] if digest.is_known and 0 <= stated <= total != length else [length]
        block = _Block(b"", 0, None)
        for each in lengths:
            self._searched_bytes += self._flow.go_back(mark)
            block = self._taken(place, each, digest)
            if block.is_proved is not False:
                break
        else:
            self._flow.go_back(mark)
            block = self._taken(place, length, digest)
        left = total - block.length
        while left and (piece := self._piece(left)):
            left -= len(piece)
        return block

    def _tell(self, place: int, record: WarcRecord, what: str) -> None:
        self._flaw(Flaw(place, what, record.record_id, lost=False))


def _with(record: WarcRecord, block: _Block, stated: int, *, is_cut: bool) -> WarcRecord:
    """Return the record with a block. The digest of a complete block says nothing about a cut one."""
    return replace(
        record,
        block=block.data,
        length=block.length,
        is_proved=None if is_cut else block.is_proved,
        is_cut=is_cut,
        has_wrong_length=block.length != stated,
    )


def _line_ends(rest: bytes, *, is_arc: bool) -> bytes | None:
    """Return the line ends at the start of what follows a block; None when no record follows them."""
    after = rest.lstrip(b"\r\n")
    ends = rest[: len(rest) - len(after)]
    if is_arc:
        return ends if not after or begins_record(after) else None
    if ends.startswith(_END) or not after:
        return ends
    start = b"WARC/"[: len(after)]
    return ends if after[: len(start)].upper() == start else None


def _closes_badly(end: RecordEnd, stated: int) -> bool:
    """Return whether the stated end is four bytes before the next record, and most of them are right."""
    if end.total - stated != len(_END):
        return False
    return sum(one == other for one, other in zip(end.tail[-len(_END) :], _END, strict=False)) >= _LIKE


def _told(stated: int, length: int, fault: str, end: RecordEnd, *, is_cut: bool) -> str:
    """Return the message about a length that does not fit."""
    if not is_cut:
        if length == stated:
            return _NOT_CLOSED
        return f"{fault}; the block has {length} bytes" if fault else _wrong_length(stated, length)
    says = fault or f"Content-Length says {stated}"
    if end.is_last:
        return f"{end.fault}: {says}, {length} bytes are there"
    return f"{says}, but the next record begins after {length} bytes, without the line ends that close a record"


def _wrong_length(stated: int, length: int) -> str:
    return f"Content-Length says {stated}, but the block has {length} bytes ({stated - length:+d})"
