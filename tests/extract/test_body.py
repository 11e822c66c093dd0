"""The normal form of a body: paragraphs, lines, items, rows."""

import pytest

from archiver.extract.body import text_line, text_paragraphs
from archiver.extract.tree import Document, Node

CASES = {
    "paragraphs": ("<p>một</p><p>hai</p>", "một\n\nhai"),
    "bare text beside a block": ("một<p>hai</p>ba", "một\n\nhai\n\nba"),
    "inline elements join": ("<p>V<b>iệ</b>t<i> Nam</i></p>", "Việt Nam"),
    "white space is one space": ("<p>\n một \t hai&nbsp;&nbsp;ba \n</p>", "một hai ba"),
    "br is a line": ("<p>một<br>hai<br/> ba</p>", "một\nhai\nba"),
    "two br part paragraphs": ("một<br><br>hai<br>\n<br>\n<br>ba", "một\n\nhai\n\nba"),
    "br at the edges is nothing": ("<p><br>một<br></p><br><p>hai</p>", "một\n\nhai"),
    "list": ("<ul><li>một</li><li>hai</li></ul>", "- một\n- hai"),
    "list after text": ("gồm:<ul><li>một<li>hai</ul>hết", "gồm:\n\n- một\n- hai\n\nhết"),
    "nested list": ("<ul><li>một<ul><li>a<li>b</ul><li>hai</ul>", "- một\n- a\n- b\n- hai"),
    "item of paragraphs": ("<ol><li><p>một</p><p>hai</p></li></ol>", "- một\nhai"),
    "empty items are nothing": ("<ul><li></li><li> </li><li>một</li></ul>", "- một"),
    "table": ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "a | b\n1 | 2"),
    "table with sections and caption": (
        "<table><caption>Bảng</caption><thead><tr><th>a</thead><tbody><tr><td>1<td><b>2</b>3</tbody></table>",
        "Bảng\na\n1 | 23",
    ),
    "a cell of one paragraph is a cell": ("<table><tr><td><p>1</p><td><p>2</p></table>", "1 | 2"),
    "a table for layout": ("<table><tr><td><p>một</p><p>hai</p><td>ba</table>", "một\n\nhai\n\nba"),
    "empty cells are nothing": ("<table><tr><td> <td>1<td></table>", "1"),
    "table in a table": ("<table><tr><td><table><tr><td>1<td>2</table></table>", "1 | 2"),
    "stray item and cell": ("<li>một</li><div>hai</div>", "- một\n\nhai"),
    "no script, style, form choice": (
        "<p>một<script>x()</script><style>p{}</style><noscript>n</noscript><select><option>o</select></p>",
        "một",
    ),
    "no template, svg, textarea": ("<template>t</template><svg><title>s</title></svg><textarea>a</textarea>một", "một"),
    "comment is nothing": ("m<!-- x -->ột", "một"),
    "headings and quotes are blocks": ("<h2>đề</h2><blockquote>lời</blockquote>", "đề\n\nlời"),
    "figure": ("<figure><img src=x><figcaption>chú</figcaption></figure>một", "chú\n\nmột"),
    "nothing": ("<p> </p><br><div></div>", ""),
    "decomposed letters are composed": ("<p>Vie\u0323\u0302t</p>", "Việt"),
}


def node_of(html: str) -> Node:
    found = Document(f"<!doctype html><body><div id=x>{html}</div>").first("#x")
    assert found is not None
    return found


@pytest.mark.parametrize(("html", "text"), CASES.values(), ids=CASES.keys())
def test_paragraphs(html: str, text: str) -> None:
    assert text_paragraphs(node_of(html))[0] == text


@pytest.mark.parametrize(("html", "text"), CASES.values(), ids=CASES.keys())
def test_line_has_the_same_words(html: str, text: str) -> None:
    marks = str.maketrans({"\n": " ", "|": " ", "-": " "})
    assert text_line(node_of(html))[0].split() == text.translate(marks).split()


def test_skipped_nodes_are_left_out() -> None:
    document = Document("<div id=x><p>một</p><p class=a>hai <b>x</b></p>ba</div>")
    skip = {node.mem_id for node in document.css(".a")}
    node = document.first("#x")
    assert node is not None
    assert text_paragraphs(node, skip)[0] == "một\n\nba"
    assert text_line(node, skip)[0] == "một ba"


@pytest.mark.parametrize("around", ["<div>", "<ul><li>", "<table><tr><td>", "<blockquote><ol><li>"])
def test_deep_nesting_keeps_the_text(around: str) -> None:
    assert text_paragraphs(node_of(around * 900 + "<p>một</p><p>hai</p>"))[0].split()[-1] == "hai"


PRE = {
    "indentation": ("<pre>if a:\n    b\n        c\nd</pre>", "if a:\n    b\n        c\nd"),
    "of the first line, too": ("<p>x</p><pre>    b\n  c</pre>", "x\n\n    b\n  c"),
    "alone": ("<pre>    b\n  c\n</pre>", "    b\n  c"),
    "spaces within a line": ("<pre>a   b\nccc d</pre>", "a   b\nccc d"),
    "tabs": ("<pre>a:\n\tb\tc</pre>", "a:\n\tb\tc"),
    "spaces at the end are dropped": ("<pre>a  \n  b\t \n   \nc</pre>", "a\n  b\n\nc"),
    "other spaces are spaces": ("<pre>a\n&nbsp;&nbsp;b\u3000c</pre>", "a\n  b c"),
    "invisible characters are dropped": ("<pre>a\u200b\n \u00ad b\ufeff</pre>", "a\n  b"),
    "letters are composed": ("<pre>a\n  Vie\u0323\u0302t</pre>", "a\n  Việt"),
    "marked words": ("<pre><code>def <b>f</b>():\n    <i>return</i> 1\n</code></pre>", "def f():\n    return 1"),
    "br": ("<pre>a<br>  b<br>\n  c</pre>", "a\n  b\n\n  c"),
    "a line in a block": ("<pre><div>a</div><div>  b\n</div><span>c</span></pre>", "a\n  b\nc"),
    "blank lines part paragraphs": ("<pre>a\n\n\n  b</pre>", "a\n\n  b"),
    "in an item": ("<ul><li>một<pre>a:\n    b</pre><li>hai</ul>", "- một\na:\n    b\n- hai"),
    "in a quote": ("<blockquote><p>x</p><pre>a:\n    b</pre></blockquote>", "x\n\na:\n    b"),
    "in a cell": ("<table><tr><td>x<td><pre>a:\n    b</pre></table>", "x\n\na:\n    b"),
    "of one line in a cell": ("<table><tr><td>x<td><pre>  a</pre><td></table>", "x | a |"),
    "a list in it": ("<pre>a\n  b<ul><li>c</ul>  d</pre>", "a\n  b\n\n- c\n\n  d"),
    "listing and xmp": ("<listing>a\n b</listing><xmp>c\n <d></xmp>", "a\n b\n\nc\n <d>"),
    "text after it": ("<pre>a\n  b</pre>  c   d", "a\n  b\n\nc d"),
}


@pytest.mark.parametrize(("html", "text"), PRE.values(), ids=PRE.keys())
def test_a_pre_keeps_its_lines_and_their_indentation(html: str, text: str) -> None:
    assert text_paragraphs(node_of(html))[0] == text


@pytest.mark.parametrize("rule", ["'pre'", "'#b'", "{ css = 'pre', take = 'all' }"])
def test_a_body_may_begin_with_indentation(rule: str) -> None:
    from archiver.extract.profile import parse_profile
    from archiver.extract.read import read
    from archiver.model.capture import Capture, Outcome, Request
    from archiver.model.clock import instant

    profile = parse_profile(
        f'[site]\nname = "x"\nhome = "http://x.example/"\n[[page]]\nkind = "article"\n[page.fields]\nbody = {rule}\n',
        "x",
    )
    at = instant("2022-01-01 00:00:00")
    taken = Capture(
        Request("http://x.example/"), at, Outcome.OK, 200, body=b"<div id=b><pre>\n    a\n  b\n</pre></div>"
    )
    assert read(taken, profile).content.body == "    a\n  b"


def test_preformatted_lines_are_lines() -> None:
    from datetime import UTC, datetime

    from archiver.extract.profile import parse_profile
    from archiver.extract.read import read
    from archiver.model.capture import Capture, Outcome, Request

    profile = parse_profile(
        '[site]\nname = "x"\nhome = "http://x.example/"\n[[page]]\nkind = "article"\n[page.fields]\nbody = "div"\n', "x"
    )
    body = b"<div><p>a</p><pre>\nx = 1\nif <b>a</b>:\n    b\n\nend</pre>tail</div>"
    capture = Capture(Request("http://x.example/"), datetime(2022, 1, 1, tzinfo=UTC), Outcome.OK, 200, b"", (), body)
    assert read(capture, profile).content.body == "a\n\nx = 1\nif a:\n    b\n\nend\n\ntail"
