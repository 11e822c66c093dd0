"""Lines between two ranked lists: where each item was, and where it is."""

from collections.abc import Sequence

from markupsafe import Markup

_ROW = 100  # units of the drawing for each item


def slope(pairs: Sequence[tuple[int, int]], rows: int) -> Markup:
    """Return the lines as SVG; the lists beside it say the same.

    Args:
        pairs: the positions of an item in the left and in the right list, from 1.
        rows: the number of rows of the longer list.
    """
    line = Markup('<line x1="3" x2="94" y1="{}" y2="{}"/>')
    lines = [line.format((left - 0.5) * _ROW, (right - 0.5) * _ROW) for left, right in pairs]
    head = Markup('<svg height="{}rem" viewBox="0 0 100 {}" preserveAspectRatio="none" aria-hidden="true">')
    return head.format(rows * 4.25, rows * _ROW) + Markup().join(lines) + Markup("</svg>")
