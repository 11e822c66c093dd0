"""The shortcuts of a page give the same results as the complete code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.body import line
from archiver.extract.page import ParsedPage
from archiver.text import clean
from archiver.text.url import absolute

BASES = [
    "http://portal.example/tintuc/post.aspx?ItemID=1",
    "https://Portal.example:8080",
    "http://portal.example/a//b/./c/../d?x=/y#z",
    "http://cổng.example/tin tức/",
    "ftp://x/y",
    "",
]
HREFS = [
    "/",
    "x",
    "/x//y",
    "./x",
    "../x",
    "x/../y",
    "?a=1",
    "#a",
    "//h.example/x",
    "/x?",
    "/x;p",
    "x:y",
    "/a b",
    "/ạ",
    "x?y#z",
    " /x ",
    "/x\n",
    "http://h.example/x",
    "https://h.example",
    "javascript:x()",
    "HTTP://H.example:80/x",
]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("href", HREFS)
def test_addresses(base: str, href: str) -> None:
    assert ParsedPage("", base).absolute(href) == absolute(base, href)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(BASES), st.text(alphabet="/ax.?=&:%-_~;#", max_size=12))
def test_any_address(base: str, href: str) -> None:
    assert ParsedPage("", base).absolute(href) == absolute(base, href)


@given(
    st.text(
        alphabet=st.sampled_from("aạ \n\t\u00a0\u200b\u00ad\u0301\u2028\x00\x85\U0001f600\ufe0f\ue000̣ơ"), max_size=12
    )
    | st.text(max_size=20)
)
def test_any_line(text: str) -> None:
    assert line(text) == clean._line(text)


TITLES = {
    "in the head": "<head><title>T</title></head>",
    "a picture in the head": "<head><img src=/px.gif><title>T</title></head><body>x",
    "two byte order marks": "\ufeff\ufeff<!doctype html><html><head><title>T</title></head>",
    "text before the head": "x<head><title>T</title>",
    "a paragraph in the head": "<head><div>x</div><meta charset=utf-8><title>T</title></head>",
    "in the body alone": "<body><p>x</p><title>T</title>",
    "after a drawing": "<head></head><body><svg><title>S</title></svg><title>T</title>",
    "after a drawing within a drawing": "<body><svg><g><title>S</title></g></svg><title>T</title><title>U</title>",
    "in HTML within a drawing": "<body><svg><desc><title>T</title></desc></svg><title>U</title>",
    "the first of two": "<title>T</title><title>U</title>",
    "a noscript before it": "<head><noscript><img src=/a></noscript><title>T</title>",
    "a template before it": "<head><template><title>S</title></template><title>T</title>",
}


@pytest.mark.parametrize("html", TITLES.values(), ids=TITLES.keys())
def test_the_title_is_that_of_the_document(html: str) -> None:
    page = ParsedPage(html, "http://a.example/")
    assert page.document_title is not None
    assert page.title_line == "T"
    page.cut(("title",))
    assert page.document_title is None


@pytest.mark.parametrize(
    "html", ["", "<h1>x</h1>", "<svg><title>S</title></svg>", "<template><title>S</title></template>"]
)
def test_a_document_without_a_title(html: str) -> None:
    page = ParsedPage(html, "http://a.example/")
    assert (page.document_title, page.title_line) == (None, "")


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ("<img src=/a>", "http://a.example/a"),
        ("<img src='data:image/gif;base64,x' data-src=/b>", "http://a.example/b"),
        ("<img src='data:image/gif;base64,x'>", None),
        ("<video poster=/p>", "http://a.example/p"),
        ("<a href=mailto:x@y>", None),
        ("<base href=/k/><a href=x>", "http://a.example/k/x"),
        ("<p href=/x>", None),
    ],
)
def test_the_address_a_node_holds(html: str, address: str | None) -> None:
    page = ParsedPage(html, "http://a.example/b/c")
    node = page.document.first("body > :last-child")
    assert node is not None
    assert page.address(node) == address
