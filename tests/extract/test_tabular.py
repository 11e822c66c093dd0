"""Tables as lines: an empty cell is a cell, spans are filled, images are named; a table for layout is text."""

import time

import pytest

from archiver.extract.body import text_paragraphs
from archiver.extract.tree import Document


def laid_out(html: str) -> str:
    found = Document(f"<!doctype html><body><div id=x>{html}</div>").first("#x")
    assert found is not None
    return text_paragraphs(found)[0]


def table(*rows: str, attributes: str = "") -> str:
    return f"<table {attributes}>" + "".join(f"<tr>{row}" for row in rows) + "</table>"


CELLS = {
    "passed and failed differ": (
        table("<th>Xe<th>Đạt<th>Hỏng", "<td>A1<td>x<td>", "<td>A2<td><td>x"),
        "Xe | Đạt | Hỏng\nA1 | x |\nA2 | | x",
    ),
    "one row alone": (table("<td>A1<td>x<td>"), "A1 | x |"),
    "the first cell is empty": (table("<th><th>2023<th>2024", "<th>Thu<td>1<td>2"), "| 2023 | 2024\nThu | 1 | 2"),
    "several empty cells in a row": (table("<td>a<td><td><td>b", "<td>c<td>d<td>e<td>f"), "a | | | b\nc | d | e | f"),
    "space, a comment and a break are empty": (table("<td>a<td>&nbsp;<td><!-- x --><td><br><td>b"), "a | | | | b"),
    "a row of empty cells is left out": (table("<td>a<td>b", "<td><td>", "<td>c<td>d"), "a | b\nc | d"),
    "an empty cell with blocks": (table("<td>a<td><p> </p><div></div>"), "a"),
    "a header cell makes it a table of data": (table("<th>Tên<td>", "<td><td>x"), "Tên |\n| x"),
    "short rows stay short": (table("<td>a", "<td>b<td>c"), "a\nb | c"),
    "spacers beside one cell": (table("<td> <td>một<td>", "<td><td>hai<td>"), "một\nhai"),
    "declared to be layout": (table("<td>a<td><td>b", attributes="role=presentation"), "a | b"),
    "nested in layout": (table(f"<td>{table('<td>a<td><td>b')}<td>"), "a | | b"),
    "a nested table of several rows": (
        table(f"<td>trước<td>{table('<td>a<td>', '<td><td>b', '<td>c<td>d')}"),
        "trước\n\na |\n| b\nc | d",
    ),
    "a list in a cell": (table("<td>một<td><ul><li>a<li>b</ul>", "<td>hai<td>c"), "một\n\n- a\n- b\n\nhai | c"),
    "a list of one in a cell": (table("<td>một<td><ul><li>a</ul>", "<td>hai<td>"), "một | - a\nhai |"),
    "a list and text in a cell": (table("<td>một<ol><li>a<li>b</ol>hết<td>hai"), "một\n\n- a\n- b\n\nhết\n\nhai"),
    "a table in an item": (f"<ul><li>x{table('<td>a<td>b', '<td>c<td>')}</ul>", "- x\na | b\nc |"),
    "caption and parts": (
        "<table><caption>Bảng</caption><thead><tr><th>a<th>b</thead><tbody><tr><td>1<td></tbody></table>",
        "Bảng\na | b\n1 |",
    ),
}


@pytest.mark.parametrize(("html", "text"), CELLS.values(), ids=CELLS.keys())
def test_empty_cells(html: str, text: str) -> None:
    assert laid_out(html) == text


SPANS = {
    "columns": (table("<td>a<td colspan=3>b", "<td>1<td>2<td>3<td>4"), "a | b | |\n1 | 2 | 3 | 4"),
    "columns of one row": (table("<td>a<td colspan=2>b"), "a | b |"),
    "columns in a heading": (table("<th colspan=2>Tên<th>Tuổi", "<td>An<td>Lê<td>9"), "Tên | | Tuổi\nAn | Lê | 9"),
    "rows": (table("<td rowspan=2>a<td>b", "<td>c", "<td>d<td>e"), "a | b\n| c\nd | e"),
    "rows in the middle": (
        table("<td>a<td rowspan=3>b<td>c", "<td>d<td>e", "<td>f<td>g"),
        "a | b | c\nd | | e\nf | | g",
    ),
    "rows at the end": (table("<td>a<td rowspan=2>b", "<td>c"), "a | b\nc |"),
    "rows and columns": (
        table("<td rowspan=2 colspan=2>a<td>b", "<td>c", "<td>d<td>e<td>f"),
        "a | | b\n| | c\nd | e | f",
    ),
    "rows to the end": (table("<td rowspan=0>a<td>b", "<td>c", "<td>d"), "a | b\n| c\n| d"),
    "no further than its part": (
        "<table><tbody><tr><td rowspan=9>a<td>b<tbody><tr><td>c<td>d</table>",
        "a | b\nc | d",
    ),
    "more columns than there are": (table("<td>a<td>b<td>c", "<td>d<td colspan=99>e"), "a | b | c\nd | e |"),
    "a heading across all": (table("<th colspan=2>Đề", "<td>a<td>b", "<td colspan=99>không có"), "Đề\na | b\nkhông có"),
    "an image across all": (table("<th>a<td>b", "<td colspan=2><img src=a.jpg alt=x>"), "a | b"),
    "a heading across some": (table("<th colspan=2>Đề", "<td>a<td>b<td>c"), "Đề |\na | b | c"),
    "more columns than HTML has": (table("<td colspan=1000000>a<td>b", "<td>c<td>d"), "a | | b\nc | d"),
    "no numbers": (table("<td colspan=x>a<td rowspan=-1>b<td colspan=0>c<td rowspan=''>d"), "a | b | c | d"),
    "numbers with other text": (table("<td colspan=' +2;'>a<td>b"), "a | | b"),
    "upper case": (table("<TD COLSPAN=2>a<TD>b"), "a | | b"),
    "a row of which spans leave nothing": (table("<td rowspan=2>a<td rowspan=2>b", "", "<td>c<td>d"), "a | b\nc | d"),
    "in layout": (table("<td colspan=3>một", "<td>&nbsp;<td>hai<td>&nbsp;"), "một\nhai"),
    "beside paragraphs": (
        table("<td rowspan=2>a<td><p>b</p><p>c</p>", "<td>d", "<td>e<td>f"),
        "a\n\nb\n\nc\n\nd\n\ne | f",
    ),
}


@pytest.mark.parametrize(("html", "text"), SPANS.values(), ids=SPANS.keys())
def test_spans(html: str, text: str) -> None:
    assert laid_out(html) == text


IMAGES = {
    "with a description": (table("<td>A1<td><img src=v.png alt='Đạt'><td>"), "A1 | [image: Đạt] |"),
    "without one": (table("<td>A1<td><img src=v.png><td>"), "A1 | [image] |"),
    "two": (table("<td>A1<td><img src=a.png alt=một><img src=b.png>"), "A1 | [image: một] [image]"),
    "within inline and block elements": (
        table("<td>A1<td><a href=/><b><img src=a.png alt=x></b></a>"),
        "A1 | [image: x]",
    ),
    "beside text it is not said": (table("<td>A1<td><img src=a.png alt=x> đạt"), "A1 | đạt"),
    "a drawing": (table("<td>A1<td><svg aria-label='Đạt'><path/></svg>"), "A1 | [image: Đạt]"),
    "a drawing with a title": (table("<td>A1<td><svg><title>Hỏng</title></svg>"), "A1 | [image: Hỏng]"),
    "a spacer": (table("<td>a<td><img src=/i/spacer.gif><td>b"), "a | | b"),
    "a pixel": (table("<td>a<td><img src=/c.gif width=1 height=1><td>b"), "a | | b"),
    "loaded late": (table("<td>a<td><img src=data:image/gif;base64,R0 data-src=/b.jpg>"), "a | [image]"),
    "in a list": (table("<td>a<td><ul><li><img src=b.jpg alt=x></ul>"), "a | [image: x]"),
    "in a table for layout": (table("<td>a<td>" + table("<td><img src=b.jpg alt=x>")), "a | [image: x]"),
    "a table around an image": (table("<td><img src=b.jpg alt=x>", "<td>Ảnh: x"), "Ảnh: x"),
    "below a heading": (table("<th>Ảnh", "<td><img src=b.jpg alt=x>"), "Ảnh\n[image: x]"),
    "a row of images": (table("<td><img src=a.jpg alt=x><td><img src=b.jpg>"), "[image: x] | [image]"),
    "outside of tables nothing is said": ("<p>a<img src=b.jpg alt=x></p><ul><li><img src=c.jpg></ul>", "a"),
}


@pytest.mark.parametrize(("html", "text"), IMAGES.values(), ids=IMAGES.keys())
def test_cells_that_hold_only_images(html: str, text: str) -> None:
    assert laid_out(html) == text


HOSTILE = {
    "wide": "<table>" + "<tr>" + "<td colspan=1000>a" * 20_000,
    "wide and high": "<table><tr>" + "<td colspan=1000 rowspan=65534>a" * 200 + "<tr><td>b<td>c" * 20_000,
    "high": "<table>" + "<tr><td rowspan=65534>a<td>b" * 5_000,
    "many tables": "<table><tr><td colspan=1000>a<td>b</table>" * 3_000,
    "nested": "<table><tr><td colspan=1000>a<td>" * 300 + "b",
    "images": "<table><tr><td>a<td>" + "<img src=a.jpg alt=x>" * 50_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_spans_take_neither_time_nor_memory(html: str) -> None:
    started = time.process_time()
    assert len(laid_out(html)) < 2_000_000
    assert time.process_time() - started < 5
