"""XHTML is read by its own rules: an element that closes itself is complete, and CDATA is text."""

import time

import pytest

from archiver.extract.read import read
from archiver.extract.xhtml import as_html
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.clock import instant
from archiver.model.record import Record

XHTML = "application/xhtml+xml"


def record(text: str, media_type: str | None = XHTML) -> Record:
    headers = ((b"Content-Type", media_type.encode()),) if media_type else ()
    at = instant("2022-10-22 00:00:00")
    return read(Capture(Request("http://p.example/1"), at, Outcome.OK, 200, headers=headers, body=text.encode()), None)


def page(head: str = "", body: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"{head}<meta name='keywords' content='thẻ'/></head><body>{body}<h1>Tiêu đề của bài</h1></body></html>"
    )


@pytest.mark.parametrize(
    "element",
    [
        "<script src='a.js'/>",
        "<script src='a.js' />",
        "<style/>",
        "<title/>",
        "<noscript/>",
        "<script>if (a &lt; b &amp;&amp; c) { d('</x>') }</script>",
        "<script><![CDATA[ if (a < b) document.write('<script></script>') ]]></script>",
        "<script>//<![CDATA[\n a<b \n//]]></script>",
        "<style><![CDATA[ a > b { } ]]></style>",
        "<!-- <script> -->",
        "<?xml-stylesheet href='a.css' title='a > b'?>",
    ],
)
@pytest.mark.parametrize("media_type", [XHTML, "application/xml", "text/xml", None])
def test_nothing_in_the_head_swallows_the_page(element: str, media_type: str | None) -> None:
    read_record = record(page(head=element), media_type)
    assert (read_record.content.title, read_record.content.tags) == ("Tiêu đề của bài", ("thẻ",))


@pytest.mark.parametrize(
    "element",
    ["<iframe src='/a'/>", "<textarea rows='2'/>", "<div class='a'/>", "<a id='x'/>", "<p/>", "<select/>", "<xmp/>"],
)
def test_nothing_in_the_body_swallows_the_page(element: str) -> None:
    assert record(page(body=element)).content.title == "Tiêu đề của bài"


REWRITTEN = {
    "<div/>": "<div></div>",
    "<div class=\"a > b\" title='c/' />": "<div class=\"a > b\" title='c/' ></div>",
    "<br/><br /><img src='a'/><br></br>": "<br><br ><img src='a'><br>",
    "<p>a<![CDATA[1 < 2 & 3 > 2]]>b</p>": "<p>a1 &lt; 2 &amp; 3 &gt; 2b</p>",
    "<title><![CDATA[A & B]]></title>": "<title>A &amp; B</title>",
    "<script>a &amp;&amp; b &#60; c &#x3E; d &quot;&unknown;</script>": '<script>a && b < c > d "&unknown;</script>',
    "<script><![CDATA['</script>']]></script>x": "<script>'<\\/script>'</script>x",
    "<p>&nbsp;&lt;</p>": "<p>&nbsp;&lt;</p>",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://a/b.dtd"><p>x</p>': "<!DOCTYPE html><p>x</p>",
    '<!DOCTYPE html [ <!ENTITY a "b"> ]><p>x</p>': "<!DOCTYPE html><p>x</p>",
    "<svg:rect x='1'/>": "<svg:rect x='1'></svg:rect>",
    "<h:p xmlns:h='http://www.w3.org/1999/xhtml'>a<h:script/></h:p>": (
        "<p xmlns:h='http://www.w3.org/1999/xhtml'>a<script></script></p>"
    ),
    "<p>1 < 2 <3 <p": "<p>1 < 2 <3 <p",
    "<a href='x' title=\"never closed>b</a>": "<a href='x' title=\"never closed>b</a>",
    "<![CDATA[never closed": "never closed",
    "a<!-- never closed": "a",
    "<script>never closed": "<script>never closed",
}


@pytest.mark.parametrize(("xhtml", "html"), REWRITTEN.items())
def test_what_is_rewritten(xhtml: str, html: str) -> None:
    assert as_html(xhtml) == html


def test_a_page_with_cdata_is_read_whole() -> None:
    text = page(head="<script src='a.js'/>", body="<div id='b'><p>một</p><p><![CDATA[5 < 6 & hai]]></p></div>")
    assert "<p>5 &lt; 6 &amp; hai</p>" in as_html(text)


def test_data_in_a_script_is_decoded() -> None:
    data = '{"@type": "NewsArticle", "headline": "Tiêu đề của bài", "articleSection": "Nhà &amp; Đất"}'
    for written in (data, f"<![CDATA[{data.replace('&amp;', '&')}]]>"):
        read_record = record(page(head=f'<script type="application/ld+json">{written}</script>'))
        assert read_record.content.section == "Nhà & Đất"


@pytest.mark.parametrize("media_type", ["text/html", "text/html; charset=utf-8"])
def test_what_is_sent_as_html_is_html(media_type: str) -> None:
    text = page(head="<script src='a.js'/>").replace("<html", "<!DOCTYPE html><html")
    assert record(text, media_type).content.title is None


@pytest.mark.parametrize(
    "text",
    [
        "<" * 500_000,
        '<a "' * 200_000,
        "<a '<a \"' " * 100_000,
        '<a "<a" ' * 150_000,
        "<script><![CDATA[" * 50_000,
        "<script>" + "<![CDATA[]]>" * 100_000,
        "<script>" + "<![CDATA[</script]]>" * 80_000,
        "<!DOCTYPE [" * 100_000,
        "<!--" * 200_000,
        "&#" * 300_000 + "<script>" + "&" * 300_000,
    ],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    started = time.process_time()
    as_html(text)
    assert time.process_time() - started < 2
