"""Turn the events of the walk through a node into paragraphs, lists and tables in normal form.

Text is collected in the *line*, `br` ends a line, the edge of a block ends the *paragraph*. Lists, items, tables, rows
and cells each open a *frame* that collects its own paragraphs; when it is closed, it adds them to the frame around it
in its own form (see `frames.py`). In a `pre`, lines keep their indentation, and the edge of a block within it ends only
the line.
"""

from collections.abc import Callable

from archiver.extract.frames import (
    BLOCK,
    BREAK,
    CELL,
    FRAMES,
    GROUP,
    LIST,
    PRE,
    TABLE,
    CellFrame,
    ElementFrame,
    TableFrame,
)
from archiver.extract.tabular import ONE_CELL, Budget, Spans, spans_of
from archiver.extract.tree import Node, attribute
from archiver.text.clean import code_line, line

_MAX_FRAMES = 200
"""Deeper lists and tables are plain blocks: no real page has them, and their text would grow with the square."""
_MOST_PICTURES = 20
"""The maximum number of images of one cell that are named."""
_FOR_LAYOUT = ("presentation", "none")


class Layout:
    """Turns the events of the walk into paragraphs."""

    has_buttons = False

    __slots__ = ("_budget", "_frame", "_frames", "_lines", "_pieces", "_pre", "_spans", "_tables", "_unframed", "text")

    def __init__(self) -> None:
        self._frame = ElementFrame()
        self._frames: list[ElementFrame] = []
        self._pieces: list[str] = []
        self._lines: list[str] = []
        self._unframed = self._pre = self._tables = 0
        self._spans: Spans = {}
        self._budget = Budget()
        self.text: Callable[[str], object] = self._pieces.append

    def open(self, role: int, node: Node) -> None:
        """Begin an element with a role."""
        if role == BLOCK:
            self._end_block()
            return
        if role == BREAK:
            self._end_line()
            return
        self._end_paragraph()
        if role >= LIST:
            if len(self._frames) >= _MAX_FRAMES:
                self._unframed += 1
                return
            self._frames.append(self._frame)
            frame = self._frame = FRAMES[role]()
            if role == TABLE:
                self._open_table(node, frame)
            elif self._spans and role >= CELL:
                self._open_cell(node, frame)
        else:
            self._open_part(role)

    def close(self, role: int) -> None:
        """End an element with a role."""
        if role == BLOCK:
            self._end_block()
            return
        if role == BREAK:
            return
        self._end_paragraph()
        if role >= LIST:
            if self._unframed:
                self._unframed -= 1
                return
            done = self._frame
            outer = self._frame = self._frames.pop()
            if done.pictures and len(outer.pictures) < _MOST_PICTURES:
                outer.pictures += done.pictures
            if role == TABLE:
                self._tables -= 1
            done.give(outer)
        elif role == PRE:
            self._pre -= 1
            self._lines.clear()

    def picture(self, node: Node) -> None:
        """Add an image: it is named when the cell around it holds nothing else."""
        if self._frames and len(self._frame.pictures) < _MOST_PICTURES:
            self._frame.pictures += (node,)

    def finished(self) -> str:
        """Return the complete text."""
        self._end_paragraph()
        return "\n\n".join(self._frame.blocks)

    def _open_table(self, node: Node, frame: ElementFrame) -> None:
        if not self._tables:
            self._spans = spans_of(node)
        self._tables += 1
        if isinstance(frame, TableFrame):
            frame.budget = self._budget
            frame.has_spans = bool(self._spans)
            frame.is_layout = (attribute(node, "role") or "").lower() in _FOR_LAYOUT

    def _open_cell(self, node: Node, frame: ElementFrame) -> None:
        if isinstance(frame, CellFrame):
            frame.span = self._spans.get(node.mem_id, ONE_CELL)

    def _open_part(self, role: int) -> None:
        if role == PRE:
            self._pre += 1
            self._lines.append("")
        elif role == GROUP and isinstance(self._frame, TableFrame) and self._frame.has_spans:
            self._frame.add(None)

    def _end_line(self) -> None:
        pieces = self._pieces
        shape = code_line if self._pre else line
        self._lines.append(shape("".join(pieces)) if pieces else "")
        pieces.clear()

    def _end_block(self) -> None:
        """Handle the edge of a block: within a `pre` it ends only the line."""
        if not self._pre:
            if self._pieces or self._lines:
                self._end_paragraph()
        elif self._pieces:
            self._end_line()

    def _end_paragraph(self) -> None:
        pieces = self._pieces
        if self._lines:
            self._end_lines()
        elif pieces:
            text = line("".join(pieces))
            pieces.clear()
            if text:
                self._frame.blocks.append(text)

    def _end_lines(self) -> None:
        """End a paragraph with line breaks in it. In a `pre` there is always a line, possibly an empty one."""
        if self._pieces:
            self._end_line()
        block: list[str] = []
        for text in [*self._lines, ""]:
            if text:
                block.append(text)
            elif block:  # an empty line, as `<br><br>` makes it, separates paragraphs
                self._frame.blocks.append("\n".join(block) if len(block) > 1 else self._in_cell(block[0]))
                block = []
        self._lines[:] = [""] if self._pre else []

    def _in_cell(self, text: str) -> str:
        """Return a line of code without indentation: a cell needs none."""
        return text.strip() if isinstance(self._frame, CellFrame) else text
