"""Ordinary pages reach the parser byte for byte; pages that would grow without limit are cut, with a count."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from archiver.extract.bounds import MAX_CHARACTERS, MAX_DEPTH, bounded
from archiver.extract.markup import Tokenizer, has_only_simple_tags
from archiver.extract.open_elements import OpenElements
from archiver.extract.tree import Document

BOMBS = {
    "nested blocks": "<div>" * 100_000 + "<p>cuối</p>",
    "nested inline": "<span>" * 50_000 + "cuối",
    "unclosed formatting": "<p>" + "".join(f"<font c={n}>" for n in range(5000)) + "</p>" + "<p>x</p>" * 5000 + "cuối",
    "formatting in paragraphs": "".join(f"<b a={n}><p>x" for n in range(10_000)) + "cuối",
    "nested lists": "<ul><li>a" * 20_000 + "cuối",
    "nested tables": "<table><tr><td>" * 20_000 + "cuối",
    "ruby readings outside of ruby": "<rt>" * 50_000 + "cuối",
    "list items within definitions": "<li><dd>" * 20_000 + "cuối",
    "end tags that close nothing": "<b><div></b>" * 30_000 + "cuối",
    "a title of an image": "<svg><title><div>" * 20_000 + "cuối",
    "a closed comment": "<!--><div>" * 30_000 + "cuối",
    "an end tag in a value": '<div title="</div>">' * 30_000 + "cuối",
}


@pytest.mark.parametrize("html", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_are_parsed_in_a_second_and_keep_their_text(html: str) -> None:
    began = time.process_time()
    document = Document(html)
    body = document.first("body")
    assert body is not None
    assert body.text().endswith("cuối")
    assert time.process_time() - began < 5
    assert "start tags nested deeper" in document.notes[0]
    assert document.notes[0].split()[0].isdecimal()


def test_a_name_of_a_million_letters_costs_nothing() -> None:
    began = time.process_time()
    Document(f"<{'a' * 1_000_000}>" + "<a" * 500_000 + "<p " + "b" * 1_000_000)
    assert time.process_time() - began < 1.5


SCRIPT = "<script>for(var i=0;i<list.length;i++){document.write('it\\'s '+list[i])} // don't</script>"
SOUND = {
    "empty": "",
    "one paragraph": "<p>một</p>",
    "unclosed items": "<ul>" + "<li>mục" * 20_000 + "</ul>",
    "unclosed items with unclosed spans": "<ul>" + "<li><span>mục</li>" * 9_000 + "</ul>",
    "unclosed paragraphs with unclosed spans": "<p><span>đoạn</p>" * 9_000,
    "bold paragraphs": "<p><b>x</b></p>" * 9_000,
    "a comparison and an apostrophe in a script": SCRIPT + "<p>bài</p>" * 3_000,
    "such scripts, many": (SCRIPT + "<p>bài</p>") * 3_000,
    "apostrophes outside of values": "<p class=it's>it's</p>" * 4_000,
    "quotes without an equals sign": '<p "don\'t">a > b</p>' * 4_000,
    "a less-than in the text": "<p>a < b và c <d hay e</p>" * 4_000,
    "markup in a comment": "<!-- <div> don't --><p>x</p>" * 4_000,
    "markup in a style and a title": "<style>a > b { content: '<div>' }</style><title><b></title><p>x</p>" * 4_000,
    "a script within a script": "<script><!-- document.write('<script>x</script>') --></script><p>x</p>" * 4_000,
    "closed icons": "".join(f'<i class="icon-{n}"></i>' for n in range(9_000)),
    "fonts that cells leave open": "<table>" + "<tr><td><font face=a{n}><div>ô<td>ô" * 5_000 + "</table>",
    "images of many paths": "<svg><path d='M0'/><g><title>it's</title></g></svg>" * 6_000,
    "attributes of many words": f"<p data-x='{'a b ' * 20_000}'>x</p>",
    "a long text": "<p>" + "một hai ba " * 20_000 + "</p>",
    "custom elements in blocks": "<div><x-card><x-body>thẻ</div>" * 9_000,
    "repeated forms": "<form><p>x" * 9_000,
}


@pytest.mark.parametrize("html", SOUND.values(), ids=SOUND.keys())
def test_sound_pages_are_returned_as_they_are(html: str) -> None:
    text, notes = bounded(html)
    assert text is html
    assert notes == ()


def test_a_damaged_page_was_the_whole_list_after_a_comparison_in_a_script() -> None:
    items = "".join(f'<li><a href="/tin/{n}">Tin số {n}: người dân phường Bình Minh</a></li>' for n in range(900))
    document = Document(f"<h1>Danh sách</h1><script>if(i<list.length){{x='don\\'t'}} y = 'a</script><ul>{items}</ul>")
    assert len(document.css("li a")) == 900
    assert document.notes == ()


def test_too_long_pages_are_cut() -> None:
    text, notes = bounded("x" * (MAX_CHARACTERS + 1))
    assert len(text) == MAX_CHARACTERS
    assert notes == (f"only the first {MAX_CHARACTERS} characters were read",)


NAMES = (
    "div p span b i font a table tr td th tbody caption li ul ol dl dd dt svg g foreignObject desc title math mi mo "
    "select option optgroup button form h1 h2 object marquee template ruby rt rb section x-card center nobr script "
    "style textarea noscript"
).split()
TAGS = st.one_of(
    st.sampled_from(NAMES).map("<{}>".format),
    st.sampled_from(NAMES).map("</{}>".format),
    st.sampled_from(NAMES).map("<{}/>".format),
    st.tuples(st.sampled_from(NAMES), st.integers(0, 9)).map(lambda each: "<{} k={}>".format(*each)),
    st.sampled_from(["x", "<!-- ", "-->", "'", '"', "<p title='", '<b c="', ">", "<", "i<n", "</", "<!", "]]>"]),
)
SOUP = st.tuples(st.lists(TAGS, max_size=3), st.lists(TAGS, min_size=1, max_size=7)).map(
    lambda parts: "".join(parts[0]) + "".join(parts[1]) * 100
)


def parse(html: str) -> LexborHTMLParser:
    return LexborHTMLParser(html, scripting=True)


def deepest(html: str) -> int:
    root = parse(html).root
    waiting = [(root, 1)] if root is not None else []
    most = 0
    while waiting:
        node, depth = waiting.pop()
        most = max(most, depth)
        child = node.first_child
        while child is not None:
            if child.is_element_node:
                waiting.append((child, depth + 1))
            child = child.next
    return most


@given(SOUP)
@settings(deadline=None, max_examples=150)
@example("<li><dd>" * 100)
@example("<b><div></b>" * 100)
@example("<svg><desc>x</g></svg><div></desc>" * 100)
@example("<table><td></dl><table></td><dl k=9>" * 100)
@example("<i>x<math><math k=4></i>" * 100)
def test_the_model_of_open_elements_never_counts_much_less_than_the_parser_nests(html: str) -> None:
    elements, tokenizer, most, end = OpenElements(), Tokenizer(html), 0, 0
    for tag in tokenizer.tags():
        if tag.start > end:
            elements.text()
        end = tag.end
        if tag.is_end:
            elements.end(tag.name)
        else:
            elements.start(tag.name, html[slice(*tag.attributes)], is_self_closing=tag.is_self_closing)
        tokenizer.is_foreign = elements.is_foreign
        most = max(most, elements.depth)
    assert deepest(html) <= 6 * most + 60


@given(SOUP)
@settings(deadline=None, max_examples=150)
@example("<svg><title>x</g></svg><script>x='</title>'</script>" * 10)
def test_a_page_within_the_bounds_parses_to_the_same_visible_text(html: str) -> None:
    if deepest(html) <= MAX_DEPTH // 6:
        text, _ = bounded(html)
        assert parse(text).text() == parse(html).text()


ATTRIBUTES = " ".join(f"a{number}" for number in range(3_000))


@given(st.lists(TAGS, max_size=8), st.lists(TAGS, max_size=8))
@settings(deadline=None, max_examples=200)
@example(["<script>", "i<n", '<b c="'], ["</script>"])
@example(["<svg>", "<title>", "x", "</g>", "</svg>", "</title>", "<script>"], ["</script>"])
def test_no_markup_hides_a_tag_with_many_attributes(before: list[str], after: list[str]) -> None:
    html = f"{''.join(before)}<u {ATTRIBUTES}>{''.join(after)}"
    if has_only_simple_tags(html):
        assert all(len(node.attrs) < 100 for node in parse(html).css("*"))
