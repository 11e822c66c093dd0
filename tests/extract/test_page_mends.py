"""Pages that were read wrongly before: each test has one page and a few rules."""

import time
import tracemalloc
from pathlib import Path

import pytest

from archiver.extract.bounds import bounded
from archiver.extract.profile import load_profile, parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import instant
from archiver.model.record import Record

ROOT = Path(__file__).resolve().parents[2]
SITE = '[site]\nname = "p"\nhome = "http://p.example/"\nlanguage = "vi"\n'
TEXT = "một hai ba bốn năm " * 25_000
NESTED = "<div class=c>" * 500
SECONDS = 3.0
"""CPU, where the same page took ten times as long or more."""


def page(html: str, rules: str, *, kind: str = "article") -> Record:
    """Read a page by one `[[page]]` table without fallback."""
    return by(html, f'[[page]]\nkind = "{kind}"\nfallback = false\n{rules}')


def by(html: str, tables: str) -> Record:
    """Read a page by the tables given after `[site]`."""
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    moment = instant("2022-10-22 00:00:00")
    taken = Capture(Request("http://p.example/1"), moment, Outcome.OK, 200, headers=headers, body=html.encode())
    return read(taken, parse_profile(SITE + tables, "p"))


# gone

GONE = "gone = { css = '.c', pattern = 'không tồn tại' }\n"
SHORT = "<h1>Thông báo</h1><p>Trang này không tồn tại.</p>"
SOFT_404 = {
    "after 300 kB of script": (f"<div class=c><script>{'x=1;' * 75_000}</script>{SHORT}</div>", True),
    "after what nobody sees": (f"<div class=c><p style='display:none'>{'ẩn ' * 9000}</p>{SHORT}</div>", True),
    "far into white space": (
        f"<div class=c>{'<p> &nbsp; </p>' + chr(10) * 99 + '<br>' * 9}{' ' * 5000}{SHORT}</div>",
        True,
    ),
    "with a script between the words": ("<div class=c>Trang không <script>x()</script>tồn tại</div>", True),
    "in the second node": (f"<div class=c>{'Bài dài. ' * 200}</div><div class=c>{SHORT}</div>", True),
    "in a short node within a long one": (f"<div class=c>{'Bài dài. ' * 200}<div class=c>{SHORT}</div></div>", True),
    "in preformatted lines": ("<pre class=c>Trang\nkhông\ntồn tại</pre>", True),
    "at the start of an article": (f"<div class=c>{SHORT}{'Bài dài. ' * 200}</div>", False),
    "at the end of an article": (f"<div class=c>{'Bài dài. ' * 200}{SHORT}</div>", False),
    "600 characters are a message": (f"<div class=c>{'a' * 586} không tồn tại</div>", True),
    "601 characters are an article": (f"<div class=c>{'a' * 587} không tồn tại</div>", False),
}


@pytest.mark.parametrize(("html", "gone"), SOFT_404.values(), ids=SOFT_404.keys())
def test_where_a_page_may_say_that_it_is_gone(html: str, gone: bool) -> None:
    assert page(html, GONE).soft_gone is gone


def test_ignored_nodes_give_no_text_but_readings_and_links() -> None:
    side = "<div class=side>Mục này không tồn tại. <a href=/x>x</a><i>12</i></div>"
    rules = "ignore = ['.side']\n[page.fields]\nbody = '.c'\n[page.readings]\nviews = '.side i'"
    record = page(f"<div class=c>Bài ngắn.{side}</div>", GONE + rules)
    assert (record.soft_gone, record.content.body) == (False, "Bài ngắn.")
    assert (dict(record.readings), list(record.follow)) == ({"views": 12}, ["http://p.example/x"])


def test_a_gone_page_keeps_its_readings() -> None:
    record = page(f"<div class=c>{SHORT}</div><i>12</i>", GONE + "ignore = ['i']\n[page.readings]\nviews = 'i'")
    assert (record.soft_gone, dict(record.readings)) == (True, {"views": 12})


def test_a_node_that_is_named_as_the_message_may_be_ignored() -> None:
    assert page("<p class=e>404</p>", "gone = { css = '.e' }\nignore = ['.e']").soft_gone


@pytest.mark.parametrize("name", ["quan11", "demo"])
@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Bài viết không tồn tại hoặc đã bị gỡ bỏ.", True),
        ("BÀI VIẾT KHÔNG TỒN TẠI", True),
        ("Sở thông báo: điểm bán hàng không tồn tại ở địa chỉ nêu trên là giả mạo.", False),
    ],
)
def test_the_messages_of_the_shipped_profiles(name: str, text: str, gone: bool) -> None:
    profile = load_profile(ROOT / "selectors" / f"{name}.toml")
    kind = next(kind for kind in profile.pages if kind.gone)
    assert kind.gone is not None
    assert kind.gone.pattern is not None
    assert bool(kind.gone.pattern.search(text)) is gone


# nested nodes

WITHIN = {
    "lines, searched": (TEXT, "title = { css = '.c', pattern = 'zzz' }"),
    "lines, kept": (TEXT, "captions = { css = '.c', take = 'all' }"),
    "paragraphs": (TEXT, "body = { css = '.c', take = 'all' }"),
    "html, searched": (TEXT, "x = { css = '.c', type = 'html', pattern = 'zzz' }"),
    "html, kept": (TEXT, "x = { css = '.c', type = 'html', take = 'all' }"),
    "nodes without text": ("<span></span>" * 40_000, "title = { css = '.c', pattern = 'zzz' }"),
    "images": ("<img src=/x.png>" * 4000, "images = { css = '.c', pattern = 'zzz' }"),
}


@pytest.mark.parametrize(("inner", "rule"), WITHIN.values(), ids=WITHIN.keys())
def test_nodes_within_nodes_take_no_time(inner: str, rule: str) -> None:
    in_time(NESTED + inner, f"[page.fields]\n{rule}")


@pytest.mark.parametrize("rule", [WITHIN[kept][1] for kept in ("paragraphs", "html, kept")])
def test_nodes_within_nodes_take_no_memory(rule: str) -> None:
    tracemalloc.start()
    try:
        page("<div class=c>" * 250 + TEXT, f"[page.fields]\n{rule}")
        assert tracemalloc.get_traced_memory()[1] < 120_000_000
    finally:
        tracemalloc.stop()


def test_a_soft_404_is_looked_for_in_nodes_within_nodes() -> None:
    in_time(f"{NESTED}không tồn tại {TEXT}", GONE)


def test_links_within_links_take_no_time_and_all_are_found() -> None:
    links = "".join(f"<a href=/{number}><table><tr><td>" for number in range(300))
    assert len(in_time(links + TEXT, "").links) == 300


def in_time(html: str, rules: str, kind: str = "article") -> Record:
    """Read a page within some seconds."""
    started = time.process_time()
    record = page(html, rules, kind=kind)
    assert time.process_time() - started < SECONDS
    return record


def test_a_bound_that_one_field_meets_leaves_the_first_node_to_the_others() -> None:
    rules = "[page.fields]\ncaptions = { css = '.c', take = 'all' }\ntitle = 'h1'\nbody = 'p'"
    content = page(f"<h1>T</h1>{NESTED}{TEXT}<p>thân</p>", rules).content
    assert (content.title, content.body) == ("T", "thân")


def test_a_long_page_whose_every_paragraph_is_read_by_several_rules_is_read_whole() -> None:
    html = "<div class=c>" + "".join(f"<p>{number} {'một hai ba ' * 90}</p>" for number in range(3000)) + "</div>"
    rules = "\n".join(f"x{n} = {{ css = '.c p', pattern = '^2999' }}" for n in range(3))
    record = page(html, f"[page.fields]\n{rules}\nbody = '.c'")
    assert record.notes == ()
    assert record.content.body is not None
    assert record.content.body.count("\n\n") == 2999
    assert dict(record.content.extra) == {"x0": "2999", "x1": "2999", "x2": "2999"}


# links, images, forms


def test_links_of_nodes_within_nodes_are_found_once_and_in_order() -> None:
    inner = "<a href=/1>1</a><div class=n><a href=/2>2</a><a class=n href=/3>3</a></div><a href=/4>4</a>"
    record = page(f"<div class=n>{inner}</div><a class=n href=/5>5</a>", "follow = ['.n']", kind="listing")
    assert record.follow == tuple(f"http://p.example/{number}" for number in range(1, 6))
    assert record.notes == ()


def test_so_many_links_of_a_selector_are_kept() -> None:
    links = "".join(f"<a href=/{number}>x</a>" for number in range(6000))
    record = page(f"<div class=n>{links}</div>", "follow = ['.n']", kind="listing")
    assert len(record.follow) == 5000
    assert "only the first 5000 links of .n were kept" in record.notes


def test_images_of_a_body_within_a_body_are_found_unless_hidden() -> None:
    html = "<div class=c><img src=/1><div class=c><img src=/2><p hidden><img src=/3></p></div><img src=/4>x</div>"
    record = page(html, "[page.fields]\nbody = { css = '.c', take = 'all' }")
    assert record.content.images == tuple(f"http://p.example/{number}" for number in (1, 2, 4))


def post(target: object) -> str:
    return f"<a class=n href=\"javascript:__doPostBack('{target}','')\">x</a>"


PAGING = "next = { css = '.n', postback = true }"


@pytest.mark.parametrize(("links", "kept", "noted"), [(99, 99, False), (100, 100, False), (101, 100, True)])
def test_a_hundred_forms_are_kept_and_what_is_left_is_noted(links: int, kept: int, noted: bool) -> None:
    record = page("<form>" + "".join(map(post, range(links))) * 2 + "</form>", PAGING, kind="listing")
    assert len(record.postbacks) == kept
    assert ("only the first 100 forms were kept" in record.notes) is noted


def test_each_link_sends_the_form_around_it() -> None:
    forms = "".join(
        f"<form action=/{name}><input type=hidden name=__VIEWSTATE value={name}><div>{post(1)}{post(1)}</div></form>"
        for name in "ab"
    )
    record = page(forms + post(1), PAGING, kind="listing")
    assert [sent.url for sent in record.postbacks] == ["http://p.example/a", "http://p.example/b"]
    assert [dict(sent.fields)["__VIEWSTATE"] for sent in record.postbacks] == ["a", "b"]


def test_thousands_of_forms_and_deep_links_are_paged_in_time() -> None:
    hidden = "".join(f"<input type=hidden name=f{number} value=v>" for number in range(400))
    forms = f"<form>{post('a')}</form>" * 3000
    deep = "<form>" + "<div>" * 1500 + post("b") * 3000
    record = in_time(hidden + forms + deep, PAGING, "listing")
    assert {dict(sent.fields)["f399"] for sent in record.postbacks} == {"v"}


# templates

REQUIRED = {
    "pattern": "{ css = 'h1', pattern = '^Tin', required = true }",
    "attribute": "{ css = 'h1', attr = 'title', required = true }",
    "meta": "{ meta = 'og:title', required = true }",
    "jsonld": "{ jsonld = 'NewsArticle.headline', required = true }",
    "take": "{ css = 'h1', take = 2, required = true }",
    "any of several": "[{ meta = 'x', required = true }, { jsonld = 'NewsArticle.headline' }]",
}
THERE = {
    "pattern": "<h1>Tin mới</h1>",
    "attribute": "<h1 title=t>Mới</h1>",
    "meta": "<meta property=og:title content=t><h1>x</h1>",
    "jsonld": '<script type=application/ld+json>{"@type":"NewsArticle","headline":"t"}</script>',
    "take": "<h1>a</h1><h1>b</h1>",
    "any of several": '<script type=application/ld+json>{"@type":"NewsArticle","headline":"t"}</script>',
}


@pytest.mark.parametrize("kind", REQUIRED)
@pytest.mark.parametrize("there", [True, False])
def test_a_template_is_there_when_its_required_rule_gives_something(kind: str, there: bool) -> None:
    table = "[[page]]\nkind = 'article'\nfallback = false\n[page.fields]\ntitle = "
    html = f"<head>{THERE[kind]}</head><h2>H</h2>" if there else "<h1>Khác</h1><h2>H</h2>"
    record = by(html, f"{table}{REQUIRED[kind]}\n{table}'h2'\n")
    assert record.template == ("article@5" if there else "article@10")


# hidden

STYLES = {
    "display:none": True,
    "display :none": True,
    "display\t:\tnone": True,
    "DISPLAY: None": True,
    "color: red; display: none;": True,
    "visibility:hidden": True,
    "display:none ! important": True,
    "display:block; display:none": True,
    "display:none !important; display:block": True,
    "display:none; display:block": False,
    "display:none; display:block !important": False,
    "--m-display:none": False,
    "x-display:none": False,
    "overflow:hidden; border:none": False,
    "visibility:visible": False,
    "display:none-such": False,
    ";:;none": False,
}


@pytest.mark.parametrize(("style", "hidden"), STYLES.items())
def test_what_a_style_hides(style: str, hidden: bool) -> None:
    record = page(f"<div id=b>a<p style='{style}'>b</p></div>", "[page.fields]\nbody = '#b'")
    assert (record.content.body == "a") is hidden


# a tag of nine megabytes

TAGS = {
    "unquoted": "<p data-x=" + "a" * 9_000_000 + ">",
    "quoted": "<p data-x='" + "a" * 9_000_000 + "'>",
    "many quotes": "<p " + '""' * 4_500_000 + ">",
    "never closed": '<p data-x="' + "a" * 9_000_000,
}


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS.keys())
def test_a_tag_of_nine_megabytes_is_passed_over(tag: str) -> None:
    html = "<p>" * 2000 + tag + "x"
    tracemalloc.start()
    started = time.process_time()
    try:
        assert bounded(html) == (html, ())
        assert time.process_time() - started < SECONDS
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
