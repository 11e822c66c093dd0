"""Odd and hostile pages: hidden, ignored and preformatted text, or the same element a thousand times."""

import time
import tracemalloc

import pytest

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import instant
from archiver.model.record import Record

HEAD = b'[site]\nname = "p"\nhome = "http://p.example/"\nlanguage = "vi"\n'


def page(html: str, rules: str, kind: str = "article") -> Record:
    """Read a page by one `[[page]]` table without fallback."""
    text = f'{HEAD.decode()}[[page]]\nkind = "{kind}"\nfallback = false\n{rules}'
    at = instant("2022-10-22 00:00:00")
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    taken = Capture(Request("http://p.example/1"), at, Outcome.OK, 200, headers=headers, body=html.encode())
    return read(taken, parse_profile(text, "p"))


def body(html: str, rule: str = '"#b"') -> str | None:
    content = page(f"<div id=b>{html}</div>", f"[page.fields]\nbody = {rule}").content
    return content.body


GONE = "gone = { css = '#c', pattern = 'không tồn tại' }\nignore = ['.side']\n[page.fields]\ntitle = 'h1'\n"


@pytest.mark.parametrize(
    ("html", "gone"),
    [
        ("<div id=c>Trang không tồn tại</div>", True),
        ("<div id=c><h1>T</h1>Bài.<p class=side>Trang không tồn tại</p></div>", False),
        (f"<div id=c><script>{'x=1;' * 1000}</script>Trang không tồn tại</div>", True),
        (f"<div id=c><script>{'x=1;' * 9000}</script>Trang không tồn tại</div>", True),
        ("<div id=c><script>'không tồn tại'</script><h1>T</h1>Bài.</div>", False),
        ("<div id=c><p style='display :none'>không tồn tại</p><h1>T</h1>Bài.</div>", False),
        (f"<div id=c><h1>T</h1>{'Bài viết dài. ' * 60}Vấn đề không tồn tại.</div>", False),
    ],
)
def test_a_page_is_gone_by_its_visible_text(html: str, gone: bool) -> None:
    assert page(html, GONE).soft_gone is gone


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<pre>\na<br>b\nc\n</pre>", "a\nb\nc"),
        ("<pre>a<b>b\nc</b>d</pre>", "ab\ncd"),
        ("<pre>a\n\nb</pre>", "a\n\nb"),
        ("<pre>a<script>x</script><i hidden>y</i>b</pre>", "ab"),
        ("<pre>a<pre>b\nc</pre>\nd</pre>", "a\n\nb\nc\n\nd"),
        ("x<pre>a\nb</pre>y", "x\n\na\nb\n\ny"),
        ("<pre></pre>y", "y"),
    ],
)
def test_a_pre_keeps_its_lines_without_invisible_text(html: str, text: str) -> None:
    assert body(html) == text


def test_a_thousand_pre_within_each_other_are_read() -> None:
    assert body("<pre>a\n" * 3000)


def test_what_is_cut_is_cut_out_of_a_pre_as_well() -> None:
    rules = "[page.fields]\nbylines = { css = 'b', cut = true }\nbody = '#b'"
    record = page("<div id=b><pre>a\n<b>BTQ</b>\nc</pre></div>", rules)
    assert (record.content.body, record.content.bylines) == ("a\n\nc", ("BTQ",))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<pre class=x>a\nb</pre>", "a\nb"),
        ("<table class=x><tr><td>a<td>b<tr><td>c<td>d</table>", "a | b\nc | d"),
        ("<ul class=x><li>a<li>b</ul>", "- a\n- b"),
        ("<ul><li class=x>a</ul>", "a"),
        ("<table><tr><td class=x>a</table>", "a"),
    ],
)
def test_what_is_read_alone_is_laid_out_as_within_a_page(html: str, text: str) -> None:
    record = page(html, "[page.fields]\nbody = '.x'")
    assert record.content.body == text


@pytest.mark.parametrize(
    ("style", "is_hidden"),
    [
        ("display:none", True),
        ("display : none", True),
        ("DISPLAY:\tNONE !important", True),
        ("color:red;display:none", True),
        ("visibility:hidden", True),
        ("--m-display:none", False),
        ("overflow:hidden", False),
        ("background:none", False),
        ("display:inline; content:'none'", False),
    ],
)
def test_what_a_style_hides(style: str, is_hidden: bool) -> None:
    assert (body(f'<p>a</p><p style="{style}">b</p>') == "a") is is_hidden


def test_nodes_within_nodes_do_not_eat_the_memory() -> None:
    html = '<div class="c">' * 500 + "<p>" + "văn bản " * 25_000
    tracemalloc.start()
    started = time.process_time()
    record = page(html, "[page.fields]\ntitle = { css = '.c', pattern = 'không có' }\ntags = '.c'")
    assert time.process_time() - started < 12
    assert tracemalloc.get_traced_memory()[1] < 150_000_000
    tracemalloc.stop()
    assert any("too much text in nested nodes" in note for note in record.notes)


def test_many_post_back_links_are_bounded_and_share_their_fields() -> None:
    hidden = "".join(f"<input type=hidden name=f{number} value={'v' * 90}>" for number in range(400))
    links = "".join(f"<a class=n href=\"javascript:__doPostBack('g','{number}')\">x</a>" for number in range(3000))
    html = f"<form action=/list>{hidden}<input type=hidden name=__VIEWSTATE value=s>{links}</form>"
    started = time.process_time()
    record = page(html, "next = { css = 'a.n', postback = true }", "listing")
    assert time.process_time() - started < 2
    assert len(record.postbacks) == 100
    assert dict(record.postbacks[7].fields)["__EVENTARGUMENT"] == "7"
    assert any("only the first 100 forms" in note for note in record.notes)


def test_links_of_nodes_within_nodes_are_bounded() -> None:
    html = "<div class=n>" * 400 + "".join(f"<a href=/{number}>x</a>" for number in range(3000))
    started = time.process_time()
    record = page(html, "follow = ['.n']", "listing")
    assert time.process_time() - started < 3
    assert len(record.follow) == 3000


def test_images_deep_within_the_body_are_found_in_time() -> None:
    html = (
        "<div id=b>"
        + "<div>" * 1500
        + "".join(f"<img src=/{n}.png>" for n in range(3000))
        + "x<i hidden><img src=/h.png>"
    )
    started = time.process_time()
    record = page(html, "[page.fields]\nbody = '#b'\n[page.readings]\nviews = 'u'")
    assert time.process_time() - started < 3
    assert len(record.content.images) == 3000


@pytest.mark.parametrize(
    "anchor",
    [
        "{ css = 'h1', pattern = '^Tin', required = true }",
        "{ meta = 'generator', pattern = 'Neu', required = true }",
        "{ css = 'h1', attr = 'data-new', required = true }",
        "{ jsonld = 'NewsArticle.headline', required = true }",
    ],
)
def test_a_template_is_recognised_by_its_required_rule(anchor: str) -> None:
    rules = (
        f"[page.fields]\ntitle = {anchor}\n[[page]]\nkind = 'article'\nfallback = false\n[page.fields]\ntitle = 'h2'"
    )
    record = page("<h1>Khác</h1><meta name=generator content=Alt><h2>Tiêu đề</h2>", rules)
    assert record.content.title == "Tiêu đề"
