"""The decompressed bytes of a WARC file, each with its place in the file. Damage is reported and not skipped silently.

A gzip member must reach its own end and match its own checksum (RFC 1952): many readers accept a file that was cut in
the last bytes of a member as complete.
"""

import zlib
from typing import BinaryIO, Protocol

CHUNK = 1 << 18  # bytes read from the file at a time
PIECE = 1 << 18  # bytes decompressed at a time
_MAGIC = b"\x1f\x8b\x08"
_LOOK = 64  # bytes decompressed to see whether a record begins here
_ENOUGH = 4096  # compressed bytes that give them


class DamagedFile(Exception):
    """The file is damaged.

    Attributes:
        place: offset in the file, in bytes: of the gzip member, else of the byte.
        is_harmless: whether the bytes read so far may be valid, if a digest proves it.
    """

    def __init__(self, place: int, what: str, *, is_harmless: bool = False) -> None:
        super().__init__(what)
        self.place = place
        self.what = what
        self.is_harmless = is_harmless


class Flow(Protocol):
    """Decompressed bytes in order."""

    @property
    def place(self) -> int:
        """Return the place in the file of the next byte: its gzip member, else the byte itself."""

    def read(self, size: int) -> bytes:
        """Return the next bytes, `size` at most; b"" at the end of the file. Raises DamagedFile."""

    def line(self, most: int) -> bytes:
        """Return the bytes through the next line feed, `most` at most; else the rest. Raises DamagedFile."""

    def give_back(self, data: bytes) -> None:
        """Push back bytes that were just read."""

    def ahead(self, distance: int, size: int) -> bytes | None:
        """Return the bytes at a distance without moving there; None when that is not possible at once."""

    def in_another(self, place: int) -> bool:
        """Return whether the last bytes are of another gzip member than the one at this place."""

    def settle(self) -> None:
        """At the end of a gzip member, check that it is complete. Raises DamagedFile."""

    def resume(self, place: int) -> bool:
        """Go to the next place, at or after this one, where a record seems to begin; False when there is none."""


class _Buffered:
    """A buffer with a position."""

    _buffer = b""
    _at = 0

    def _fill(self) -> bool:
        """Add bytes to the buffer; return False at the end of the file."""
        raise NotImplementedError

    def read(self, size: int) -> bytes:
        """Return the next bytes, `size` at most."""
        if self._at >= len(self._buffer) and not self._fill():
            return b""
        data = self._buffer[self._at : self._at + size]
        self._at += len(data)
        return data

    def line(self, most: int) -> bytes:
        """Return the bytes through the next line feed, `most` at most."""
        end = self._buffer.find(b"\n", self._at, self._at + most)
        while end < 0 and len(self._buffer) - self._at < most and self._fill():
            end = self._buffer.find(b"\n", self._at, self._at + most)
        stop = end + 1 if end >= 0 else min(self._at + most, len(self._buffer))
        data = self._buffer[self._at : stop]
        self._at = stop
        return data

    def give_back(self, data: bytes) -> None:
        """Push back bytes that were just read."""
        self._buffer = data + self._buffer[self._at :]
        self._at = 0


class PlainFlow(_Buffered):
    """A file that is not compressed."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self._file = file
        self._file.seek(start)
        self._buffer = b""
        self._at = 0
        self._end = start

    @property
    def place(self) -> int:
        """Return the place in the file of the next byte."""
        return self._end - len(self._buffer) + self._at

    def ahead(self, distance: int, size: int) -> bytes | None:
        """Return the bytes at a distance."""
        here = self._file.tell()
        self._file.seek(max(self.place + distance, 0))
        found = self._file.read(size)
        self._file.seek(here)
        return found

    def in_another(self, place: int) -> bool:  # noqa: ARG002
        """Return False: there are no members."""
        return False

    def settle(self) -> None:
        """Do nothing: there is nothing to check."""

    def resume(self, place: int) -> bool:
        """Go to the next line that begins a record."""
        at = max(place, 0)
        tail = b"\n" if at == 0 else b""
        self._file.seek(at)
        base = at - len(tail)
        while data := self._file.read(CHUNK):
            tail += data
            found = tail.find(b"\nWARC/")
            if found >= 0:
                self._restart(base + found + 1)
                return True
            base += max(len(tail) - 5, 0)
            tail = tail[-5:]
        self._restart(base + len(tail))
        return False

    def _restart(self, place: int) -> None:
        self._file.seek(place)
        self._buffer, self._at, self._end = b"", 0, place

    def _fill(self) -> bool:
        more = self._file.read(CHUNK)
        self._end += len(more)
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return bool(more)


class GzipFlow(_Buffered):
    """A file of gzip members; in a valid WARC file, each is one record (WARC 1.1, Annex A)."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self._file = file
        self._restart(start)

    def _restart(self, place: int) -> None:
        self._file.seek(place)
        self._raw = b""
        self._raw_end = place  # the offset in the file of the end of `_raw`
        self._unpacker: zlib._Decompress | None = None
        self._buffer = b""
        self._at = 0
        self._member = place
        self._buffer_member = place

    @property
    def place(self) -> int:
        """Return the place of the gzip member of the next byte."""
        if self._at < len(self._buffer):
            return self._buffer_member
        return self._member if self._unpacker is not None else self._raw_end - len(self._raw)

    def ahead(self, distance: int, size: int) -> bytes | None:  # noqa: ARG002
        """Return None: the bytes in between would have to be decompressed."""
        return None

    def in_another(self, place: int) -> bool:
        """Return whether the last bytes are of another gzip member than the one at this place."""
        return self._buffer_member != place

    def settle(self) -> None:
        """At the end of the member, check that it is complete and its checksum matches."""
        while self._at >= len(self._buffer) and self._unpacker is not None:
            self._unpack()

    def resume(self, place: int) -> bool:
        """Go to the next gzip member that begins with a record."""
        at, tail = place, b""
        self._file.seek(at)
        while data := self._file.read(CHUNK):
            tail += data
            found = tail.find(_MAGIC)
            while found >= 0:
                if self._begins_record(at + found):
                    self._restart(at + found)
                    return True
                found = tail.find(_MAGIC, found + 1)
            at += max(len(tail) - 2, 0)
            tail = tail[-2:]
            self._file.seek(at + len(tail))
        self._restart(at + len(tail))
        return False

    def _begins_record(self, place: int) -> bool:
        self._file.seek(place)
        try:
            start = zlib.decompressobj(31).decompress(self._file.read(_ENOUGH), _LOOK)
        except zlib.error:
            return False
        return start.startswith(b"WARC/") or (start[:1].isalpha() and b"://" in start[:20])

    def _fill(self) -> bool:
        """Add bytes to the buffer; return False at the end of the file."""
        if self._at >= len(self._buffer):
            self._buffer, self._at = b"", 0
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
        while len(self._raw) < len(_MAGIC) and self._more():
            pass
        if not self._raw:
            return False
        self._member = self._raw_end - len(self._raw)
        if not self._raw.startswith(_MAGIC):
            raise DamagedFile(self._member, "not the start of a gzip member")
        self._unpacker = zlib.decompressobj(31)
        return True

    def _unpack(self) -> None:
        """Decompress one piece of the member into the buffer; at its end, close the member."""
        unpacker = self._unpacker
        assert unpacker is not None  # noqa: S101  (the callers guarantee it)
        if not self._raw and not self._more():
            self._unpacker = None
            raise DamagedFile(self._member, "the file ends within a gzip member", is_harmless=True)
        try:
            piece = unpacker.decompress(self._raw, PIECE)
        except zlib.error as error:
            self._unpacker = None
            raise DamagedFile(self._member, f"the gzip member is damaged ({_words(error)})") from error
        if unpacker.eof:
            self._raw, self._unpacker = unpacker.unused_data, None
        else:
            self._raw = unpacker.unconsumed_tail
        if piece:
            if self._at >= len(self._buffer):
                self._buffer, self._at, self._buffer_member = piece, 0, self._member
            else:
                self._buffer, self._at = self._buffer[self._at :] + piece, 0


def _words(error: zlib.error) -> str:
    return str(error).rpartition(": ")[2]
