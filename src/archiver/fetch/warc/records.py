"""Yield WARC records in the order of a file: WARC 1.0, 1.1 (ISO 28500) and ARC. Damage is reported and skipped."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from archiver.fetch.warc.digests import Digest, Hash
from archiver.fetch.warc.flow import PIECE, DamagedFile, Flow
from archiver.model.warc import Flaw
from archiver.text.clean import printable

MOST_HEAD = 1 << 18  # bytes of a record's header
_LONGEST = 1 << 40  # bytes of a block; a larger length is damaged
_VERSION = re.compile(rb"WARC/(\d{1,3}\.\d{1,3})[ \t]*\r?\n")
_ARC = re.compile(
    rb"(?P<url>[A-Za-z][A-Za-z0-9+.-]*:\S+) (?P<ip>\S+) (?P<date>\d{14}) (?P<mime>[^\r\n]*?) (?:\S+ \S+ \S+ \S+ \S+ )?"
    rb"(?P<length>\d{1,15})\r?\n"
)
_END = b"\r\n\r\n"
_LIKE = 2  # bytes of the four at the end of a record that may differ
_MOST_WASTED = 1 << 30  # bytes read for records that turn out to be invalid
_NO_END = "Content-Length says {}, but the record does not end there"

Hears = Callable[[Flaw], None]
"""Called with each flaw when it is found."""


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record.

    Attributes:
        place: offset in the file of the record, or of the gzip member that holds it.
        version: "1.0", "1.1", or "ARC".
        fields: named fields in order, with the names as written.
        block: its bytes, or the first `most` bytes of a larger block.
        length: the length of the complete block.
        is_proved: whether the block's digest matched; None when there is no digest of a known algorithm.
    """

    place: int
    version: str
    fields: tuple[tuple[str, str], ...]
    block: bytes = b""
    length: int = 0
    is_proved: bool | None = None
    _index: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def get(self, name: str) -> str | None:
        """Return the first field of a name, in any case."""
        return self._index.get(name.lower())

    def all(self, name: str) -> list[str]:
        """Return all fields of a name."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def uri(self, name: str) -> str | None:
        """Return a field that is an address or an id, without the angle brackets that some writers add."""
        value = self.get(name)
        return value[1:-1] if value and value[0] == "<" and value[-1] == ">" else value

    @property
    def kind(self) -> str:
        """Return WARC-Type."""
        return (self.get("WARC-Type") or "").lower()

    @property
    def record_id(self) -> str:
        """Return WARC-Record-ID without angle brackets; "" when there is none, as in ARC."""
        return self.uri("WARC-Record-ID") or ""

    @property
    def is_whole(self) -> bool:
        """Return whether the complete block is in memory."""
        return len(self.block) == self.length


class RecordReader:
    """Reads a file once, as an iterator. `flaw` is called with every fault; reading goes on after it.

    Args:
        flow: the bytes of the file.
        flaw: is called with each fault.
        most: bytes of a block that are kept in memory; the rest is only checked.
    """

    def __init__(self, flow: Flow, flaw: Hears, most: int) -> None:
        self._flow = flow
        self._flaw = flaw
        self._most = most
        self._wasted = 0

    def __iter__(self) -> Iterator[WarcRecord]:
        while True:
            place = self._flow.place
            try:
                record = self._next()
            except DamagedFile as broken:
                self._flaw(Flaw(broken.place, broken.what))
                if not self._flow.resume(max(broken.place, place) + 1):
                    return
                continue
            if record is None:
                return
            yield record

    def _next(self) -> WarcRecord | None:
        """Return the next record; None at the end of the file."""
        line = self._first_line()
        if not line:
            return None
        place = self._line_place
        version = _VERSION.fullmatch(line)
        if version:
            return self._warc(place, version[1].decode())
        arc = _ARC.fullmatch(line)
        if arc:
            return self._arc(place, arc)
        raise DamagedFile(place, f"not the start of a record: {printable(line[:40].decode('latin-1'), 60)!r}")

    def _first_line(self) -> bytes:
        """Return the next line that is not empty: two line ends separate records, and some writers add more."""
        while True:
            self._line_place = self._flow.place
            line = self._flow.line(MOST_HEAD)
            if line not in (b"\r\n", b"\n"):
                return line

    def _warc(self, place: int, version: str) -> WarcRecord:
        fields = tuple(self._fields(place))
        index: dict[str, str] = {}
        for name, value in fields:
            index.setdefault(name.lower(), value)
        length = index.get("content-length", "")
        if not (length.isascii() and length.isdigit() and int(length) < _LONGEST):
            raise DamagedFile(
                place, f"Content-Length is not a number ({printable(length, 40)!r})" if length else "no Content-Length"
            )
        return self._block(place, WarcRecord(place, version, fields, b"", int(length), None, index))

    def _fields(self, place: int) -> Iterator[tuple[str, str]]:
        """Return named fields, through the empty line; a line that begins with white space continues the one before."""
        name, value, left = "", "", MOST_HEAD
        while True:
            line = self._flow.line(left)
            left -= len(line)
            if not line.endswith(b"\n"):
                raise (
                    DamagedFile(place, "the file ends within a record's header", is_harmless=True)
                    if left > 0
                    else DamagedFile(place, f"a record's header of more than {MOST_HEAD} bytes")
                )
            text = line.rstrip(b"\r\n").decode("utf-8", "replace")
            if name and (not text or text[0] not in " \t"):
                yield name, value
                name = ""
            if not text:
                return
            if text[0] in " \t":
                value = f"{value} {text.strip()}".strip()
                continue
            name, colon, value = text.partition(":")
            name, value = name.strip(), value.strip()
            if not colon or not name:
                raise DamagedFile(place, f"a line in a record's header without a colon: {printable(text, 60)!r}")

    def _arc(self, place: int, found: re.Match[bytes]) -> WarcRecord:
        """Return an ARC record (version 1 or 2) as a WARC record."""
        url, date = found["url"].decode("utf-8", "replace"), found["date"].decode()
        is_info = url.startswith("filedesc:")
        fields = (
            ("WARC-Type", "warcinfo" if is_info else "response"),
            ("WARC-Target-URI", url),
            ("WARC-Date", f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:]}Z"),
            ("WARC-IP-Address", found["ip"].decode("latin-1")),
            ("Content-Type", "application/http;msgtype=response"),
            ("Content-Length", found["length"].decode()),
        )
        index = {name.lower(): value for name, value in fields}
        return self._block(place, WarcRecord(place, "ARC", fields, b"", int(found["length"]), None, index))

    def _block(self, place: int, record: WarcRecord) -> WarcRecord:
        """Read a record's block, check its digest, and check that the record ends where it says."""
        digest = Digest(record.get("WARC-Block-Digest") or "")
        hashed = digest.new() if digest.is_known else None
        self._reaches(place, record)
        block = self._taken(place, record, hashed)
        is_proved = None if hashed is None else hashed.digest() == digest.value
        fault = self._ending(place, record)
        if fault is not None:
            if not (fault.is_harmless and is_proved):
                self._wasted += record.length
                raise fault
            self._flaw(Flaw(place, f"{fault.what}; the digest of its block matches", record.record_id, lost=False))
        return replace(record, block=block, is_proved=is_proved)

    def _reaches(self, place: int, record: WarcRecord) -> None:
        """Look at the record's end first, where that is cheap: a wrong length would swallow the next records.

        A length that is nearly right is tried, as long as not too many bytes were read in vain.
        """
        end = self._flow.ahead(record.length, len(_END))
        if end is None or record.version == "ARC" or end == _END:
            return
        if not end and self._flow.ahead(record.length - 1, 1) == b"":
            raise DamagedFile(
                place, f"Content-Length says {record.length}, but the file ends before that", is_harmless=True
            )
        alike = sum(one == other for one, other in zip(end, _END, strict=False))
        if self._wasted > _MOST_WASTED or (end[:4] != b"WARC" and alike + _LIKE < len(end)):
            raise DamagedFile(place, _NO_END.format(record.length))

    def _taken(self, place: int, record: WarcRecord, hashed: Hash | None) -> bytes:
        parts: list[bytes] = []
        left, kept = record.length, 0
        while left:
            piece = self._flow.read(min(left, PIECE))
            if not piece:
                got = record.length - left
                raise DamagedFile(
                    place, f"Content-Length says {record.length}, but the file ends after {got}", is_harmless=True
                )
            if piece.startswith(b"WARC/1.") and self._flow.in_another(place):
                self._flow.give_back(piece)
                raise DamagedFile(place, f"Content-Length says {record.length}, but its gzip member ends before that")
            left -= len(piece)
            if hashed is not None:
                hashed.update(piece)
            if kept < self._most:
                parts.append(piece[: self._most - kept])
                kept += len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _ending(self, place: int, record: WarcRecord) -> DamagedFile | None:
        """Return the fault at the end of a record or of its gzip member, or None."""
        try:
            self._closes(place, record)
            self._flow.settle()
        except DamagedFile as broken:
            return broken
        return None

    def _closes(self, place: int, record: WarcRecord) -> None:
        """Read the end of a record: two line ends in WARC, one in ARC."""
        end = b"\n" if record.version == "ARC" else _END
        found = self._flow.read(len(end))
        while found and len(found) < len(end) and (more := self._flow.read(len(end) - len(found))):
            found += more
        if found == end:
            return
        if record.version == "ARC":
            self._flow.give_back(found)  # some writers leave it out
        elif end.startswith(found):
            raise DamagedFile(place, "the file ends before the two line ends that close a record", is_harmless=True)
        elif not found.strip(b"\r\nWARC/"):
            self._flow.give_back(found.lstrip(b"\r\n"))
            self._flaw(Flaw(place, "not closed by two line ends (CR LF each)", record.record_id, lost=False))
        else:
            raise DamagedFile(place, _NO_END.format(record.length), is_harmless=True)
