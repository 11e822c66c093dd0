"""What a list, an item, a table, a row or a cell collects while it is open, and the form of its text.

* an item: its paragraphs as lines, "- " before the first;
* a list: its items as lines of one paragraph;
* a table: its rows as lines of one paragraph (see `tabular.py`), as long as each cell is one line; else the table is
  layout, and the paragraphs of its cells are paragraphs.
"""

from collections.abc import Callable

from archiver.extract.images import picture_label
from archiver.extract.tabular import ONE_CELL, Budget, Row, Span, texts_of
from archiver.extract.tree import Node

BLOCK, BREAK, PRE, GROUP, LIST, ITEM, TABLE, ROW, CELL, HEADER = range(1, 11)
"""The role of an element in the layout. `GROUP`: a part of a table (`tbody`). Elements from `LIST` on open frames."""


class ElementFrame:
    """The paragraphs and images of one element; the outermost frame is the text itself."""

    __slots__ = ("blocks", "pictures")

    has_spans = False

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.pictures: tuple[Node, ...] = ()

    def give(self, outer: "ElementFrame") -> None:
        """Add the content to the frame around."""
        outer.blocks += self.blocks


class ListFrame(ElementFrame):
    """A list."""

    __slots__ = ()

    def give(self, outer: ElementFrame) -> None:
        """Add the items as lines of one paragraph."""
        if self.blocks:
            outer.blocks.append("\n".join(self.blocks))


class ItemFrame(ElementFrame):
    """An item of a list."""

    __slots__ = ()

    def give(self, outer: ElementFrame) -> None:
        """Add the paragraphs as lines, marked as an item."""
        if self.blocks:
            outer.blocks.append("- " + "\n".join(self.blocks))


class CellFrame(ElementFrame):
    """A cell, and the columns and rows that it covers."""

    __slots__ = ("span",)

    def __init__(self) -> None:
        self.blocks = []
        self.pictures = ()
        self.span = ONE_CELL

    def give(self, outer: ElementFrame) -> None:
        """Add the paragraphs to the row, as one cell."""
        if not isinstance(outer, RowFrame):
            outer.blocks += self.blocks
            return
        if self.span is not ONE_CELL or (self.pictures and not self.blocks):
            outer.mark(self)
        outer.cells.append(self.blocks)


class HeaderFrame(CellFrame):
    """A header cell."""

    __slots__ = ()

    def give(self, outer: ElementFrame) -> None:
        """Add the paragraphs to the row, as one header cell."""
        super().give(outer)
        if isinstance(outer, RowFrame):
            outer.has_header = True


class RowFrame(ElementFrame):
    """A row.

    Attributes:
        cells: the paragraphs of each cell.
        spans: by the place of a cell, the columns and rows that it covers, if more than one.
        labels: by the place of a cell, its text if it holds only images.
        has_header: whether one of them is a header cell.
    """

    __slots__ = ("cells", "has_header", "labels", "spans")

    def __init__(self) -> None:
        self.blocks = []
        self.pictures = ()
        self.cells: list[list[str]] = []
        self.spans: dict[int, Span] | None = None
        self.labels: dict[int, str] | None = None
        self.has_header = False

    def mark(self, cell: CellFrame) -> None:
        """Keep the span of the next cell, and its text by its images."""
        place = len(self.cells)
        if cell.span is not ONE_CELL:
            self.spans = self.spans or {}
            self.spans[place] = cell.span
        if not cell.blocks:
            self.labels = self.labels or {}
            self.labels[place] = " ".join(filter(None, map(picture_label, cell.pictures)))

    def give(self, outer: ElementFrame) -> None:
        """Add the cells as one line; as paragraphs when one of them has several lines."""
        cells = self.cells
        if self.blocks:  # text outside the cells, or cells nested too deeply for frames
            cells.append(self.blocks)
        said = [cell for cell in cells if cell]
        plain = " | ".join([cell[0] for cell in said])
        if "\n" in plain or sum(map(len, said)) > len(said):
            self._add_paragraphs(outer, [block for cell in said for block in cell])
        elif len(said) < len(cells) or outer.has_spans:
            self._add_cells(outer, plain)
        elif plain:
            outer.blocks.append(plain)
            if (len(said) > 1 or self.has_header) and isinstance(outer, TableFrame):
                outer.is_data = True

    def _add_cells(self, outer: ElementFrame, plain: str) -> None:
        texts = [cell[0] if cell else "" for cell in self.cells]
        for place, label in (self.labels or {}).items():
            texts[place] = label
        row = Row(texts, plain, len(texts) - texts.count(""), self.spans, None)
        is_data = self.has_header or row.filled > 1
        if isinstance(outer, TableFrame):
            outer.is_data = outer.is_data or is_data
            outer.add(row)
        else:
            outer.blocks += texts_of([row], Budget(), as_data=is_data)

    def _add_paragraphs(self, outer: ElementFrame, paragraphs: list[str]) -> None:
        """Add this row to the enclosing element when one of its cells has several lines."""
        if not isinstance(outer, TableFrame):
            outer.blocks += paragraphs
            return
        outer.is_whole = False
        if outer.has_spans:
            outer.add(Row([""] * len(self.cells), "", 0, self.spans, paragraphs))
        else:
            outer.blocks += paragraphs


class TableFrame(ElementFrame):
    """A table. Its `blocks` are its lines, with "" in place of a row that is kept in `rows`.

    Attributes:
        rows: rows whose line depends on the others, by their place in `blocks`; None where a part of the table begins.
        budget: limits the cells that spans add.
        has_spans: whether cells cover more than one column or row.
        is_data: whether empty cells have a meaning.
        is_layout: whether the table declares that it is for layout.
        is_whole: whether each cell is one line so far.
    """

    __slots__ = ("budget", "has_spans", "is_data", "is_layout", "is_whole", "rows")

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[int, Row | None] = {}
        self.budget = Budget()
        self.has_spans = self.is_data = self.is_layout = False
        self.is_whole = True

    def add(self, row: Row | None) -> None:
        """Add a row, or None where a part of the table begins."""
        self.rows[len(self.blocks)] = row
        self.blocks.append("")

    def give(self, outer: ElementFrame) -> None:
        """Add the rows as lines of one paragraph; as paragraphs when a cell has several lines."""
        texts = self.blocks
        if self.rows:
            entries = [self.rows.get(place, text) for place, text in enumerate(texts)]
            texts = texts_of(entries, self.budget, as_data=self.is_data and not self.is_layout)
        if texts and self.is_whole:
            outer.blocks.append("\n".join(texts))
        else:
            outer.blocks += texts


FRAMES: dict[int, Callable[[], ElementFrame]] = {
    LIST: ListFrame,
    ITEM: ItemFrame,
    TABLE: TableFrame,
    ROW: RowFrame,
    CELL: CellFrame,
    HEADER: HeaderFrame,
}
"""Return the frame of an element with a role."""
