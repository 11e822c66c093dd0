"""The text of plain text files and of tables of values separated by commas."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from archiver.extract.file_format import FileFormat
from archiver.extract.file_text import MOST_CHARACTERS, FileText, limited, row_text
from archiver.text.charset import Decoded
from archiver.text.clean import line, paragraphs

_SEPARATORS = ",;\t|"
_LOOKED_AT = 20
"""Lines from which the separator is found."""
_LONGEST_HEADING = 200


def plain_text(decoded: Decoded, form: FileFormat) -> FileText:
    """Return the text of a decoded file: of a table its rows, else its paragraphs with their line breaks."""
    text = decoded.text[: MOST_CHARACTERS + 1].replace("\r\n", "\n").replace("\r", "\n")
    if form is FileFormat.TABLE:
        body, notes = limited(paragraphs(["\n".join(filter(None, _rows(text)))]))
        return FileText(body, notes=notes)
    body, notes = limited(paragraphs(text.split("\n\n")))
    first = line(body.partition("\n")[0])
    return FileText(body, heading=first if len(first) <= _LONGEST_HEADING else "", notes=notes)


def _rows(text: str) -> Iterator[str]:
    """Yield the rows of a table; a row that cannot be divided is one cell."""
    csv.field_size_limit(MOST_CHARACTERS + 1)
    reader = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=_separator(text))
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        yield row_text(cells)


def _separator(text: str) -> str:
    """Return the separator that most of the first lines have the same number of."""
    lines = [each for each in text[:100_000].split("\n")[:_LOOKED_AT] if each.strip()]
    counts = {each: Counter(part.count(each) for part in lines) for each in _SEPARATORS}
    ranks = {
        each: max(((times, number) for number, times in found.items() if number), default=(0, 0))
        for each, found in counts.items()
    }
    return max(_SEPARATORS, key=ranks.__getitem__)
