"""The text of a file, read by a library. Files are hostile input: sizes, pages and characters have limits.

A worker process calls `file_text` and limits its time and memory; a file that crashes a library ends only that worker.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from archiver.extract.file_format import FileFormat
from archiver.text.clean import line

MOST_CHARACTERS = 5_000_000
"""The most characters that are read of one file. The text is cut there, and a note says so."""
_LONGEST_REASON = 200
_READERS = {
    FileFormat.PDF: "archiver.extract.pdf_text",
    FileFormat.DOCX: "archiver.extract.docx_text",
    FileFormat.ODT: "archiver.extract.odt_text",
    FileFormat.SHEET: "archiver.extract.sheet_text",
}
"""The module that reads a format, with a function `read`. It is imported when the first file needs it."""


@dataclass(frozen=True, slots=True)
class FileText:
    """What a reader finds in a file.

    Attributes:
        body: the text in normal form: paragraphs with a blank line between them, rows of tables with " | ".
        title: the title in the file's metadata; "" without one.
        heading: the first heading or line of the text; "" without one.
        details: facts from the metadata, for people: the number of pages, when it was made. They are not content.
        notes: what was cut, and why there is no text.
    """

    body: str = ""
    title: str = ""
    heading: str = ""
    details: str = ""
    notes: tuple[str, ...] = ()


class FileUnreadable(Exception):
    """The text of a file cannot be read: it is broken, protected, or above a limit. The message gives the reason."""


ReadFile = Callable[[bytes, FileFormat], FileText]
"""Returns the text of a file of a format in `SLOW`.

Raises:
    FileUnreadable: the file cannot be read.
    FallbackFailed: no worker process could read it: it died, or took too long.
"""


def file_text(body: bytes, form: FileFormat) -> FileText:
    """Return the text of a file.

    Raises:
        FileUnreadable: it is broken, protected by a password, larger than a limit, or its reader is not installed.
    """
    try:
        found: FileText = import_module(_READERS[form]).read(body)
    except FileUnreadable:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  (foreign code; a panic of Rust is no `Exception`)
        raise FileUnreadable(f"{type(error).__name__}: {error}"[:_LONGEST_REASON]) from None
    return found


def limited(body: str) -> tuple[str, tuple[str, ...]]:
    """Return a text cut at the limit, and a note when it was cut."""
    if len(body) <= MOST_CHARACTERS:
        return body, ()
    return body[:MOST_CHARACTERS].rstrip(), (f"only the first {MOST_CHARACTERS} characters were read",)


def row_text(cells: Sequence[str]) -> str:
    """Return the cells of a row of a table as one line, without the empty cells at its end."""
    texts = list(map(line, cells))
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts) if all(texts) else " |".join(f" {text}" if text else "" for text in texts).lstrip()
