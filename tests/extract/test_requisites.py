"""Requisites of pages and of style sheets are found as browsers find them, in linear time."""

import time
from dataclasses import replace

import pytest

from archiver.extract.css import css_addresses, css_text, unescaped
from archiver.extract.page import ParsedPage
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.extract.requisites import MOST, requisites_of, requisites_of_css
from archiver.model.capture import parse_head
from made import capture

PAGE = "http://portal.example/tin/1.html"
ROOT = "http://portal.example"
CSS_RULES = {
    "quotes, spaces and none": (
        "a{background:url(a.png)} b{background:url( 'b.png' )} c{background:URL(\"c d.png\")}",
        ["a.png", "b.png", "c d.png"],
    ),
    "escapes": (
        r"a{background:url(a\(1\).png)} b{background:url('b\27.png')} c{background:url(\6f .png)} d{src:url(d\000026.png)}",
        ["a(1).png", "b'.png", "o.png", "d&.png"],
    ),
    "an escaped line end in a string": ('a{background:url("a\\\nb.png")}', ["ab.png"]),
    "imports": (
        "@import 'a.css'; @import \"b.css\" screen; @import url(c.css) print; @import url('d.css') layer(x);",
        ["a.css", "b.css", "c.css", "d.css"],
    ),
    "an import after a comment": ("@import/* later */'a.css';", ["a.css"]),
    "comments and strings": (
        "/* url(no.png) */ a::before{content:'url(no.png)'} b{content:\"/*\";background:url(a.png)}",
        ["a.png"],
    ),
    "fonts": (
        "@font-face{src:url(a.eot);src:url(a.eot?#iefix) format('embedded-opentype'),url(a.woff2) format('woff2')}",
        ["a.eot", "a.eot?#iefix", "a.woff2"],
    ),
    "sets of images": (
        "a{background:image-set('a.png' 1x, url(b.png) 2x, 'c.avif' type('image/avif'))}",
        ["a.png", "c.avif", "b.png"],
    ),
    "a namespace": ("@namespace svg url(http://www.w3.org/2000/svg); a{background:url(a.png)}", ["a.png"]),
    "invalid addresses": ('a{background:url(a b.png)} b{background:url(b"c.png)} c{background:url()}', []),
    "an unfinished sheet": ("a{background:url(a.png", ["a.png"]),
}


@pytest.mark.parametrize("name", CSS_RULES)
def test_addresses_in_css(name: str) -> None:
    text, expected = CSS_RULES[name]
    assert list(css_addresses(text)) == expected


@pytest.mark.parametrize(
    "piece",
    [
        "@import/*",
        "url(",
        'url("',
        "image-set(",
        "\\",
        "'\n",
        "/*",
        "@namespace",
        "url( ",
        "a'",
        "url(\\61 ",
        "'\\",
        "@import /**/",
    ],
)
def test_hostile_css_takes_linear_time(piece: str) -> None:
    def cost(times: int) -> float:
        text, start = piece * times, time.process_time()
        list(css_addresses(text))
        return time.process_time() - start

    assert cost(80_000) < 40 * cost(8_000) + 0.2


def test_escapes_of_impossible_characters() -> None:
    assert unescaped(r"\0 a\d800 b\110000 c") == "\ufffda\ufffdb\ufffdc"
    assert unescaped("a\\") == "a\\"


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        ("url(é.png)".encode(), None),
        (b"\xef\xbb\xbf" + "url(é.png)".encode(), None),
        ('@charset "latin-1";url(é.png)'.encode("latin-1"), None),
        ("url(é.png)".encode("latin-1"), "iso-8859-1"),
        ("\ufeffurl(é.png)".encode("utf-16-le"), None),
        ("url(é.png)".encode(), "no-such-charset"),
    ],
)
def test_the_charset_of_css(body: bytes, declared: str | None) -> None:
    assert "é.png" in list(css_addresses(css_text(body, declared)))


HTML = {
    "images": (
        '<img src="a.png"><input type=image src=b.png><img src="data:image/png;base64,AA==">',
        ["a.png", "b.png"],
    ),
    "every size": (
        '<picture><source srcset="a.avif 1x, b.avif 2x"><img src=c.jpg srcset="d.jpg 480w, e.jpg 800w"></picture>',
        ["a.avif", "b.avif", "c.jpg", "d.jpg", "e.jpg"],
    ),
    "late images with their placeholders": (
        '<img src="spacer.gif" data-src="a.jpg" data-srcset="b.jpg 2x" data-lazy="true">',
        ["spacer.gif", "b.jpg", "a.jpg"],
    ),
    "an image without scripts": ("<noscript><img src=a.jpg></noscript>", ["a.jpg"]),
    "a poster": ("<video poster=a.jpg src=film.mp4><source src=film.webm></video>", ["a.jpg"]),
    "backgrounds": ('<table background="a.gif"><td style="background: url(&quot;b.png&quot;)">', ["a.gif", "b.png"]),
    "drawings": (
        '<svg><use href="sprite.svg#a"/><use xlink:href="old.svg#b"/><use href="#own"/><image href="a.png"/></svg>',
        ["sprite.svg", "old.svg", "a.png"],
    ),
    "style sheets": (
        '<link rel=stylesheet href=a.css><link rel="alternate stylesheet" href=b.css><style>@import "c.css"; i{src:url(d.png)}</style>',
        ["a.css", "b.css", "c.css", "d.png"],
    ),
    "icons": (
        '<link rel="shortcut icon" href=a.ico><link rel=apple-touch-icon href=b.png><link rel="mask-icon" href=c.svg>',
        ["a.ico", "b.png", "c.svg"],
    ),
    "what is preloaded": (
        "<link rel=preload as=font href=a.woff2><link rel=preload as=fetch href=a.json><link rel=preload as=script href=a.js>",
        ["a.woff2"],
    ),
    "what is no requisite": (
        "<a href=a.html></a><iframe src=b.html></iframe><link rel=next href=c.html><script src=a.js></script><img src=''>",
        [],
    ),
}


@pytest.mark.parametrize("name", HTML)
def test_requisites_of_a_page(name: str) -> None:
    html, expected = HTML[name]
    assert requisites_of(ParsedPage(html, PAGE), scripts=False) == tuple(f"{ROOT}/tin/{each}" for each in expected)


def test_scripts_when_asked() -> None:
    html = "<script src=a.js></script><link rel=modulepreload href=b.js><script>var a</script>"
    assert requisites_of(ParsedPage(html, PAGE), scripts=True) == (f"{ROOT}/tin/b.js", f"{ROOT}/tin/a.js")


def test_requisites_are_relative_to_the_base_and_named_once() -> None:
    html = '<base href="/x/"><img src=a.png><img src="/x/a.png#1">'
    assert requisites_of(ParsedPage(html, PAGE), scripts=False) == (f"{ROOT}/x/a.png",)


def test_the_number_of_requisites_is_bounded() -> None:
    html = "".join(f"<img src={number}.png>" for number in range(2 * MOST))
    assert len(requisites_of(ParsedPage(html, PAGE), scripts=False)) == MOST


def test_requisites_of_css_are_relative_to_the_style_sheet() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/css; charset=utf-8\r\n\r\n"
    made = capture(f"{ROOT}/css/a.css", b"@import url(../b.css); i{background:url(c.png)}")
    sheet = replace(made, head=head, headers=parse_head(head))
    assert requisites_of_css(sheet) == (f"{ROOT}/b.css", f"{ROOT}/css/c.png")
    assert requisites_of_css(made) == ()  # it is labelled text/html, and no browser uses it


def test_they_are_read_before_ignored_nodes_are_removed_and_only_when_wanted() -> None:
    text = '[site]\nname = "t"\nhome = "http://portal.example/"\n[crawl]\nrequisites = "{}"\n[[page]]\nkind = "article"\nignore = ["#x"]\n'
    made = capture(PAGE, b"<h1>T</h1><p>words and more words</p><div id=x><img src=a.png></div>")
    assert read(made, parse_profile(text.format("first"), "t")).requisites == (f"{ROOT}/tin/a.png",)
    assert read(made, parse_profile(text.format("none"), "t")).requisites == ()
    assert read(made, None).requisites == ()


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<object data=/map.svg></object>", ["/map.svg"]),
        ("<object type=image/svg+xml data='/map?id=1'></object>", ["/map?id=1"]),
        ("<embed src='/chart.SVG?v=2'>", ["/chart.SVG?v=2"]),
        ("<object data=/film.swf></object><embed src=/a.pdf><object type=text/html data=/x.svg></object>", []),
        ("<object><param name=movie value=/x.svg></object><embed>", []),
    ],
)
def test_images_in_objects_are_requisites(html: str, found: list[str]) -> None:
    page = ParsedPage(f"<body>{html}", PAGE, None)
    assert requisites_of(page, scripts=False) == tuple(f"{ROOT}{path}" for path in found)
