"""Answers of APIs: what the tables of the kind `api` read of them, and that no answer is too odd."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from archiver.extract.explain import explain
from archiver.extract.json_path import find
from archiver.extract.profile import parse_profile
from archiver.fetch.refresh import followed
from archiver.model.record import Link, Published
from extract.api_answers import ARTICLE, HOME, LIST, ONE, TABLES, answered, profile_of, record_of, with_data

NEWS = {"data": {"items": [{"id": 1, "title": "Một <em>&amp;</em> hai"}, {"id": "a/b", "title": None}, {"id": None}]}}


def test_a_list_gives_its_items_in_order_and_the_next_list() -> None:
    record = record_of(LIST, NEWS)
    assert (record.kind, record.template) == ("listing", "api@8")
    assert [(item.url, item.text) for item in record.items or ()] == [
        (HOME + "api/news/1", "Một & hai"),
        (HOME + "api/news/a%2Fb", ""),
    ]
    assert record.follow == (HOME + "api/news/1", HOME + "api/news/a%2Fb")
    assert record.next == (HOME + "api/news?page=2",)
    assert record.notes == ("items: 1 of 3 give no address",)


def test_an_article_is_read_with_its_sources() -> None:
    record = record_of(ONE, ARTICLE)
    content, sources = record.content, dict(record.sources)
    assert content.title == "Họp báo & công bố"
    assert content.body == "Đoạn một.\n\nĐoạn hai, quyết định.\n\nToàn cảnh"
    assert content.summary == "Sáng nay họp."
    assert content.published == Published(
        "2026-03-04 08:00:00", "2026-03-04 01:00:00", "2026-03-04T08:00:00+07:00", "second"
    )
    assert (content.tags, content.bylines) == (("kinh tế", "xã hội"), ("Ngọc Lan",))
    assert (content.captions, content.images) == (("Toàn cảnh",), (HOME + "anh/1.jpg",))
    assert content.files == (Link(HOME + "tep/qd.pdf", "quyết định"),)
    assert record.readings == (("views", 1234),)
    assert record.canonical == HOME + "tin/hop-bao"
    assert (sources["title"].rule, sources["title"].node_path) == ("json:data.title", "/data/title")
    assert sources["title"].raw == "Họp báo &amp; công bố"
    assert sources["body"].node_path == "/data/content"
    assert (record.broken, record.missed, record.notes) == ((), (), ())


def test_order_and_white_space_of_json_never_matter() -> None:
    turned = {"data": dict(reversed(list(ARTICLE["data"].items())))}
    plain = record_of(ONE, ARTICLE)
    other = record_of(ONE, json.dumps(turned, indent=4))
    assert (other.content, other.readings) == (plain.content, plain.readings)


@pytest.mark.parametrize("media_type", ["text/html", "text/plain", "application/octet-stream", "application/xml"])
def test_the_declared_type_does_not_matter(media_type: str) -> None:
    assert record_of(ONE, ARTICLE, media_type=media_type).content == record_of(ONE, ARTICLE).content


@pytest.mark.parametrize(
    ("written", "local"),
    [
        (1772586000, "2026-03-04 08:00:00"),
        ("1772586000", "2026-03-04 08:00:00"),
        (1772586000000, "2026-03-04 08:00:00"),
        (1772586000.25, "2026-03-04 08:00:00"),
        ("/Date(1772586000000)/", "2026-03-04 08:00:00"),
        ("/Date(1772586000000+0700)/", "2026-03-04 08:00:00"),
        ("2026-03-04T01:00:00.123Z", "2026-03-04 08:00:00"),
        ("2026-03-04T01:00:00.1234567Z", "2026-03-04 08:00:00"),
        ("2026-03-04T08:00:00", "2026-03-04 08:00:00"),
        ("2026-03-04 08:00:00", "2026-03-04 08:00:00"),
        ("04/03/2026 08:00", "2026-03-04 08:00:00"),
        ("/Date(99999999999999999)/", None),
        ("không rõ", None),
    ],
)
def test_dates_are_read_as_apis_write_them(written: object, local: str | None) -> None:
    published = record_of(ONE, with_data(published=written)).content.published
    assert published is not None
    assert (published.local, published.raw) == (local, str(written))


@pytest.mark.parametrize(
    ("written", "views"),
    [(7, 7), ("1.234", 1234), ("12 lượt xem", 12), (12.0, 12), (1.234, None), (-3, None), (True, None), (None, None),
     ({"a": 1}, None), ([], None)],
)  # fmt: skip
def test_counters(written: object, views: int | None) -> None:
    assert dict(record_of(ONE, with_data(views=written)).readings).get("views") == views


def test_a_huge_number_is_no_counter_and_costs_nothing() -> None:
    for number in ("9" * 5_000, "1e999999999", "1E400", "NaN", "Infinity"):
        text = json.dumps(with_data(views="X")).replace('"X"', number)
        record = record_of(ONE, text)
        assert record.content.title
        assert not record.readings


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (b"\xef\xbb\xbf%s", ()),
        (b")]}',\n%s", ()),
        (b"while(1);%s", ()),
        (b"callback(%s);", ("JSONP: the value in the call is read",)),
    ],
)
def test_what_sites_put_around_json_is_left_out(answer: bytes, note: tuple[str, ...]) -> None:
    record = record_of(ONE, answer.replace(b"%s", json.dumps(ARTICLE).encode()))
    assert record.content == record_of(ONE, ARTICLE).content
    assert record.notes == note


def test_lines_of_json_are_a_list() -> None:
    tables = TABLES.replace('"data.items"', '"$"')
    lines = "\n".join(json.dumps(each) for each in NEWS["data"]["items"])
    assert [item.text for item in record_of(LIST, lines, tables).items or ()] == ["Một & hai", ""]


def test_other_charsets_are_read_and_noted() -> None:
    title = "Những điều cần biết về đợt tuyển sinh năm nay"
    bodies = [
        json.dumps(with_data(title=title), ensure_ascii=False).encode(charset) for charset in ("utf-16", "utf-32")
    ]
    assert [record_of(ONE, body).content.title for body in bodies] == [title, title]
    body = b'{"data": {"title": "caf\xe9 cr\xe8me", "content": "x"}}'
    record = record_of(ONE, body, media_type="application/json; charset=iso-8859-1")
    assert record.content.title == "café crème"
    assert "the answer is not UTF-8, as JSON is" in record.notes


@pytest.mark.parametrize(
    "answer",
    [
        b"{bad", b"[" * 100_000, b'{"data":' * 300 + b"1" + b"}" * 300, b"\xff\xfe\xfd", b"null", b'"text"', b"[]", b"12",
        b'{"data": null}', b'{"data": "text"}', b'{"data": {"title": {"a": [[1]]}, "content": [[[]]]}}', b"\x00" * 50,
        b'{"data": {"title": ["a", ["b"]], "content": 3, "tags": "x", "authors": null, "published": {}}}', b"alert(1)",
    ],
)  # fmt: skip
def test_no_answer_ends_the_reading(answer: bytes) -> None:
    for url in (LIST, ONE):
        record = record_of(url, answer)
        assert record.kind in ("listing", "article")
        assert record.notes or record.broken or record.content.title
        explain(answered(url, answer), profile_of(TABLES))


def test_deep_json_is_refused_wherever_it_is_read() -> None:
    deep = b'{"data": {"title": "a", "x": ' + b"[" * 250 + b"]" * 250 + b"}}"
    assert record_of(ONE, deep).notes == ("nested deeper than 200 levels: not read",)


def test_a_list_of_a_million_items_is_bounded() -> None:
    record = record_of(LIST, '{"data": {"items": [' + ",".join(f'{{"id":{n}}}' for n in range(1_000_000)) + "]}}")
    assert len(record.items or ()) == 1_000
    assert len(record.follow) == 5_000
    assert "items: more than 5000; the rest was not read" in record.notes


def test_texts_that_no_page_can_have_are_replaced() -> None:
    answer = '{"data": {"title": "a\\ud800b\\u0000c", "slug": "\\udfff", "content": "<p>x\\ud800</p>", "views": 1}}'
    record = record_of(ONE, answer)
    shown = repr((record.content, record.sources, record.canonical))
    shown.encode("utf-8")
    assert "\\ud8" not in shown
    assert record.content.body is not None


def test_of_two_members_of_one_name_the_last_counts_as_in_browsers() -> None:
    assert record_of(ONE, '{"data": {"title": "a", "title": "b", "content": "c"}}').content.title == "b"


@pytest.mark.parametrize("error", ["not found", {"code": 404}, 1, True, ["x"]])
def test_an_answer_may_say_that_there_is_no_record(error: object) -> None:
    assert record_of(ONE, {"error": error}).soft_gone


@pytest.mark.parametrize("error", ["", None, 0, False, [], {}])
def test_an_empty_error_is_none(error: object) -> None:
    assert not record_of(ONE, ARTICLE | {"error": error}).soft_gone


def test_gone_by_a_pattern() -> None:
    tables = TABLES.replace('{ json = "error" }', "{ json = 'status', pattern = '^404$' }")
    assert record_of(ONE, {"status": 404}, tables).soft_gone
    assert not record_of(ONE, ARTICLE | {"status": 200}, tables).soft_gone


def test_html_instead_of_json_is_a_wall_or_unreadable() -> None:
    wall = b"<html><body><form action='/login'><input name='u'><input type='password' name='p'></form></body></html>"
    assert record_of(ONE, wall, media_type="text/html").blocked
    record = record_of(ONE, b"<html><body><p>Trang chu</p></body></html>", media_type="text/html")
    assert (record.content.is_empty, record.notes) == (True, ("not JSON but HTML",))


def test_members_with_other_names_are_drift_and_empty_ones_are_not() -> None:
    prose = "<p>" + "Một đoạn văn dài của bài viết. " * 20 + "</p>"
    renamed = {"data": {"headline": "Tiêu đề", "html": prose}}
    assert record_of(ONE, renamed).broken == ("body", "title")
    empty = record_of(ONE, with_data(content="", other=prose))
    assert (empty.broken, empty.missed) == ((), ())
    blank: object
    for blank in (None, "<p> </p>", "<img src='/x.jpg'>", []):
        assert record_of(ONE, with_data(content=blank, other=prose)).missed == ()
    assert record_of(ONE, with_data(title={"rendered": "Tiêu đề"})).broken == ("title",)
    assert record_of(ONE, with_data(content={"html": prose})).broken == ("body",)
    without_text = {"data": {"title": "Ảnh", "views": 1}}
    assert record_of(ONE, without_text).broken == ()
    assert record_of(LIST, {"result": []}).broken == ("follow",)
    assert record_of(LIST, {"data": {"items": [{"uuid": 1}]}}).broken == ("follow",)
    nothing: list[Any] | None
    for nothing in ([], None):
        record = record_of(LIST, {"data": {"items": nothing}})
        assert (record.items, record.broken, record.next) == ((), (), ())


@pytest.mark.parametrize(
    ("rule", "answer", "following"),
    [
        ('"links.next"', {"links": {"next": "/api/news?page=2&cursor=x"}}, "api/news?page=2&cursor=x"),
        ('{ json = "links.next" }', {"links": {"next": None}}, None),
        ('{ json = "meta.cursor", query = "after" }', {"meta": {"cursor": "a b"}}, "api/news?page=1&after=a+b"),
        ('{ json = "meta.cursor", query = "after" }', {"meta": {}}, None),
        ('{ query = "offset", step = 20, first = 0 }', {}, "api/news?page=1&offset=20"),
        ('{ query = "page", step = 2 }', {}, "api/news?page=3"),
    ],
)
def test_the_next_list(rule: str, answer: dict[str, Any], following: str | None) -> None:
    tables = TABLES.replace('{ query = "page" }', rule)
    record = record_of(LIST, NEWS | answer, tables)
    assert record.next == ((HOME + following,) if following else ())


def test_addresses_come_from_members_and_templates() -> None:
    tables = """
[[page]]
kind = "api"
url = '/api/all'
items = "$"
follow = ["link", "/{+path}", "{host}/x?id={id}"]
"""
    items = [{"link": "javascript:alert(1)", "path": "a/b c", "id": "1&2", "host": "https://other.example"}, "x", None]
    record = record_of(HOME + "api/all", items, tables)
    assert record.follow == (HOME + "a/b%20c", HOME + "api/https%3A%2F%2Fother.example/x?id=1%262")
    tables = tables.replace("{host}", "{+host}")
    assert record_of(HOME + "api/all", items, tables).follow == (HOME + "a/b%20c", "https://other.example/x?id=1%262")


def test_html_in_a_text_is_no_markup_of_the_answer() -> None:
    answer = with_data(content="<meta http-equiv='refresh' content='0;url=/x'><p>Đoạn.</p>")
    capture = answered(ONE, answer, "text/html")
    assert followed(capture) == capture
    assert record_of(ONE, answer, media_type="text/html").content.body == "Đoạn."


def test_the_profile_of_the_how_to_loads() -> None:
    text = (Path(__file__).parents[2] / "docs" / "howto" / "api.md").read_text(encoding="utf-8")
    profile = parse_profile("".join(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)), "example")
    assert [(kind.kind, kind.record_kind) for kind in profile.pages[:2]] == [("api", "listing"), ("api", "article")]


def test_a_list_of_identifiers() -> None:
    tables = "\n[[page]]\nkind = 'api'\nurl = '/ids'\nitems = 'ids'\nfollow = ['/api/news/{$}']\n"
    record = record_of(HOME + "ids", {"ids": [3, "x y", ".."]}, tables)
    assert record.follow == (HOME + "api/news/3", HOME + "api/news/x%20y")


def test_a_body_of_blocks_or_without_tags() -> None:
    blocks = {"data": {"title": "a", "blocks": [{"t": "<b>một</b>"}, {"t": "hai &amp; ba"}, {"x": 1}]}}
    tables = TABLES.replace('body = "data.content"', 'body = { json = "data.blocks[*].t", take = "all" }')
    assert record_of(ONE, blocks, tables).content.body == "một\n\nhai & ba"
    plain = with_data(content="Đoạn một.\ndòng hai\n\nĐoạn hai.")
    assert record_of(ONE, plain).content.body == "Đoạn một.\ndòng hai\n\nĐoạn hai."
    tables = TABLES.replace('"data.content"', '{ json = "data.content", type = "text" }')
    assert record_of(ONE, plain, tables).content.body == "Đoạn một.\ndòng hai\n\nĐoạn hai."


def test_css_rules_read_the_html_of_the_body() -> None:
    tables = TABLES.replace("[page.readings]", 'source_name = { css = ".nguon", cut = true }\n[page.readings]')
    record = record_of(ONE, with_data(content="<p>Một.</p><p class='nguon'>Theo báo</p>"), tables)
    assert record.content.extra == (("source_name", "Theo báo"),)
    assert record.content.body == "Một."


def test_the_page_decides_between_successive_forms_of_an_answer() -> None:
    newer = '\n[[page]]\nkind = "api"\nurl = \'/api/news/\'\n[page.fields]\ntitle = "v2.title"\nbody = "v2.html"\n'
    record = record_of(ONE, {"v2": {"title": "Mới", "html": "<p>Một.</p>"}}, TABLES + newer)
    assert (record.content.title, record.content.body) == ("Mới", "Một.")
    assert record_of(ONE, ARTICLE, TABLES + newer).template == "api@16"


def test_explain_shows_the_place_of_each_value() -> None:
    tried = {each.field: each for each in explain(answered(ONE, ARTICLE), profile_of(TABLES))}
    assert tried["tags"].paths == ("/data/tags/0/name", "/data/tags/1/name")
    assert str(tried["title"]) == "title: json:data.title (rule 1) gives 'Họp báo & công bố'"


VALUE = {"a": [{"b": 1, "c.d": "x"}, {"b": [2, 3]}], "e": {"f": None}, "php": {"1": "x", "3": "y"}, "~/": 0}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a[0].b", [("/a/0/b", 1)]),
        ("a.0.b", [("/a/0/b", 1)]),
        ("$.a[-1].b[*]", [("/a/1/b/0", 2), ("/a/1/b/1", 3)]),
        ("a.b", [("/a/0/b", 1), ("/a/1/b", [2, 3])]),
        ('a[*]["c.d"]', [("/a/0/c.d", "x")]),
        ("a[7].b", []),
        ("e.f", [("/e/f", None)]),
        ("e.f.g", []),
        ("e[0].f", [("/e/f", None)]),
        ("e[*].f", [("/e/f", None)]),
        ("php[*]", [("/php/1", "x"), ("/php/3", "y")]),
        ("['~/']", [("/~0~1", 0)]),
    ],
)
def test_paths(path: str, found: list[tuple[str, object]]) -> None:
    assert [(each.pointer, each.value) for each in find(VALUE, path)] == found
