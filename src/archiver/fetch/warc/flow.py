"""The decompressed bytes of a WARC file, each with its place in the file. Damage is reported and not skipped silently.

A compressed file is a sequence of members, gzip members or zstd frames: see `members`.
"""

from typing import BinaryIO, NamedTuple, Protocol

from archiver.fetch.warc.starts import LONGEST_LINE, next_start

CHUNK = 1 << 18  # bytes read from the file at a time
PIECE = 1 << 18  # bytes decompressed at a time


class DamagedFile(Exception):
    """The file is damaged.

    Attributes:
        place: offset in the file, in bytes: of the member, else of the byte.
        is_harmless: whether the file only ends too early, so that the bytes before that may be kept.
    """

    def __init__(self, place: int, what: str, *, is_harmless: bool = False) -> None:
        super().__init__(what)
        self.place = place
        self.what = what
        self.is_harmless = is_harmless


class Mark(NamedTuple):
    """A position: the offset of a member in the file, and the number of decompressed bytes after its start."""

    member: int
    skip: int


class Flow(Protocol):
    """Decompressed bytes in order.

    Attributes:
        has_bom: whether a byte order mark precedes the first member.
    """

    has_bom: bool

    @property
    def place(self) -> int:
        """Return the place in the file of the next byte: its gzip member, else the byte itself."""

    def read(self, size: int) -> bytes:
        """Return the next bytes, `size` at most; b"" at the end of the file. Raises DamagedFile."""

    def line(self, most: int) -> bytes:
        """Return the bytes through the next line feed, `most` at most; else the rest. Raises DamagedFile."""

    def peek(self, size: int) -> bytes:
        """Return the next bytes of this member without moving; of the next member when this one has no more."""

    def mark(self) -> Mark:
        """Return the position of the next byte."""

    def go_back(self, mark: Mark) -> int:
        """Return to an earlier position; return how many bytes were decompressed again. Raises DamagedFile."""

    def ahead(self, distance: int, size: int) -> bytes | None:
        """Return the bytes at a distance without moving there; None when that is not possible at once."""

    def is_at_next(self, place: int) -> bool:
        """Return whether the next byte begins a member with another record than the one at this place."""

    def settle(self) -> None:
        """At the end of a gzip member, check that it is complete. Raises DamagedFile."""

    def resume(self, place: int) -> bool:
        """Go to the next place, at or after this one, where a record seems to begin; False when there is none."""


class Buffered:
    """A buffer with a position."""

    has_bom = False
    _buffer = b""
    _at = 0

    def _fill(self) -> bool:
        """Add bytes to the buffer; return False at the end of the file."""
        raise NotImplementedError

    def _ends_here(self) -> bool:
        """Return whether a member ends with the buffer, and the next one begins with another record."""
        return False

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
        while end < 0 and len(self._buffer) - self._at < most and not self._ends_here() and self._fill():
            end = self._buffer.find(b"\n", self._at, self._at + most)
        stop = end + 1 if end >= 0 else min(self._at + most, len(self._buffer))
        data = self._buffer[self._at : stop]
        self._at = stop
        return data


class PlainFlow(Buffered):
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

    def peek(self, size: int) -> bytes:
        """Return the next bytes without moving."""
        while len(self._buffer) - self._at < size and self._fill():
            pass
        return self._buffer[self._at : self._at + size]

    def mark(self) -> Mark:
        """Return the position of the next byte."""
        return Mark(self.place, 0)

    def go_back(self, mark: Mark) -> int:
        """Return to an earlier position."""
        at = len(self._buffer) - (self._end - mark.member)
        if 0 <= at <= len(self._buffer):
            self._at = at
        else:
            self._restart(mark.member)
        return 0

    def ahead(self, distance: int, size: int) -> bytes | None:
        """Return the bytes at a distance."""
        here = self._file.tell()
        self._file.seek(max(self.place + distance, 0))
        found = self._file.read(size)
        self._file.seek(here)
        return found

    def is_at_next(self, place: int) -> bool:  # noqa: ARG002
        """Return False: there are no members."""
        return False

    def settle(self) -> None:
        """Do nothing: there is nothing to check."""

    def resume(self, place: int) -> bool:
        """Go to the next line that begins a record."""
        base = max(place - 1, 0)  # the byte before tells whether a line begins at the place
        self._file.seek(base)
        window, at, is_end = b"", max(place, 0) - base, False
        while not is_end:
            data = self._file.read(CHUNK)
            window, is_end = window + data, not data
            found = next_start(window, at, is_first=base == 0, is_end=is_end)
            if found >= 0:
                self._restart(base + found)
                return True
            dropped = max(len(window) - LONGEST_LINE, 0)
            base, window, at = base + dropped, window[dropped:], max(at - dropped, 1)
        self._restart(base + len(window))
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
