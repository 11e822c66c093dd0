"""Yield WARC records in the order of a file: WARC 1.0, 1.1 (ISO 28500) and ARC. Damage is reported and skipped."""

from collections.abc import Callable, Iterator

from archiver.fetch.warc.blocks import BlockReader
from archiver.fetch.warc.dates import date_of_arc
from archiver.fetch.warc.fields import MOST_HEAD, read_fields
from archiver.fetch.warc.flow import DamagedFile, Flow
from archiver.fetch.warc.starts import BOM, ArcLine, arc_line, version_of
from archiver.fetch.warc.warc_record import WarcRecord
from archiver.model.warc import Flaw
from archiver.text.clean import printable

_LONGEST = 1 << 40  # bytes of a block; a larger length is damaged
_DIGITS = 14  # of the date of an ARC record
_NO_TYPE = ("no-type", "-", "")

Hears = Callable[[Flaw], None]
"""Called with each flaw when it is found."""


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
        self._blocks = BlockReader(flow, flaw, most)
        self._line_place = 0

    def __iter__(self) -> Iterator[WarcRecord]:
        while not self._blocks.is_over:
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
        version = version_of(line)
        if version:
            return self._warc(place, version)
        arc = arc_line(line)
        if arc:
            return self._arc(place, arc)
        raise DamagedFile(place, f"not the start of a record: {printable(line[:40].decode('latin-1'), 60)!r}")

    def _first_line(self) -> bytes:
        """Return the next line that is not empty: two line ends separate records, and some writers add more."""
        while True:
            self._flow.peek(1)  # of a compressed file, the place is known only when the member was opened
            self._line_place = self._flow.place
            line = self._flow.line(MOST_HEAD)
            if line.startswith(BOM) or self._flow.has_bom:
                line, self._flow.has_bom = line.removeprefix(BOM), False
                self._tell(self._line_place, "a byte order mark before a record")
            if not line or line.strip(b"\r\n"):
                return line

    def _tell(self, place: int, what: str, record_id: str = "") -> None:
        self._flaw(Flaw(place, what, record_id, lost=False))

    def _warc(self, place: int, version: str) -> WarcRecord:
        fields = read_fields(self._flow, place, lambda what: self._tell(place, what))
        record = WarcRecord.of(place, version, fields)
        return self._blocks.read(place, record, *_stated(record.get("Content-Length") or ""))

    def _arc(self, place: int, line: ArcLine) -> WarcRecord:
        """Return an ARC record (version 1 or 2) as a WARC record."""
        url, media_type = line.url.decode("utf-8", "replace"), line.media_type.decode("latin-1").strip()
        if " " in url:
            self._tell(place, "an ARC record with spaces in its address")
        if len(line.date) != _DIGITS:
            self._tell(place, f"the date of an ARC record has {len(line.date)} digits and not {_DIGITS}")
        fields = [
            ("WARC-Type", "warcinfo" if url.lower().startswith("filedesc:") else "response"),
            ("WARC-Target-URI", url.replace(" ", "%20")),
            ("WARC-Date", date_of_arc(line.date.decode())),
            ("WARC-IP-Address", line.address.decode("latin-1")),
        ]
        if media_type.lower() not in _NO_TYPE:
            fields.append(("WARC-Identified-Payload-Type", media_type))
        length = line.length.decode("latin-1")
        record = WarcRecord.of(place, "ARC", (*fields, ("Content-Length", length)))
        return self._blocks.read(place, record, *_stated(length))


def _stated(text: str) -> tuple[int, str]:
    """Return a Content-Length, and what is wrong with it; -1 when it cannot be used."""
    if not text:
        return -1, "no Content-Length"
    if not (text.isascii() and text.isdigit()):
        return -1, f"Content-Length is not a number ({printable(text, 40)!r})"
    if len(text) > len(str(_LONGEST)) or int(text) >= _LONGEST:
        return -1, f"Content-Length is too large ({printable(text, 40)})"
    return int(text), ""
