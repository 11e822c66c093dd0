"""The only user of pypdfium2: the text of a PDF as paragraphs.

A PDF has no paragraphs, only letters at places. PDFium puts them into lines; `pdf_paragraphs` joins these.
"""

import re
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw

from archiver.extract.file_text import MOST_CHARACTERS, FileText, FileUnreadable, limited
from archiver.extract.pdf_paragraphs import TextLine, pages_text
from archiver.text.clean import line

_MOST_PAGES = 2_000
_MOST_LINES = 20_000
"""The most lines of a page whose places are asked for."""
_HYPHEN = re.compile("[\x02\ufffe](?:\r?\n)?")
"""How PDFium writes a hyphen that divides a word at the end of a line."""
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d))?")
_DATES = (("CreationDate", "created"), ("ModDate", "modified"))


def read(body: bytes) -> FileText:
    """Return the text of a PDF.

    Raises:
        FileUnreadable: it is broken, or protected by a password.
    """
    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise FileUnreadable("it is protected by a password") from None
        raise FileUnreadable(f"it is broken: {error}") from None
    try:
        return _read(document)
    finally:
        document.close()


def _read(document: pypdfium2.PdfDocument) -> FileText:
    count = len(document)
    notes: list[str] = []
    if count > _MOST_PAGES:
        notes.append(f"only the first {_MOST_PAGES} of {count} pages were read")
    pages: list[list[TextLine]] = []
    size = broken = 0
    for number in range(min(count, _MOST_PAGES)):
        try:
            lines = list(_lines(document, number))
        except pypdfium2.PdfiumError:
            broken += 1
            continue
        pages.append(lines)
        size += sum(len(each.text) for each in lines)
        if size > MOST_CHARACTERS:
            break
    if broken and not pages:
        raise FileUnreadable(f"none of its {count} pages can be read")
    notes += [f"{broken} of {count} pages are broken and were not read"] if broken else []
    text, cut = limited(pages_text(pages))
    notes += cut if text else ["no text in the file: its pages are pictures"]
    said = document.get_metadata_dict(skip_empty=True)
    heading = text.partition("\n")[0]
    return FileText(text, line(said.get("Title", "")), heading, _details(count, said), tuple(notes))


def _lines(document: pypdfium2.PdfDocument, number: int) -> Iterator[TextLine]:
    """Yield the lines of a page with their places."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            text = text_page.get_text_range(errors="replace")[: MOST_CHARACTERS + 1]
            at = 0
            for count, part in enumerate(text.split("\n")):
                shown = part.strip("\r ")
                if shown and count < _MOST_LINES:
                    first = at + len(part) - len(part.lstrip("\r "))
                    place = _place(text_page, first, first + len(shown) - 1)
                    yield TextLine(line(_HYPHEN.sub("", shown)), *place)
                at += len(part) + 1
        finally:
            text_page.close()
    finally:
        page.close()


def _place(text_page: pypdfium2.PdfTextPage, first: int, last: int) -> tuple[float, float, float, float]:
    """Return the left, bottom, right and top of a line, in points from the lower left corner of the page."""
    boxes = []
    for at in (first, last):
        index = raw.FPDFText_GetCharIndexFromTextIndex(text_page.raw, at)
        boxes.append(text_page.get_charbox(index, loose=True) if index >= 0 else (0.0, 0.0, 0.0, 0.0))
    (left, bottom, _, top), (_, _, right, _) = boxes
    return left, bottom, right, top


def _details(pages: int, said: dict[str, str]) -> str:
    """Return the number of pages and the times in the metadata, as one line."""
    parts = [f"PDF, {pages} page{'s' if pages != 1 else ''}"]
    for key, word in _DATES:
        match = _DATE.match(said.get(key, ""))
        if match:
            day = "-".join(part for part in match.groups()[:3] if part)
            parts.append(f"{word} {day}" + (f" {match[4]}:{match[5]}" if match[4] else ""))
    return ", ".join(parts)
