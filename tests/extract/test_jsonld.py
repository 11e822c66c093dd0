"""JSON-LD as sites write it: repair, references, and the keys of each field."""

import time
from typing import Any

import pytest

from archiver.extract.jsonld_repair import parse_jsonld
from archiver.model.record import Content
from pages_as_read import jsonld, record_of

REPAIRED = {
    "a trailing comma": '{"a": [1, 2,],}',
    "a trailing semicolon": '{"a": [1, 2]};',
    "a semicolon before the end of an object": '{"a": [1, 2];}',
    "a line comment before": '// dữ liệu\n{"a": [1, 2]}',
    "a line comment behind": '{"a": [1, 2]} // hết',
    "a comment within": '{"a": /* hai số */ [1, 2]}',
    "an HTML comment around": '<!-- {"a": [1, 2]} -->',
    "an HTML comment around, in lines of its own": '<!--\n{"a": [1, 2]}\n-->',
    "an HTML comment before": '<!-- plugin [v1] -->{"a": [1, 2]}',
    "an HTML comment within": '{"a": [1, <!-- x --> 2]}',
    "an HTML comment behind": '{"a": [1, 2]}<!-- /plugin -->',
    "escaped quotes": "{&quot;a&quot;: [1, 2]}",
    "numeric escaped quotes": "{&#34;a&#34;: [1, 2]}",
    "CDATA": '<![CDATA[{"a": [1, 2]}]]>',
    "CDATA in line comments": '//<![CDATA[\n{"a": [1, 2]}\n//]]>',
    "CDATA in comments": '/*<![CDATA[*/{"a": [1, 2]}/*]]>*/',
    "CDATA in an HTML comment": '<!--//--><![CDATA[//><!--\n{"a": [1, 2]}\n//--><!]]>',
    "the end of CDATA alone": '{"a": [1, 2]}]]>',
    "the start of CDATA with a stray mark": '<![CDATA[>{"a": [1, 2]}',
    "a byte order mark": '\ufeff{"a": [1, 2]}',
}


@pytest.mark.parametrize("text", REPAIRED.values(), ids=REPAIRED.keys())
def test_a_repaired_block(text: str) -> None:
    assert parse_jsonld(text) == [{"a": [1, 2]}]


SEVERAL = ['{"a": 1} {"b": 2}', '{"a": 1}\n{"b": 2}', '{"a": 1}, {"b": 2}', '{"a": 1}; {"b": 2};', '{"a": 1,}{"b": 2}']


@pytest.mark.parametrize("text", SEVERAL)
def test_several_objects_in_a_row(text: str) -> None:
    assert parse_jsonld(text) == [{"a": 1}, {"b": 2}]


STRINGS = {
    "comment marks": "http://x.example/ // a /* b */ <!-- c -->",
    "stray marks": "a,] b;} ,}",
    "CDATA": "<![CDATA[ x ]]>",
    "entities": "&quot;x&quot; &amp;",
    "a line break": "a\nb",
    "an apostrophe": "it's",
}


@pytest.mark.parametrize("string", STRINGS.values(), ids=STRINGS.keys())
def test_a_string_keeps_what_looks_like_a_fault(string: str) -> None:
    assert parse_jsonld(f'// x\n{{"a": "{string}",}}') == [{"a": string}]


def test_an_escaped_apostrophe_is_an_apostrophe() -> None:
    assert parse_jsonld(r'{"a": "it\'s \\"}') == [{"a": "it's \\"}]


HOPELESS = ["", " ", "{", '{"a": ', '{"a": "b" "c"}', "{a: 1}", '{"a": 1} và', "<p>x</p>", '{"a": "một "hai" ba"}']


@pytest.mark.parametrize("text", HOPELESS)
def test_a_hopeless_block_gives_nothing(text: str) -> None:
    assert parse_jsonld(text) == []


def test_a_hopeless_block_is_noted_and_the_others_count() -> None:
    record = record_of('<script type="application/ld+json">{"a": </script>' + jsonld({"headline": "Tin về phố"}))
    assert record.content.title == "Tin về phố"
    assert record.notes == ("a JSON-LD block is not JSON and was ignored",)


HOSTILE = ["{", "[", '{"a":', '"', "//", "/*", "<!--", "<!--\n", ",", ";", '{"a":1}', "<![CDATA[", " ", "\\", "&quot;"]
ENDS = ["-->", "]]> ", "/**", "<!-- -", ', "', "\n;"]


@pytest.mark.parametrize("piece", HOSTILE + ENDS)
def test_a_hostile_block_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    parse_jsonld(piece * 200_000 + "x")
    parse_jsonld('{"a":1}' + piece * 200_000 + "x")
    assert time.process_time() - started < 3


ARTICLE: dict[str, Any] = {"@type": "NewsArticle", "headline": "Tin về phố"}
PERSON = {"@type": "Person", "@id": "#p1", "name": "Lê Văn A", "url": "http://portal.example/p1"}
HEAD = "<html lang=vi><title>Tin về phố</title><body><h1>Tin về phố</h1>"


def graph(keys: dict[str, Any], *others: object) -> str:
    return HEAD + jsonld({"@context": "https://schema.org", "@graph": [{**ARTICLE, **keys}, *others]})


def content(html: str, fields: str = "") -> Content:
    return record_of(html, fields).content


REFERENCES = {
    "bare": graph({"author": {"@id": "#p1"}}, PERSON),
    "typed": graph({"author": {"@type": "Person", "@id": "#p1"}}, PERSON),
    "with other keys": graph({"author": {"@id": "#p1", "url": "http://portal.example/p1"}}, PERSON),
    "in a list": graph({"author": [{"@id": "#p1"}]}, PERSON),
    "in @list": graph({"author": {"@list": [{"@id": "#p1"}]}}, PERSON),
    "a text that is an identifier of the page": graph({"author": "#p1"}, PERSON),
    "to an object in another one": graph(
        {"author": {"@id": "#p1"}, "publisher": {"name": "Báo X", "employee": PERSON}}
    ),
    "to another block": HEAD + jsonld({**ARTICLE, "author": {"@id": "#p1"}}, PERSON),
    "of a role": graph({"author": {"@type": "Role", "roleName": "Phóng viên", "author": {"@id": "#p1"}}}, PERSON),
    "to a role": graph({"author": {"@id": "#r"}}, {"@type": "Role", "@id": "#r", "author": {"@id": "#p1"}}, PERSON),
    "to an object with several types": graph({"author": {"@id": "#p1"}}, {**PERSON, "@type": ["Person", "Thing"]}),
    "of the main entity": HEAD
    + jsonld({"@type": "WebPage", "mainEntity": {**ARTICLE, "author": {"@id": "#p1"}}, "about": PERSON}),
}


@pytest.mark.parametrize("html", REFERENCES.values(), ids=REFERENCES.keys())
def test_a_reference_to_an_author_is_resolved(html: str) -> None:
    assert content(html).bylines == ("Lê Văn A",)


@pytest.mark.parametrize("path", ["NewsArticle.author", "NewsArticle.author.name", "author.name", "author.0.name"])
@pytest.mark.parametrize("html", REFERENCES.values(), ids=REFERENCES.keys())
def test_a_rule_of_a_profile_follows_references(html: str, path: str) -> None:
    assert content(html, f'bylines = {{ jsonld = "{path}" }}').bylines[:1] == ("Lê Văn A",)


NO_NAMES: dict[str, Any] = {
    "an object that does not exist": {"@id": "#p9"},
    "a typed one that does not exist": {"@type": "Person", "@id": "http://portal.example/#person"},
    "itself": {"@id": "#x", "author": {"@id": "#x"}},
    "identifiers and addresses": [
        "#p1",
        "_:b0",
        "urn:uuid:1",
        "/tac-gia/le",
        "http://portal.example/le",
        12,
        None,
        True,
    ],
    "names that are identifiers": [{"name": "#p1"}, {"name": "http://portal.example/le"}, {"name": "null"}],
    "an empty person": {"@type": "Person", "name": " "},
    "a deep nest": {"author": {"author": {"author": {"author": {"author": {"author": {"name": "Sâu"}}}}}}},
}


@pytest.mark.parametrize("author", NO_NAMES.values(), ids=NO_NAMES.keys())
def test_an_identifier_is_not_a_byline(author: object) -> None:
    assert content(graph({"author": author})).bylines == ()


def test_a_cycle_of_references_ends() -> None:
    first, second = {"@id": "#x", "author": {"@id": "#y"}}, {"@id": "#y", "author": {"@id": "#x"}}
    assert content(graph({"author": {"@id": "#x"}}, first, second)).bylines == ()


def test_a_rule_gives_no_identifier_for_a_name() -> None:
    assert content(graph({"author": ["#p9", "An"]}), 'bylines = { jsonld = "NewsArticle.author" }').bylines == ("An",)


PEOPLE: dict[str, tuple[Any, tuple[str, ...]]] = {
    "a text": ("Lê Văn A", ("Lê Văn A",)),
    "texts": (["Lê Văn A", "Trần B"], ("Lê Văn A", "Trần B")),
    "a person": ({"@type": "Person", "name": "Lê Văn A", "url": "/le", "image": "/le.jpg"}, ("Lê Văn A",)),
    "a person with several names": ({"name": ["Lê Văn A", "Trần B"]}, ("Lê Văn A", "Trần B")),
    "a name with a language": ({"name": {"@value": "Lê Văn A", "@language": "vi"}}, ("Lê Văn A",)),
    "the same name in two languages": ({"name": [{"@value": "Lê Văn A"}, {"@value": "A. Lê"}]}, ("Lê Văn A",)),
    "parts of a name": ({"givenName": "Văn A", "familyName": "Lê"}, ("Lê Văn A",)),
    "parts of a Chinese name": ({"givenName": "小明", "familyName": "王"}, ("王小明",)),
    "a role": ({"@type": "Role", "roleName": "PV", "author": {"name": "Lê Văn A"}}, ("Lê Văn A",)),
    "a role with a name": ({"@type": "OrganizationRole", "name": "PV", "author": "Lê Văn A"}, ("Lê Văn A",)),
    "an organization": ({"@type": "Organization", "name": "TTXVN", "logo": {"url": "/l.png"}}, ("TTXVN",)),
    "an organization's legal name": ({"@type": "Organization", "legalName": "Thông tấn xã A"}, ("Thông tấn xã A",)),
    "the same person twice": ([{"name": "Lê Văn A"}, "Lê Văn A"], ("Lê Văn A",)),
    "a name with a dash": ("Nguyễn Văn A - Trần B", ("Nguyễn Văn A - Trần B",)),
    "a name with commas": ("Lê Văn A, Trần B", ("Lê Văn A, Trần B",)),
    "a label": ("By Lê Văn A", ("Lê Văn A",)),
    "a number in a name": ("Nhóm PV 3", ("Nhóm PV 3",)),
    "entities": ("Tom &amp;amp; Mai", ("Tom & Mai",)),
}


@pytest.mark.parametrize(("author", "names"), PEOPLE.values(), ids=PEOPLE.keys())
def test_the_names_of_people(author: object, names: tuple[str, ...]) -> None:
    assert content(graph({"author": author})).bylines == names


def test_the_given_name_comes_first_in_english() -> None:
    html = graph({"author": {"givenName": "Jane", "additionalName": "Q.", "familyName": "Doe"}})
    assert content(html.replace("lang=vi", "lang=en-GB")).bylines == ("Jane Q. Doe",)


IMAGES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "a text": ("/a.jpg", ("/a.jpg",)),
    "texts": (["/a.jpg", "/b.jpg"], ("/a.jpg", "/b.jpg")),
    "its content before its page": ({"name": "Ảnh bìa", "url": "/trang", "contentUrl": "/a.jpg"}, ("/a.jpg",)),
    "its url": ({"name": "Ảnh bìa", "url": "/a.jpg"}, ("/a.jpg",)),
    "a url in an object": ({"url": {"@id": "http://portal.example/a.jpg"}}, ("/a.jpg",)),
    "a url in a list": ({"url": ["/a.jpg"]}, ("/a.jpg",)),
    "an identifier that is its address": ({"@id": "http://portal.example/a.jpg"}, ("/a.jpg",)),
    "an identifier that is none": ({"@id": "http://portal.example/#primaryimage"}, ()),
    "a reference": ({"@id": "#i1"}, ("/i1.jpg",)),
    "a list of values": ({"@list": ["/a.jpg", {"@id": "#i1"}]}, ("/a.jpg", "/i1.jpg")),
    "a name alone": ({"@type": "ImageObject", "name": "Ảnh bìa"}, ()),
    "a text that is a name": ("Ảnh bìa", ()),
}


@pytest.mark.parametrize(("image", "paths"), IMAGES.values(), ids=IMAGES.keys())
def test_the_address_of_an_image(image: object, paths: tuple[str, ...]) -> None:
    html = graph({"image": image}, {"@type": "ImageObject", "@id": "#i1", "contentUrl": "/i1.jpg", "name": "Ảnh"})
    assert content(html).images == tuple(f"http://portal.example{path}" for path in paths)


SECTIONS: dict[str, tuple[Any, str | None]] = {
    "a text": ("Đời sống", "Đời sống"),
    "a reference": ({"@id": "#s1"}, "Xã hội"),
    "an object": ({"@type": "Thing", "name": "Đời sống", "url": "/ds"}, "Đời sống"),
    "a missing object": ({"@id": "#s9"}, None),
    "an identifier before a name": (["#s9", "/doi-song", "Đời sống"], "Đời sống"),
}


@pytest.mark.parametrize(("section", "name"), SECTIONS.values(), ids=SECTIONS.keys())
def test_the_name_of_a_section(section: object, name: str | None) -> None:
    assert content(graph({"articleSection": section}, {"@id": "#s1", "name": "Xã hội"})).section == name


def test_the_publisher_is_found_by_reference_and_is_only_the_last_resort_as_author() -> None:
    site = {"@type": "Organization", "@id": "#o", "name": "Báo X"}
    html = graph({"author": {"@id": "#o"}, "publisher": {"@id": "#o"}}, site)
    assert content(html).bylines == ("Báo X",)
    assert content(f"{html}<meta name=author content='Lê Văn A'>").bylines == ("Lê Văn A",)
    assert content(f"{html}<a rel=author href=/le>Lê Văn A</a>").bylines == ("Lê Văn A",)


TAGS = {
    "one article:tag is one tag": ("<meta property=article:tag content='Vedan, Đồng Nai'>", ("Vedan, Đồng Nai",)),
    "several of them": (
        "<meta property=article:tag content='a, b'><meta property=article:tag content='c;d'>",
        ("a, b", "c;d"),
    ),
    "keywords are a list": ("<meta name=keywords content='a, b;c、d'>", ("a", "b", "c", "d")),
    "JSON-LD keywords are a list": (graph({"keywords": ["a, b", {"name": "c"}]}), ("a", "b", "c")),
    "entities escaped twice": ("<meta name=keywords content='A &amp;amp; B'>", ("A & B",)),
    "entities escaped three times": ("<meta property=article:tag content='A &amp;amp;amp; B'>", ("A & B",)),
    "identifiers": ("<meta name=keywords content='#p1, http://x.example/a, null, 12, chợ, a@b.vn'>", ("chợ",)),
    "tags with figures": (
        "<meta name=keywords content='Covid-19, G7, U23, 5G, MH370'>",
        ("Covid-19", "G7", "U23", "5G", "MH370"),
    ),
}


@pytest.mark.parametrize(("html", "tags"), TAGS.values(), ids=TAGS.keys())
def test_tags(html: str, tags: tuple[str, ...]) -> None:
    assert content(html).tags == tags


def test_jsonld_entities_are_unescaped_at_most_twice() -> None:
    assert content(graph({"articleSection": "A &amp;amp;amp; B"})).section == "A &amp; B"
