"""Addresses that a page gives by other means than links."""

import time

import pytest

from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request, parse_head
from made import START

BASE = "http://p.example/d/"


def followed(html: str, *headers: str, media: str = "text/html; charset=utf-8") -> tuple[str, ...]:
    head = "\r\n".join(("HTTP/1.1 200 OK", f"Content-Type: {media}", *headers, "", "")).encode()
    record = read(Capture(Request(BASE), START, Outcome.OK, 200, head, parse_head(head), html.encode()), None)
    return record.follow


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ("<iframe src='p1'></iframe>", "http://p.example/d/p1"),
        ("<frameset cols='20%,80%'><frame src='/p1'></frameset>", "http://p.example/p1"),
        ("<map name=m><area href='/p1'></map>", "http://p.example/p1"),
        ("<head><link rel=next href='/p1'></head>", "http://p.example/p1"),
        ("<head><link rel='PREV' href='p1'></head>", "http://p.example/d/p1"),
        ("<head><link rel=canonical href='/p1#x'></head>", "http://p.example/p1"),
        ("<head><link rel=alternate hreflang=en href='/p1'></head>", "http://p.example/p1"),
        ("<head><meta http-equiv=refresh content='0; URL=/p1'></head>", "http://p.example/p1"),
        ("<head><meta http-equiv=Refresh content=\"5;url='p1'\"></head>", "http://p.example/d/p1"),
        ("<head><noscript><meta http-equiv='refresh' content='0;url=/p1'></noscript></head>", "http://p.example/p1"),
        ('<head><NOSCRIPT>\n<META content="0;url=/p1" http-equiv=REFRESH></NOSCRIPT></head>', "http://p.example/p1"),
        ("<a href='#' onclick=\"location.href='/p1'\">x</a>", "http://p.example/p1"),
        ("<button onclick='window.location = \"/p1\"; return false'>x</button>", "http://p.example/p1"),
        ("<div onclick=\"document.location.assign('p1')\">x</div>", "http://p.example/d/p1"),
        ("<input type=button onclick=\"window.open('/p1', '_blank')\">", "http://p.example/p1"),
        ("<a href=\"javascript:window.location='/p1'\">y</a>", "http://p.example/p1"),
        ("<a href=\"JavaScript:location.replace('/p1')\">y</a>", "http://p.example/p1"),
    ],
)
def test_an_address_is_followed(html: str, address: str) -> None:
    assert address in followed(f"<html>{html}<p>Some text of the page.</p></html>")


@pytest.mark.parametrize(
    "html",
    [
        "<a onclick=\"location.href='/p1?id=' + id\">x</a>",
        '<a onclick="open(url)">x</a>',
        "<a onclick=\"x.relocation='/p1'\">x</a>",
        "<a href='javascript:void(0)'>x</a>",
        "<link rel=stylesheet href='/p1'>",
        "<link rel='alternate stylesheet' href='/p1'>",
        "<link rel=alternate type='application/json' href='/p1'>",
        "<link rel=icon href='/p1'>",
        "<noscript><img src='/p1'></noscript>",
        "<meta name=refresh-rate content='url=/p1'>",
    ],
)
def test_an_address_is_not_made_up(html: str) -> None:
    assert not any("p1" in address for address in followed(f"<html>{html}<p>Some text of the page.</p></html>"))


@pytest.mark.parametrize("value", ["0; url=/p1", "5;URL='/p1'", "0;/p1", " 1 ; url = /p1#x"])
def test_a_refresh_header_is_followed(value: str) -> None:
    assert "http://p.example/p1" in followed("<p>Please wait.</p>", f"Refresh: {value}")


@pytest.mark.parametrize("start", ["<!doctype html>", "<HTML>", "\ufeff<!DOCTYPE HTML>", "\n <html lang=vi>"])
def test_a_page_that_is_labelled_as_plain_text_is_a_page(start: str) -> None:
    assert "http://p.example/p1" in followed(f"{start}<body><a href='/p1'>x</a></body></html>", media="text/plain")


@pytest.mark.parametrize(
    "text", ["A text about <html> and <a href='/p1'>links</a>.", "1 < 2", "# Title\n\n<div>x</div>"]
)
def test_a_plain_text_with_tags_is_no_page(text: str) -> None:
    assert followed(text, media="text/plain") == ()


@pytest.mark.parametrize(
    "html",
    ["<noscript " * 200_000, "<noscript><meta " * 100_000, '<a onclick="' + "location='" * 100_000 + '">', "<a onclick=\"location='/p1'\">x</a>" * 100_000],
    ids=range(4),
)  # fmt: skip
def test_hostile_pages_take_no_time(html: str) -> None:
    begun = time.process_time()
    followed(html)
    assert time.process_time() - begun < 10
