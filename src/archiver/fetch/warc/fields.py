"""Read the named fields of a record's header (WARC 1.1, 4), as strictly as they can be understood."""

import re
from collections.abc import Callable, Iterator

from archiver.fetch.warc.flow import DamagedFile, Flow
from archiver.fetch.warc.starts import version_of
from archiver.text.clean import printable

MOST_HEAD = 1 << 18  # bytes of a record's header
_MOST_QUOTED = 100  # lines of a quoted string
_NAME = re.compile(r"(?:WARC|Content)-[A-Za-z-]+[ \t]*:", re.IGNORECASE)
_QUOTE = re.compile(r'(?<!\\)"')

Told = Callable[[str], None]
"""Called with each fault that does not prevent the header from being read."""


def read_fields(flow: Flow, place: int, told: Told) -> tuple[tuple[str, str], ...]:
    """Read named fields, through the empty line.

    A line that begins with white space continues the one before, and so do the lines of an open quoted string. A line
    without a colon is reported and left out, as other readers do.

    Raises:
        DamagedFile: the header does not end, or is too long.
    """
    lines = list(_lines(flow, place))
    fields: list[tuple[str, str]] = []
    at = 0
    while at < len(lines):
        count = _quoted(lines, at)
        text = "\n".join(lines[at : at + count])
        at += count
        if fields and text[0] in " \t":
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {text.strip()}".strip())
            continue
        if count > 1:
            told("a quoted string of several lines in a header")
        name, colon, value = text.partition(":")
        if colon and name.strip():
            fields.append((name.strip(), value.strip()))
        else:
            told(f"a header line without a colon: {printable(text, 60)!r}")
    return tuple(fields)


def _lines(flow: Flow, place: int) -> Iterator[str]:
    """Yield the lines before the empty line, without their ends: CR LF, LF or CR CR LF."""
    left = MOST_HEAD
    while True:
        if flow.is_at_next(place):
            raise DamagedFile(place, "another record begins within a record's header")
        line = flow.line(left)
        left -= len(line)
        if not line.endswith(b"\n"):
            if left <= 0:
                raise DamagedFile(place, f"a record's header of more than {MOST_HEAD} bytes")
            raise DamagedFile(place, "the file or the member ends within a record's header")
        if version_of(line):
            raise DamagedFile(place, "another record begins within a record's header")
        text = line.rstrip(b"\r\n")
        if not text:
            return
        yield _text(text)


def _text(line: bytes) -> str:
    """Decode a line: UTF-8, as the standard says, or else ISO 8859-1, which old writers used."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _quoted(lines: list[str], at: int) -> int:
    """Return how many lines the field takes that begins here: more than one when its quoted string is open.

    A field of the standard never stands within a quoted string: then the quotation mark was not closed at all.
    """
    _, _, value = lines[at].partition(":")
    if not value.strip().startswith('"') or _is_even(value):
        return 1
    for count, line in enumerate(lines[at + 1 : at + _MOST_QUOTED], start=2):
        if _NAME.match(line):
            return 1
        if not _is_even(line):
            return count
    return 1


def _is_even(text: str) -> bool:
    return len(_QUOTE.findall(text)) % 2 == 0
