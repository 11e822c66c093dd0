"""Compressed files: gzip members (RFC 1952) or zstd frames (RFC 8878), in a valid file one for each record.

A member must reach its own end and match its own checksum: many readers accept a file that was cut in the last bytes of
a member as complete.
"""

from typing import BinaryIO

from archiver.fetch.warc.flow import CHUNK, PIECE, Buffered, DamagedFile, Mark
from archiver.fetch.warc.starts import BOM, LONGEST_LINE, begins_record
from archiver.fetch.warc.unpackers import (
    SKIPPABLE_HEADER,
    UNPACK_ERRORS,
    ZSTD,
    GzipMember,
    Unpacker,
    ZstdFrame,
    dictionary_of,
    is_skippable,
    words_of,
)

_GZIP = b"\x1f\x8b\x08"
_MOST_SKIPPED = 100  # skippable frames in a row
_ENOUGH = 1 << 16  # compressed bytes that show whether a record begins in a member


class MemberFlow(Buffered):
    """The decompressed bytes of a file of members."""

    _kind = ""
    _magic = b""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self._file = file
        self._restart(start)

    def _unpacker_of_member(self) -> Unpacker:
        """Return an unpacker for the next member."""
        raise NotImplementedError

    def _restart(self, place: int) -> None:
        self._file.seek(place)
        self._raw = b""
        self._raw_end = place  # the offset in the file of the end of `_raw`
        self._unpacker: Unpacker | None = None
        self._fault: DamagedFile | None = None  # raised again until the flow goes elsewhere
        self._buffer = b""
        self._at = 0
        self._member = place
        self._buffer_member = place
        self._buffer_skip = 0  # decompressed bytes between the start of that member and the buffer

    @property
    def place(self) -> int:
        """Return the place of the member of the next byte."""
        if self._at < len(self._buffer):
            return self._buffer_member
        return self._member if self._unpacker is not None else self._raw_end - len(self._raw)

    def peek(self, size: int) -> bytes:
        """Return the next bytes of this member without moving; of the next member when this one has no more."""
        if self._at >= len(self._buffer) and not self._fill():
            return b""
        try:
            while len(self._buffer) - self._at < size and self._unpacker is not None:
                self._unpack()
        except DamagedFile:
            pass  # it is raised again after the bytes before it
        return self._buffer[self._at : self._at + size]

    def mark(self) -> Mark:
        """Return the position of the next byte."""
        if self._at < len(self._buffer):
            return Mark(self._buffer_member, self._buffer_skip + self._at)
        if self._unpacker is not None and self._member == self._buffer_member:
            return Mark(self._member, self._buffer_skip + len(self._buffer))
        return Mark(self.place, 0)

    def go_back(self, mark: Mark) -> int:
        """Return to an earlier position; return the number of bytes that were decompressed again."""
        at = mark.skip - self._buffer_skip
        if mark.member == self._buffer_member and 0 <= at <= len(self._buffer):
            self._at = at
            return 0
        self._restart(mark.member)
        left = mark.skip
        while left and (piece := self.read(left)):
            left -= len(piece)
        return mark.skip

    def ahead(self, distance: int, size: int) -> bytes | None:  # noqa: ARG002
        """Return None: the bytes in between would have to be decompressed."""
        return None

    def is_at_next(self, place: int) -> bool:
        """Return whether the next byte begins a member with another record than the one at this place."""
        try:
            if self._at >= len(self._buffer) and (self._unpacker is not None or not self._fill()):
                return False
        except DamagedFile:
            return False  # it is raised again by the next read
        is_start = self._at == self._buffer_skip == 0 and self._buffer_member != place
        return is_start and begins_record(self.peek(LONGEST_LINE))

    def _ends_here(self) -> bool:
        if self._at >= len(self._buffer) or self._unpacker is not None:
            return False
        begins = self._begins_record(self._raw_end - len(self._raw))
        self._file.seek(self._raw_end)
        return begins

    def settle(self) -> None:
        """At the end of the member, check that it is complete and its checksum matches."""
        if self._at >= len(self._buffer) and self._fault is not None:
            raise self._fault
        while self._at >= len(self._buffer) and self._unpacker is not None:
            self._unpack()

    def resume(self, place: int) -> bool:
        """Go to the next member that begins with a record."""
        at, tail = place, b""
        self._file.seek(at)
        while data := self._file.read(CHUNK):
            tail += data
            found = tail.find(self._magic)
            while found >= 0:
                if self._begins_record(at + found):
                    self._restart(at + found)
                    return True
                found = tail.find(self._magic, found + 1)
            kept = len(self._magic) - 1
            at += max(len(tail) - kept, 0)
            tail = tail[-kept:]
            self._file.seek(at + len(tail))
        self._restart(at + len(tail))
        return False

    def _begins_record(self, place: int) -> bool:
        self._file.seek(place)
        try:
            return begins_record(self._unpacker_of_member().unpack(self._file.read(_ENOUGH), LONGEST_LINE))
        except UNPACK_ERRORS:
            return False

    def _fill(self) -> bool:
        """Add bytes to the buffer; return False at the end of the file."""
        if self._fault is not None:
            raise self._fault
        before = len(self._buffer) - self._at
        while len(self._buffer) - self._at == before:
            if self._unpacker is None and not self._next_member():
                return False
            self._unpack()
        return True

    def _more(self) -> bool:
        data = self._file.read(CHUNK)
        self._raw += data
        self._raw_end += len(data)
        return bool(data)

    def _next_member(self) -> bool:
        while len(self._raw) < SKIPPABLE_HEADER and self._more():
            pass
        self._skip()
        if not self._raw:
            return False
        self._member = self._raw_end - len(self._raw)
        if not self._raw.startswith(self._magic):
            raise self._failed(DamagedFile(self._member, f"not the start of a {self._kind}"))
        self._unpacker = self._unpacker_of_member()
        return True

    def _skip(self) -> None:
        """Go past what may stand between members: a byte order mark at the start of the file."""
        if self._raw_end == len(self._raw) and self._raw.startswith(BOM):
            self._raw, self.has_bom = self._raw.removeprefix(BOM), True

    def _failed(self, fault: DamagedFile) -> DamagedFile:
        self._unpacker, self._fault = None, fault
        return fault

    def _unpack(self) -> None:
        """Decompress one piece of the member into the buffer; at its end, close the member."""
        unpacker = self._unpacker
        assert unpacker is not None  # noqa: S101  (the callers guarantee it)
        if unpacker.is_hungry and not self._raw and not self._more():
            raise self._failed(DamagedFile(self._member, f"the file ends within a {self._kind}", is_harmless=True))
        try:
            piece = unpacker.unpack(self._raw, PIECE)
        except UNPACK_ERRORS as error:
            what = f"the {self._kind} is damaged ({words_of(error)})"
            raise self._failed(DamagedFile(self._member, what)) from error
        self._raw = unpacker.left
        if unpacker.is_ended:
            self._unpacker = None
        if piece:
            self._take(piece)

    def _take(self, piece: bytes) -> None:
        """Append a piece to the buffer. Only a buffer that is used up is replaced by the next member."""
        if self._at < len(self._buffer):
            self._buffer_skip += self._at
            self._buffer, self._at = self._buffer[self._at :] + piece, 0
            return
        self._buffer_skip = self._buffer_skip + len(self._buffer) if self._buffer_member == self._member else 0
        self._buffer, self._at, self._buffer_member = piece, 0, self._member


class GzipFlow(MemberFlow):
    """A file of gzip members (WARC 1.1, Annex A)."""

    _kind = "gzip member"
    _magic = _GZIP

    def _unpacker_of_member(self) -> Unpacker:
        return GzipMember()


class ZstdFlow(MemberFlow):
    """A file of zstd frames. A dictionary for all of them may stand in a skippable frame at its start.

    Raises:
        DamagedFile: the dictionary is damaged.
    """

    _kind = "zstd frame"
    _magic = ZSTD

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self._dictionary = dictionary_of(file)
        super().__init__(file, start)

    def _unpacker_of_member(self) -> Unpacker:
        return ZstdFrame(self._dictionary)

    def _skip(self) -> None:
        """Go past skippable frames, too."""
        super()._skip()
        for _ in range(_MOST_SKIPPED):
            if not is_skippable(self._raw):
                return
            end = self._raw_end - len(self._raw) + SKIPPABLE_HEADER + int.from_bytes(self._raw[4:8], "little")
            self._file.seek(end)
            self._raw, self._raw_end = b"", end
            while len(self._raw) < SKIPPABLE_HEADER and self._more():
                pass
        raise self._failed(DamagedFile(self._raw_end - len(self._raw), f"more than {_MOST_SKIPPED} skippable frames"))
