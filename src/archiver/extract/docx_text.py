"""The only user of python-docx: the text of a Word document.

The library opens the package and finds its parts. The text is read from the tree, because its `paragraph.text` leaves
out tracked insertions that are not accepted yet, content controls and text boxes.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from archiver.extract.file_text import FileText, FileUnreadable, limited, row_text
from archiver.extract.office_package import reduced_package
from archiver.text.clean import line, paragraphs

_MAIN = re.compile(r"word/document\d*\.xml\Z")
_PARAGRAPH, _TABLE, _ROW, _CELL, _LIST = map(qn, ("w:p", "w:tbl", "w:tr", "w:tc", "w:numPr"))
_TEXT = qn("w:t")
_SIGNS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_PROPERTIES = frozenset(map(qn, ("w:pPr", "w:rPr", "w:tblPr", "w:trPr", "w:tcPr", "w:sectPr")))
_LEFT_OUT = _PROPERTIES | {
    qn("w:del"),
    qn("w:moveFrom"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}


def read(body: bytes) -> FileText:
    """Return the text of a document.

    Raises:
        FileUnreadable: it is broken, protected by a password, or larger than a limit.
    """
    package = reduced_package(body, _is_text)
    try:
        document = docx.Document(io.BytesIO(package))
    except KeyError:  # of a part that another part names and the package lacks; the text is there
        return _file_text(_main_part(package), "", "Word document")
    try:
        document.part.package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES)
    except KeyError:  # the library would make a title up
        return _file_text(document.element, "", "Word document")
    said = document.core_properties
    return _file_text(document.element, line(said.title or ""), _details(said.created, said.modified))


def _file_text(root: Any, title: str, details: str) -> FileText:  # noqa: ANN401  (an element of lxml)
    text, notes = limited(paragraphs(_blocks(root)))
    return FileText(text, title, text.partition("\n")[0], details, notes)


def _main_part(package: bytes) -> Any:  # noqa: ANN401
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        name = next((name for name in parts.namelist() if _MAIN.match(name)), None)
        if name is None:
            raise FileUnreadable("it has no text part")
        return parse_xml(parts.read(name))


def _is_text(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and "/media/" not in name and "/embeddings/" not in name


def _details(created: datetime | None, modified: datetime | None) -> str:
    times = (("created", created), ("modified", modified))
    return ", ".join(["Word document", *(f"{word} {time:%Y-%m-%d %H:%M}" for word, time in times if time)])


def _blocks(parent: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield the paragraphs and the tables in an element."""
    for node in parent:
        if node.tag == _PARAGRAPH:
            mark = "- " if node.find(f"./{qn('w:pPr')}/{_LIST}") is not None else ""
            text = _inline(node).strip()
            yield f"{mark}{text}" if text else ""
        elif node.tag == _TABLE:
            yield "\n".join(filter(None, map(row_text, _rows(node))))
        elif isinstance(node.tag, str) and node.tag not in _LEFT_OUT:
            yield from _blocks(node)


def _rows(table: Any) -> Iterator[list[str]]:  # noqa: ANN401
    """Yield the texts of the cells of each row."""
    for row in table.iter(_ROW):
        if next(row.iterancestors(_TABLE)) is table:  # not a row of a table in a cell
            yield [" ".join(_blocks(cell)) for cell in row.iter(_CELL) if next(cell.iterancestors(_ROW)) is row]


def _inline(node: Any) -> str:  # noqa: ANN401
    """Return the text in a paragraph."""
    parts = []
    for child in node:
        if child.tag == _TEXT:
            parts.append(child.text or "")
        elif child.tag in _SIGNS:
            parts.append(_SIGNS[child.tag])
        elif child.tag == _PARAGRAPH:  # of a text box
            parts.append(f"\n{_inline(child)}\n")
        elif isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
            parts.append(_inline(child))
    return "".join(parts)
