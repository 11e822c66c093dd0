"""The record of a page: each case is a small page, a few rules, and the expected result."""

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile
from archiver.model.record import Content, Link, Published, Record

URL = "http://portal.example/tintuc/post.aspx?ItemID=1"
SITE = """
[site]
name = "portal"
title = "Cổng thông tin"
home = "http://portal.example/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
"""
ARTICLE = '\n[[page]]\nkind = "article"\n'


def capture(page: str | bytes, *, url: str = URL, content_type: str | None = "text/html; charset=utf-8") -> Capture:
    body = page.encode() if isinstance(page, str) else page
    headers = ((b"Content-Type", content_type.encode()),) if content_type else ()
    return Capture(
        request=Request(url),
        visited_at=datetime(2022, 10, 22, tzinfo=UTC),
        outcome=Outcome.OK,
        status=200,
        headers=headers,
        body=body,
    )


def profile(rules: str) -> Profile:
    """A profile with the tables given after `[site]`."""
    return parse_profile(SITE + rules, "portal.toml")


def article(
    page: str | bytes, rules: str, *, kind: str = "", links: bool = True, content_type: str | None = "text/html"
) -> Record:
    """Read a page by one `[[page]]` table: its own keys (`kind`), and its `[page.fields]` and so on (`rules`)."""
    return read(capture(page, content_type=content_type), profile(ARTICLE + kind + "\n" + rules), links=links)


def fields(page: str, rules: str, *, kind: str = "") -> Record:
    """Read a page by some rules of `[page.fields]`, and nothing else (no fallback)."""
    return article(page, "[page.fields]\n" + rules, kind=f"fallback = false\n{kind}")


POST = """<!doctype html><html lang="vi"><head><title>Dân vận khéo - Cổng thông tin</title></head><body>
<div id="menu"><a href="/a?x=1#f">Mục A</a><a href="mailto:x@y">thư</a></div>
<div id="content">
<h3 class="tieude"> Dân vận <b>kh</b>éo<br>ở phường 5 </h3>
<span class="ngay">21 Tháng Mười 2022 3:55:00 CH</span>
<p class="sapo">Tóm tắt</p>
<div class="noidung">
  <p>Đoạn một.</p><p>Ảnh: - Hội nghị</p><img src="/i/1.jpg"><img data-src="/i/2.jpg" src="data:x"><p>Đoạn hai<br>dòng hai</p>
  <p style="display: none">ẩn</p><p hidden>ẩn</p>
  <div class="luotxem">Lượt xem: 1.234</div>
  <p>Ảnh: Đại biểu</p><p>PV</p><p>HTTT</p>
  <a href="/f/vb.pdf">Văn bản</a> <a href="/khac">khác</a>
</div></div>
<div id="sidebar"><h3 class="tieude">Tin khác</h3><a href="/b">B</a></div>
<div class="visitors"><span>3</span><span>7</span><span>4</span></div></body></html>"""
RULES = r"""
ignore = ["#sidebar", ".visitors"]
[page.fields]
title = "h3.tieude"
published = "span.ngay"
summary = ".sapo"
body = "div.noidung"
captions = { css = "div.noidung p", pattern = '^Ảnh:\s*-?\s*(.+)$', cut = true }
bylines = { css = "div.noidung p", pattern = '^([A-ZĐ]{2,6})$', take = "last", cut = true }
[page.readings]
views = { css = ".luotxem", pattern = '([\d.,]+)' }
site_visits = { css = ".visitors span", join = "" }
"""


def test_a_portal_page() -> None:
    record = article(POST, RULES)
    content = record.content
    assert content.title == "Dân vận khéo ở phường 5"
    assert content.published == Published(
        "2022-10-21 15:55:00", "2022-10-21 08:55:00", "21 Tháng Mười 2022 3:55:00 CH", "second"
    )
    assert content.body == "Đoạn một.\n\nĐoạn hai\ndòng hai\n\nPV\n\nVăn bản khác"
    assert content.captions == ("Hội nghị", "Đại biểu")
    assert content.bylines == ("HTTT",)
    assert content.images == ("http://portal.example/i/1.jpg", "http://portal.example/i/2.jpg")
    assert content.files == (Link("http://portal.example/f/vb.pdf", "Văn bản"),)
    assert content.language == "vi"
    assert dict(record.readings) == {"views": 1234, "site_visits": 374}
    assert (record.kind, record.template, record.charset, record.needs_fallback) == (
        "article",
        "article@9",
        "utf-8",
        False,
    )
    assert record.links[0] == Link("http://portal.example/f/vb.pdf", "Văn bản")
    assert record.follow[:2] == ("http://portal.example/a?x=1", "http://portal.example/f/vb.pdf")
    assert {link.url for link in record.links} < set(record.follow)
    assert "http://portal.example/b" in record.follow


def test_every_field_has_its_source() -> None:
    sources = dict(article(POST, RULES).sources)
    assert set(sources) >= {"title", "published", "body", "captions", "readings.views", "images", "language"}
    title = sources["title"]
    assert (title.rule, title.rank) == ("css:h3.tieude", 1)
    assert title.node_path == "html > body > div#content:nth-of-type(2) > h3.tieude"
    assert title.raw.split() == ["Dân", "vận", "kh", "éo", "ở", "phường", "5"]
    assert sources["captions"].raw == "Ảnh: - Hội nghị"
    assert sources["language"].rule == "document"
    assert all(len(source.raw) <= 500 for source in sources.values())


def test_counters_that_move_change_nothing() -> None:
    moved = POST.replace("1.234", "1.300").replace("<span>4</span>", "<span>9</span>")
    assert article(moved, RULES).content == article(POST, RULES).content
    assert article(moved, RULES).readings != article(POST, RULES).readings


def test_records_travel_between_processes() -> None:
    record = article(POST, RULES)
    assert pickle.loads(pickle.dumps(record)) == record  # noqa: S301


def test_links_can_be_left_out() -> None:
    record = article(POST, RULES, links=False)
    assert (record.links, record.follow) == ((), ())
    assert record.content == article(POST, RULES).content


NODES = "<p class=a>một</p><p class=b>2</p><p class=a>Ảnh: ba</p><p class=a></p><p class=a>Ảnh: bốn</p><a href='/x?id=7'>liên kết</a>"
SINGLE = {
    "css": ("'p.b'", "2"),
    "first of a list that yields": ("['p.x', 'p.a', 'p.b']", "một"),
    "first is the first with text": ("'p.a:empty, p.b'", "2"),
    "last": ("{ css = 'p.a', take = 'last' }", "Ảnh: bốn"),
    "second": ("{ css = 'p', take = 2 }", "2"),
    "last but one": ("{ css = 'p', take = -2 }", "Ảnh: ba"),
    "beyond the end": ("{ css = 'p', take = 9 }", None),
    "all are joined by a line": ("{ css = 'p.a', take = 'all' }", "một\nẢnh: ba\nẢnh: bốn"),
    "join": ("{ css = 'p', join = '+' }", "một+2+Ảnh: ba+Ảnh: bốn"),
    "pattern with a group": ("{ css = 'p', pattern = '^Ảnh: (.+)' }", "ba"),
    "pattern without a group": ("{ css = 'p', pattern = 'b.n' }", "bốn"),
    "pattern that nothing matches": ("{ css = 'p', pattern = 'b..n' }", None),
    "whole match": ("{ css = 'p', pattern = 'b[ốa]n?' }", "ba"),
    "take counts the nodes that match": ("{ css = 'p', pattern = 'Ảnh: (.+)', take = 2 }", "bốn"),
    "group that took no part": ("{ css = 'p', pattern = '^Ảnh|(zzz)' }", None),
    "attribute that is an address": ("{ css = 'a', attr = 'href' }", "http://portal.example/x?id=7"),
    "pattern in an attribute": ("{ css = 'a', attr = 'href', pattern = 'id=(\\d+)' }", "7"),
    "plain attribute": ("{ css = 'p', attr = 'class', take = 2 }", "b"),
    "url": ("{ css = 'a', type = 'url' }", "http://portal.example/x?id=7"),
    "integer": ("{ css = 'p.b', type = 'integer' }", "2"),
    "integer that is none": ("{ css = 'p.a', type = 'integer' }", None),
    "html": ("{ css = 'body', type = 'html', pattern = '(<p class=\"b\">)' }", '<p class="b">'),
    "const": ("{ const = 'Sở  Y tế' }", "Sở Y tế"),
    "meta by name": ("{ meta = 'DC.Title' }", "M"),
    "meta by property": ("{ meta = 'og:type' }", "bài"),
    "meta by itemprop": ("{ meta = 'sku' }", "S"),
    "jsonld by type": ("{ jsonld = 'NewsArticle.headline' }", "J"),
    "jsonld through @graph and lists": ("{ jsonld = 'NewsArticle.author.name', join = ', ' }", "An, Bình"),
    "jsonld by number": ("{ jsonld = 'NewsArticle.author.1.name' }", "Bình"),
    "jsonld without type": ("{ jsonld = 'publisher' }", "Báo"),
    "jsonld with several types": ("{ jsonld = 'Report.headline' }", "J"),
    "jsonld that is not there": ("{ jsonld = 'Recipe.name' }", None),
    "date in an extra field": ("{ const = '21/10/2022', type = 'date' }", "2022-10-21"),
}
HEAD = """<meta name="dc.title" content=" M "><meta property="og:type" content="bài"><meta itemprop=sku content=S>
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"W"},
{"@type":["NewsArticle","Report"],"headline":"J","author":[{"@type":"Person","name":"An"},{"name":"Bình"}],
"publisher":{"@type":"Organization","name":"Báo"}}]}</script>"""


@pytest.mark.parametrize(("rule", "value"), SINGLE.values(), ids=SINGLE.keys())
def test_what_a_rule_can_do(rule: str, value: object) -> None:
    record = fields(f"<head>{HEAD}</head><body>{NODES}</body>", f"x = {rule}")
    assert dict(record.content.extra).get("x") == value
    assert ("x" in dict(record.sources)) == (value is not None)
    required = fields(
        f"<head>{HEAD}</head><body>{NODES}</body>", f"x = {rule}\ny = {{ css = '.nowhere', required = true }}"
    )
    assert "y: none of its rules gave a value" in required.notes
    assert "x: none of its rules gave a value" not in record.notes


def test_the_rank_of_the_rule_that_won() -> None:
    source = dict(fields(NODES, "title = ['h1', { css = 'h2' }, 'p.b']").sources)["title"]
    assert (source.rule, source.rank, source.raw) == ("css:p.b", 3, "2")


LISTS = {
    "captions": ("captions = 'p.a'", ("một", "Ảnh: ba", "Ảnh: bốn")),
    "the same twice is once": ("bylines = { css = 'p', pattern = '^(Ảnh|2)' }", ("2", "Ảnh")),
    "only the last": ("captions = { css = 'p.a', take = 'last' }", ("Ảnh: bốn",)),
    "tags out of meta": ("tags = { meta = 'keywords' }", ("một", "hai ba", "bốn")),
    "tags out of nodes keep their commas": ("tags = { const = 'một, hai' }", ("một, hai",)),
    "images by node": ("images = 'img'", ("http://portal.example/1.png", "http://portal.example/2.png")),
    "images inside a node": ("images = 'div'", ("http://portal.example/1.png", "http://portal.example/2.png")),
    "images out of an attribute": ("images = { css = 'img', attr = 'title' }", ("http://portal.example/t",)),
    "images out of meta": ("images = { meta = 'og:image' }", ("http://portal.example/og.png",)),
}


@pytest.mark.parametrize(("rule", "values"), LISTS.values(), ids=LISTS.keys())
def test_lists(rule: str, values: object) -> None:
    page = (
        '<meta name=keywords content="một, hai ba;bốn, "><meta property=og:image content="/og.png">'
        f"<div><img src=1.png title=t><img src='x' data-original='/2.png'><img></div>{NODES}"
    )
    record = fields(page.replace("src=1.png", "src=/1.png").replace("title=t", "title=/t"), rule)
    assert getattr(record.content, rule.split(maxsplit=1)[0]) == values


def test_files_by_rule_have_their_text() -> None:
    page = "<p><a href=/a.bin>Tệp  A</a></p><div class=f><a href=/b>B</a><a href=/b></a></div>"
    assert fields(page, "files = 'a'").content.files[0] == Link("http://portal.example/a.bin", "Tệp A")
    assert fields(page, "files = '.f'").content.files == (Link("http://portal.example/b", "B"),)


DATES = {
    "day": ("{ css = 'p', type = 'date' }", "Thứ sáu, 21/10/2022 15:55", "2022-10-21", "day"),
    "two nodes joined": (
        "{ css = 'p, b', join = ' ' }",
        "21/10/2022</p><b>15:55</b><p>",
        "2022-10-21 15:55:00",
        "minute",
    ),
    "format": ("{ css = 'p', format = '%Y|%d|%m' }", "2022|21|10", "2022-10-21", "day"),
    "second rule reads what the first cannot": ("['p', { const = '21/10/2022' }]", "hôm qua", "2022-10-21", "day"),
    "attribute": (
        "{ css = 'time', attr = 'datetime' }",
        "<time datetime=2022-10-21T15:55:00+07:00>",
        "2022-10-21 15:55:00",
        "second",
    ),
}


@pytest.mark.parametrize(("rule", "text", "local", "precision"), DATES.values(), ids=DATES.keys())
def test_dates(rule: str, text: str, local: str, precision: str) -> None:
    published = fields(f"<p>{text}</p>", f"published = {rule}").content.published
    assert published is not None
    assert (published.local, published.precision) == (local, precision)


def test_a_text_without_a_date_is_kept_as_printed() -> None:
    record = fields("<p>ngày 31/02/2022</p>", "published = 'p'")
    assert record.content.published == Published(None, None, "ngày 31/02/2022", None)
    assert any(note.startswith("published: ") for note in record.notes)
    assert dict(record.sources)["published"].rank == 1


def test_ignored_nodes_are_gone_for_fields_but_not_for_readings_and_links() -> None:
    page = "<div class=x><p>1</p><a href=/x>x</a></div><p>2</p>"
    record = article(page, "ignore = ['.x']\n[page.fields]\ntitle = 'p'\nbody = 'body'\n[page.readings]\nn = 'p'")
    assert (record.content.title, record.content.body, dict(record.readings)) == ("2", "2", {"n": 1})
    assert record.follow == ("http://portal.example/x",)


def test_two_rules_may_read_one_node() -> None:
    page = "<p class=m>Ngày 21/10/2022 - Lượt xem: 12</p><div class=b>thân</div>"
    rules = "[page.fields]\npublished = { css = '.m', pattern = 'Ngày (\\S+)' }\nbody = 'body'\n[page.readings]\nviews = { css = '.m', pattern = '(\\d+)$' }"
    record = article(page, rules)
    assert record.content.published is not None
    assert (record.content.published.local, record.content.body, dict(record.readings)) == (
        "2022-10-21",
        "thân",
        {"views": 12},
    )


def test_only_the_nodes_that_gave_the_value_are_cut() -> None:
    page = "<div><p>Ảnh: a</p><p>b</p><p>Ảnh: c</p></div>"
    record = fields(page, "body = 'div'\ncaptions = { css = 'p', pattern = 'Ảnh: (.+)', take = 'first', cut = true }")
    assert (record.content.captions, record.content.body) == (("a",), "b\n\nẢnh: c")


def test_a_node_that_contains_the_whole_body_is_not_cut_and_noted() -> None:
    record = fields("<div id=a><div id=b>thân</div></div>", "title = { css = '#a', cut = true }\nbody = '#b'")
    assert record.content.body == "thân"
    assert "title: its node contains the whole body and was not cut out of it" in record.notes


def test_images_in_what_is_cut_or_hidden_are_not_of_the_body() -> None:
    page = "<div id=b>x<p><img src=/1>c</p><p hidden><img src=/2></p><img src=/3><img src=/3></div>"
    record = fields(page, "body = '#b'\ncaptions = { css = 'p', cut = true }")
    assert record.content.images == ("http://portal.example/3",)


def test_a_body_of_several_nodes() -> None:
    assert fields("<p>a</p><p>b</p>", "body = { css = 'p', take = 'all' }").content.body == "a\n\nb"
    assert fields("<p>a</p><p></p>", "body = ['p:empty', 'p']").content.body == "a"
    assert fields("<p>a<br>b</p>", "body = { css = 'p', pattern = 'a\\n(b)' }").content.body == "b"
    assert fields("<p>a<b>b</b></p>", "body = { css = 'p', type = 'html' }").content.body == "a<b>b</b>"
    assert fields("<meta name=d content='x y'>", "body = { meta = 'd' }").content.body == "x y"


def test_a_script_may_hold_a_reading() -> None:
    page = "<script>var hits = 4711;</script><p>x</p>"
    assert dict(article(page, "[page.readings]\nhits = { css = 'script', pattern = 'hits = (\\d+)' }").readings) == {
        "hits": 4711
    }


def test_rules_that_miss_are_noted_and_nothing_else_fills_their_field_but_the_body() -> None:
    page = f"<head>{HEAD}<title>T</title></head><h1>Tiêu đề</h1>"
    record = article(
        page,
        "[page.fields]\ntitle = 'h3'\nbody = '.x'\ncaptions = '.y'\ntags = { css = '.z', required = true }\n[page.readings]\nviews = { css = '.n', required = true }",
    )
    assert (record.content.title, record.content.body, record.needs_fallback) == (None, None, True)
    assert set(record.notes) == {
        "title: none of its rules gave a value",
        "body: none of its rules gave a value",
        "tags: none of its rules gave a value",
        "readings.views: none of its rules gave a number",
    }


STORY = "".join(
    f"<p>Câu {number} kể rằng người dân trong phường dọn dẹp con hẻm nhỏ sau mưa.</p>" for number in range(9)
)
MISSED = "body: none of its rules gave a value"
DECLARED = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "T", "articleBody": "{"Lời kể. " * 40}"}}</script>'


@pytest.mark.parametrize(
    "rules", ["body = '#x'", "body = ['#x', { css = 'p', pattern = '^Không' }]", "body = { meta = 'x' }"]
)
def test_a_body_whose_rules_miss_is_read_by_the_fallback(rules: str) -> None:
    taken = capture(f"<h1>Tiêu đề bài</h1><article>{STORY}</article>")
    by_rules = profile(f"{ARTICLE}[page.fields]\ntitle = 'h1'\n{rules}")
    quick = read(taken, by_rules)
    assert (quick.content.body, quick.needs_fallback, MISSED in quick.notes) == (None, True, True)
    slow = read(taken, by_rules, slow=True)
    assert slow.content.body is not None
    assert "Câu 8" in slow.content.body
    assert dict(slow.sources)["body"].rank == 0
    assert f"{MISSED}; read by the fallback" in slow.notes


def test_a_body_whose_rules_miss_may_be_declared() -> None:
    taken = capture(f"<head>{DECLARED}</head><h1>T</h1>")
    record = read(taken, profile(f"{ARTICLE}[page.fields]\nbody = '#x'"), slow=True)
    assert dict(record.sources)["body"].rule == "fallback:jsonld"
    assert f"{MISSED}; read by the fallback" in record.notes


@pytest.mark.parametrize(
    "rule", ["{ meta = 'og:title' }", "{ jsonld = 'NewsArticle.headline' }"], ids=["meta", "jsonld"]
)
def test_declared_texts_that_were_escaped_twice_are_read_as_a_page_shows_them(rule: str) -> None:
    said = "Xe &amp;#8216;điện&amp;#8217; &amp;amp; xăng"
    ld = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{said}"}}</script>'
    record = fields(f'<head><meta property="og:title" content="{said}">{ld}</head><p>A</p>', f"title = {rule}")
    assert record.content.title == "Xe ‘điện’ & xăng"


UNDATED = "published: none of its rules gave a value"


@pytest.mark.parametrize("rules", ["'.nowhere'", "['.nowhere', '.soon']"], ids=["nothing", "no date"])
def test_a_date_whose_rules_miss_is_read_by_the_fallback(rules: str) -> None:
    taken = capture('<h1>T</h1><p class="soon">Soon</p><time datetime="2024-03-09T10:00:00+07:00">9 March</time>')
    record = read(taken, profile(f"{ARTICLE}[page.fields]\npublished = {rules}"))
    assert record.content.published is not None
    assert record.content.published.local == "2024-03-09 10:00:00"
    assert dict(record.sources)["published"].rule == "document"
    assert f"{UNDATED}; read by the fallback" in record.notes


def test_a_text_without_date_stays_when_the_fallback_finds_none() -> None:
    taken = capture('<h1>T</h1><p class="soon">Soon</p>')
    record = read(taken, profile(f"{ARTICLE}[page.fields]\npublished = '.soon'"))
    assert record.content.published is not None
    assert (record.content.published.local, record.content.published.raw) == (None, "Soon")
    assert dict(record.sources)["published"].rule == "css:.soon"


def test_a_date_whose_rules_miss_stays_empty_without_fallback() -> None:
    taken = capture('<time datetime="2024-03-09">9 March</time>')
    record = read(taken, profile(f"{ARTICLE}fallback = false\n[page.fields]\npublished = '.nowhere'"))
    assert record.content.published is None
    assert not any("published" in note for note in record.notes)


def test_a_body_whose_rules_miss_stays_empty_without_fallback() -> None:
    page = f"<head>{DECLARED}</head><h1>Tiêu đề bài</h1><article>{STORY}</article>"
    for kind, slow in (("article", "fallback = false"), ("listing", "")):
        record = read(
            capture(page), profile(f"[[page]]\nkind = '{kind}'\n{slow}\n[page.fields]\nbody = '#x'"), slow=True
        )
        assert (record.content.body, record.needs_fallback) == (None, False)
        assert MISSED in record.notes


def test_a_body_that_neither_rules_nor_fallback_find() -> None:
    record = read(capture("<h1>Tiêu đề bài</h1>"), profile(f"{ARTICLE}[page.fields]\nbody = '#x'"), slow=True)
    assert (record.content.body, record.notes.count(MISSED)) == (None, 1)


NESTED = {
    "a paragraph in a quote": (
        "<div class=c><p>một</p><blockquote><p>hai</p></blockquote></div>",
        "body = { css = '.c p, .c blockquote', take = 'all' }",
        "một\n\nhai",
    ),
    "deeper": (
        "<div class=c><section>một<div><p>hai</p></div></section><p>ba</p></div>",
        "body = { css = '.c section, .c div, .c p', take = 'all' }",
        "một\n\nhai\n\nba",
    ),
    "an item in an item": (
        "<ul><li>một<ul><li>hai</ul><li>ba</ul>",
        "body = { css = 'li', take = 'all' }",
        "một\n\n- hai\n\nba",
    ),
    "a node and all in it": (
        "<div id=x><p>một</p><p>hai</p></div>",
        "body = { css = '#x, #x *', take = 'all' }",
        "một\n\nhai",
    ),
    "lists": ("<p class=a>một <b class=a>hai</b></p><b class=a>ba</b>", "captions = '.a'", ("một hai", "ba")),
    "joined": ("<p><span>1<span>2</span></span><span>3</span></p>", "x = { css = 'span', join = '' }", "123"),
    "only the inner one matches": (
        "<div class=c>x<p>Ảnh: một</p></div>",
        "captions = { css = '.c, .c p', pattern = '^Ảnh: (.+)' }",
        ("một",),
    ),
    "each matches something else": (
        "<div class=c>Ảnh: một.<p>Ảnh: hai.</p></div>",
        "captions = { css = '.c, .c p', pattern = 'Ảnh: ([^.]+)' }",
        ("một", "hai"),
    ),
    "what the outer one hides is read by its own rule": (
        "<div class=c><p>một</p><p class=more hidden>hai</p></div>",
        "body = { css = '.c, .more', take = 'all' }",
        "một\n\nhai",
    ),
    "what only stands side by side": (
        "<p class=a>một</p><p class=a>một</p>",
        "body = { css = '.a', take = 'all' }",
        "một\n\nmột",
    ),
    "a number counts the nodes": ("<p class=a>một <b class=a>hai</b></p>", "x = { css = '.a', take = 2 }", "hai"),
    "attributes": ("<i data-x=1><i data-x=1></i></i>", "x = { css = 'i', attr = 'data-x', join = '+' }", "1+1"),
    "images": (
        "<div class=a><img src=/1><p class=a><img src=/2></p></div>",
        "images = '.a'",
        ("http://portal.example/1", "http://portal.example/2"),
    ),
}


@pytest.mark.parametrize(("page", "rule", "value"), NESTED.values(), ids=NESTED.keys())
def test_nodes_within_nodes_give_their_text_once(page: str, rule: str, value: object) -> None:
    content = fields(page, rule).content
    name = rule.split(maxsplit=1)[0]
    assert (dict(content.extra)["x"] if name == "x" else getattr(content, name)) == value


GONE = {
    "pattern": ("{ css = '#c', pattern = 'không tồn tại' }", "<div id=c>Trang <b>không</b><br>tồn tại</div>", True),
    "not in a script": (
        "{ css = '#c', pattern = 'không tồn tại' }",
        "<div id=c><script>'không tồn tại'</script>bài</div>",
        False,
    ),
    "existence": ("{ css = '.loi404' }", "<p class=loi404>", True),
    "no such node": ("{ css = '.loi404' }", "<p>404</p>", False),
}


@pytest.mark.parametrize(("rule", "page", "gone"), GONE.values(), ids=GONE.keys())
def test_soft_404(rule: str, page: str, gone: object) -> None:
    record = article(page + "<h1>Tiêu đề bài</h1>", "", kind=f"gone = {rule}")
    assert record.soft_gone is gone
    assert record.content.is_empty is gone
    assert not (gone and record.needs_fallback)


LISTING = """
[[page]]
kind = "listing"
follow = ["a.title", "li"]
next = { css = "a.next, .pager", postback = true }
"""


def test_a_listing_follows_and_pages_and_has_no_content() -> None:
    page = """<title>T</title><h1>Danh mục</h1><form action="default.aspx?p=1"><input type=hidden name=__VIEWSTATE value="a&amp;b">
    <input type=HIDDEN name=__EVENTTARGET value=""><input type=text name=q value=x><a class=title href=/1>1</a><a href=/2>2</a>
    <ul><li><a href=/3>3</a><a class=title href=/1>1</a></ul><a class=next href="?page=2">sau</a>
    <div class=pager><a href="javascript:__doPostBack('ctl00$m$g','p={1};x=\\u0026y=\\'')">2</a><a href='javascript:__doPostBack(&quot;t&quot;,&quot;&quot;)'>3</a>
    <a href="#" onclick="__doPostBack('t','');return false">3</a></div></form>"""
    record = read(capture(page), profile(LISTING))
    assert record.content == Content()
    assert record.follow == ("http://portal.example/1", "http://portal.example/3")
    assert record.next == ("http://portal.example/tintuc/post.aspx?page=2",)
    assert [post.url for post in record.postbacks] == ["http://portal.example/tintuc/default.aspx?p=1"] * 2
    first, second = (dict(post.fields) for post in record.postbacks)
    assert first == {"__VIEWSTATE": "a&b", "__EVENTTARGET": "ctl00$m$g", "__EVENTARGUMENT": "p={1};x=&y='"}
    assert second["__EVENTTARGET"] == "t"
    assert (record.kind, record.needs_fallback) == ("listing", False)


def test_a_postback_without_its_form_takes_the_fields_of_the_page() -> None:
    page = "<a class=next href=\"javascript:__doPostBack('a','b')\">2</a><form><input type=hidden name=__VIEWSTATE value=v></form>"
    record = read(capture(page), profile(LISTING))
    assert record.postbacks[0].url == URL
    assert dict(record.postbacks[0].fields) == {"__VIEWSTATE": "v", "__EVENTTARGET": "a", "__EVENTARGUMENT": "b"}


def test_a_listing_may_have_fields() -> None:
    record = read(capture("<h1>Danh mục</h1>"), profile(LISTING + "[page.fields]\ntitle = 'h1'"))
    assert record.content == Content(title="Danh mục")


def test_what_link_elements_declare() -> None:
    page = """<base href="/thu/"><link rel="alternate" type="application/rss+xml" href="rss.xml"><link rel=alternate hreflang=en href=/en>
    <link rel="canonical" href="bai#x"><a href="tin">t</a><area href=/m><a href="JavaScript:x()">j</a><a>không</a><a href="tin#2">chữ</a>"""
    record = read(capture(page), None)
    assert record.feeds == ("http://portal.example/thu/rss.xml",)
    assert record.canonical == "http://portal.example/thu/bai"
    assert record.links == (Link("http://portal.example/thu/tin", "t"), Link("http://portal.example/m", ""))


OTHERS = {
    "PDF called HTML": (b"%PDF-1.4", "text/html", "a PDF document"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "image/png", "a PNG image"),
    "JSON": (b'{"a": "<html>"}', "application/json", "application/json"),
    "plain text": (b"The tag <html> begins a page.", "text/plain", "text/plain"),
    "XML": (b"<?xml version='1.0'?><catalog></catalog>", "application/xml", "application/xml"),
    "bytes of no type": (b"\x00\x01", None, "of no declared type"),
}


@pytest.mark.parametrize(("body", "declared", "what"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_not_html_is_a_file(body: bytes, declared: str | None, what: str) -> None:
    record = read(capture(body, content_type=declared), profile(ARTICLE))
    assert record.kind == "file"
    assert (record.content.file or "").endswith(f" ({len(body)} bytes)")
    if record.needs_fallback:  # a PDF is read in a worker process
        return
    is_text = declared in ("text/plain", "application/json")
    assert record.notes == (() if is_text else (f"not HTML but {what}",))
    assert record.content.body == (body.decode() if is_text else None)


@pytest.mark.parametrize("declared", [None, "application/xhtml+xml", "application/octet-stream", "text/xml"])
def test_html_is_read_with_any_media_type(declared: str | None) -> None:
    page = "<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'><h1>Tiêu đề</h1></html>"
    assert read(capture(page, content_type=declared), None).content.title == "Tiêu đề"


def test_an_empty_body() -> None:
    assert read(capture(b""), profile(ARTICLE)) == Record(notes=("the body is empty",))
    script = read(capture(b"", content_type="application/x-javascript"), profile(ARTICLE))
    assert script == Record(kind="file", notes=("the file is empty",))


@pytest.mark.parametrize("kind", ["file", "skip"])
def test_kinds_that_are_not_read(kind: str) -> None:
    record = read(capture(POST), profile(f"[[page]]\nkind = '{kind}'"))
    assert (record.kind, record.content, record.links) == (kind, Content(), ())


def test_many_links_are_bounded() -> None:
    page = "".join(f"<a href='/{n}'>{n}</a>" for n in range(20_000))
    record = read(capture(page), None)
    assert len(record.links) == 5000
    assert "only the first 5000 links were kept" in record.notes


@pytest.mark.parametrize(
    "page",
    ["\x00<p>một\x00hai</p>", "<p>một<", "<p>một</div></p></b><!--", "<frameset><frame src=/x></frameset>", "<" * 5000],
)
def test_broken_pages_are_read(page: str) -> None:
    article(page, RULES)
    read(capture(page), None)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["text/html", "text/html; charset=windows-1258", None]))
def test_no_bytes_break_the_reader(body: bytes, declared: str | None) -> None:
    for page in (body, b"<html><body>" + body + b"</body>"):
        assert pickle.dumps(article(page, RULES, content_type=declared))
        assert pickle.dumps(read(capture(page, content_type=declared), None))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/=\"' pabdiv-!hrefmtjs{}[]:@,.typ", max_size=120))
def test_no_markup_breaks_the_reader(text: str) -> None:
    page = POST.replace("Đoạn một.", text).replace(
        "<head>", f'<head><script type="application/ld+json">{text}</script>'
    )
    article(page, RULES)
    read(capture(page), None)


def test_rules_of_images_and_files_that_miss_leave_them_empty() -> None:
    page = "<div><img src=/a.png><a href=/a.pdf>A</a></div>"
    assert fields(page, "body = 'div'").content.images == ("http://portal.example/a.png",)
    content = fields(page, "body = 'div'\nimages = ['.x', { css = '.y', attr = 'src' }]\nfiles = '.x'").content
    assert (content.images, content.files) == ((), ())


def test_what_is_cut_may_be_any_field() -> None:
    page = "<div>a<p class=d>21/10/2022</p><p class=f><a href=/x.bin>tệp</a></p>b</div>"
    record = fields(page, "body = 'div'\npublished = { css = '.d', cut = true }\nfiles = { css = '.f', cut = true }")
    assert record.content.body == "a\n\nb"
    assert record.content.files == (Link("http://portal.example/x.bin", "tệp"),)


def test_the_same_address_twice_is_one_link_with_a_text() -> None:
    page = "<p><a href=/x><img></a><a href=/x>tên</a><a href=http://[>hỏng</a></p>"
    assert read(capture(page), None).links == (Link("http://portal.example/x", "tên"),)
    assert fields(page, "files = 'a'").content.files == (Link("http://portal.example/x", "tên"),)
