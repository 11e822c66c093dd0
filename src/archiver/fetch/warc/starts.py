"""Recognize the first line of a record: `WARC/1.1`, or the line of an ARC record (version 1 or 2)."""

import re
from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
LONGEST_LINE = 1 << 14  # bytes of the line of an ARC record; addresses have at most some thousand
_VERSION = re.compile(rb"WARC/(\d{1,3}\.\d{1,3})[ \t\r]*\n", re.IGNORECASE)
_WARC = re.compile(rb"WARC/\d{1,3}\.\d{1,3}[ \t\r]{0,8}\n", re.IGNORECASE)
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{0,60}[ \t]*:")
_LINES = re.compile(rb"\n(?=WARC/|[a-z][a-z0-9+.-]{1,20}:\S)", re.IGNORECASE)
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,20}:\S")
_ADDRESS = re.compile(rb"[0-9A-Fa-f.:]+|-")
_DATE = re.compile(rb"\d{8,18}")
_DATE_OF_1, _DATE_OF_2 = 3, 8  # the place of the date in lines of version 1 and 2, counted from the end
_MOST_WORDS = 20  # of a line, from its date on


@dataclass(frozen=True, slots=True)
class ArcLine:
    """The line of an ARC record. `date` is as written, and `length` may not be a number."""

    url: bytes
    address: bytes
    date: bytes
    media_type: bytes
    length: bytes


def version_of(line: bytes) -> str | None:
    """Return the version in the first line of a WARC record; None for another line."""
    found = _VERSION.fullmatch(line)
    return found[1].decode() if found else None


def arc_line(line: bytes) -> ArcLine | None:
    """Read the line of an ARC record; None for another line.

    Addresses may have spaces, so the date is looked for from the end of the line: where version 2 has it, where
    version 1 has it, and, because media types may have spaces, before that.
    """
    if not line.endswith(b"\n") or len(line) > LONGEST_LINE or not _SCHEME.match(line):
        return None
    words = line.rstrip(b"\r\n").split(b" ")
    for back in (_DATE_OF_2, _DATE_OF_1, *range(_DATE_OF_1 + 1, _MOST_WORDS)):
        at = len(words) - back
        if at >= 2 and _DATE.fullmatch(words[at]) and _ADDRESS.fullmatch(words[at - 1]):  # noqa: PLR2004
            media_type = words[at + 1] if back == _DATE_OF_2 else b" ".join(words[at + 1 : -1])
            return ArcLine(b" ".join(words[: at - 1]), words[at - 1], words[at], media_type, words[-1])
    return None


def begins_record(data: bytes) -> bool:
    """Return whether these bytes begin with a record: enough for the start of a compressed member."""
    data = data.removeprefix(BOM)
    return _VERSION.match(data) is not None or arc_line(data[: data.find(b"\n") + 1]) is not None


def next_start(window: bytes, at: int, *, is_first: bool, is_end: bool = False, is_arc: bool = True) -> int:
    """Return the offset of the next line, at or after `at`, that begins a record; -1 when there is none.

    Args:
        window: some bytes of a file.
        at: where to begin.
        is_first: whether a line begins at the first byte of the window.
        is_end: whether nothing follows the window, so that its last record may be incomplete.
        is_arc: whether the lines of ARC records count.
    """
    if at == 0 and is_first and _begins(window, 0, is_end=is_end, is_arc=is_arc):
        return 0
    for line in _LINES.finditer(window, max(at - 1, 0)):
        if _begins(window, line.end(), is_end=is_end, is_arc=is_arc):
            return line.end()
    return -1


def _begins(window: bytes, at: int, *, is_end: bool, is_arc: bool) -> bool:
    """Return whether a record begins here: a version line and a named field, or the line of an ARC record."""
    version = _WARC.match(window, at)
    if version:
        field = _FIELD.match(window, version.end())
        return field is not None or (is_end and version.end() == len(window))
    end = window.find(b"\n", at, at + LONGEST_LINE) if is_arc else -1
    return end >= 0 and arc_line(window[at : end + 1]) is not None
