"""The only user of odfdo: the text of an OpenDocument text."""

import contextlib
import io
from collections.abc import Iterator

import odfdo
from odfdo import Element

from archiver.extract.file_text import FileText, FileUnreadable, limited, row_text
from archiver.extract.office_package import reduced_package
from archiver.text.clean import line, paragraphs

_PARAGRAPHS = frozenset(("text:p", "text:h"))
_ROWS = frozenset(("table:table-row",))
_CELLS = frozenset(("table:table-cell", "table:covered-table-cell"))
_LEFT_OUT = frozenset(("text:tracked-changes", "text:sequence-decls", "office:annotation", "office:forms", "text:note"))
_SIGNS = {"text:s": " ", "text:tab": " ", "text:line-break": "\n"}
_PARTS = frozenset(("content.xml", "meta.xml", "styles.xml", "settings.xml", "META-INF/manifest.xml"))
_MEDIA_TYPE = "application/vnd.oasis.opendocument.text"


def read(body: bytes) -> FileText:
    """Return the text of a document.

    Raises:
        FileUnreadable: it is broken, protected by a password, or larger than a limit.
    """
    package = reduced_package(body, _PARTS.__contains__, _MEDIA_TYPE)
    if b"encryption-data" in package:
        raise FileUnreadable("it is protected by a password")
    document = odfdo.Document(io.BytesIO(package))
    text, notes = limited(paragraphs(_blocks(document.body)))
    title, details = _metadata(document)
    return FileText(text, title, text.partition("\n")[0], details, notes)


def _metadata(document: odfdo.Document) -> tuple[str, str]:
    """Return the title and the times in the metadata; empty where they are missing or broken."""
    title, parts = "", ["OpenDocument text"]
    with contextlib.suppress(ValueError, KeyError, AttributeError):
        title = line(document.meta.title or "")
        for word, time in (("created", document.meta.creation_date), ("modified", document.meta.date)):
            parts += [f"{word} {time:%Y-%m-%d %H:%M}"] if time else []
    return title, ", ".join(parts)


def _blocks(parent: Element, mark: str = "") -> Iterator[str]:
    """Yield the paragraphs and the tables in an element. `mark` begins the items of a list."""
    for node in parent.children:
        if node.tag in _PARAGRAPHS:
            text = _inline(node).strip()
            yield f"{mark}{text}" if text else ""
        elif node.tag == "table:table":
            yield "\n".join(filter(None, (row_text(cells) for cells in _rows(node))))
        elif node.tag not in _LEFT_OUT:
            yield from _blocks(node, "- " if node.tag == "text:list" else mark)


def _rows(table: Element) -> Iterator[list[str]]:
    """Yield the texts of the cells of each row, also of rows in groups."""
    for node in table.children:
        if node.tag in _ROWS:
            yield [" ".join(_blocks(cell)) for cell in node.children if cell.tag in _CELLS]
        elif node.tag not in _LEFT_OUT:
            yield from _rows(node)


def _inline(node: Element) -> str:
    """Return the text in a paragraph."""
    parts = [node.text or ""]
    for child in node.children:
        if child.tag in _PARAGRAPHS:  # of a text box
            parts.append(f"\n{_inline(child)}\n")
        elif child.tag not in _LEFT_OUT:
            parts.append(_SIGNS.get(child.tag) or _inline(child))
        parts.append(child.tail or "")
    return "".join(parts)
