"""Declarations that were read wrongly before: dates in sentences or replies, leftover entities, names without context."""

import json
import time
from datetime import UTC, datetime

import pytest

from archiver.app.profiles import generic_profile
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile
from archiver.model.record import Content

URL = "http://portal.example/bai/1"
SECONDS = 3.0
"""CPU; each of these pages takes a tenth of it."""


def content(html: str, profile: Profile | None = None) -> Content:
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    moment = datetime(2022, 10, 22, tzinfo=UTC)
    taken = Capture(Request(URL), moment, Outcome.OK, 200, headers=headers, body=html.encode())
    return read(taken, profile).content


def published(html: str) -> str | None:
    moment = content(html).published
    return moment.local if moment else None


# a date in a sentence

DAY = "<time datetime=2022-10-21>21/10</time>"
LONG = "Hội nghị diễn ra trong không khí vui tươi, phấn khởi của toàn thể cán bộ và nhân dân trong phường. " * 2
TOLD = {
    "a short sentence": f"<p>Lễ khai mạc vào {DAY} tại nhà văn hóa.</p>",
    "a sentence that ends with it": f"<p>Lễ khai mạc vào ngày <b>{DAY}</b>.</p>",
    "a sentence in an item": f"<ul><li>Khai mạc ngày {DAY} (dự kiến).</li></ul>",
    "a sentence of no paragraph": f"<div>Lễ khai mạc vào {DAY} tại nhà văn hóa.<br>Mời đến dự</div>",
    "a long line of no paragraph": f"<div>{LONG}, {DAY}, và sau đó</div>",
    "after a paragraph": f"<p>{LONG}</p><p>Hạn nộp hồ sơ: {DAY}</p>",
    "an item after a paragraph": f"<p>{LONG}</p><ul><li>Hạn nộp hồ sơ: {DAY}</li></ul>",
    "a row of a schedule": f"<table><tr><td>Khai mạc<td>{DAY}</table>",
    "a quotation": f"<blockquote>{DAY}</blockquote>",
    "a column beside": f"<aside>{DAY}</aside>",
    "the foot of the page": f"</article><footer>{DAY}</footer>",
    "a comment": f"<ol class='comment-list'><li>{DAY}</ol>",
}
SHOWN = {
    "a byline": f"<p>Nguyễn Văn A | <b>{DAY}</b></p><p>{LONG}</p>",
    "a byline with the author behind": f"<p>Đăng ngày {DAY} bởi An</p>",
    "a list of its own": f"<ul><li>An</li><li>{DAY}</li></ul><p>{LONG}</p>",
    "a line above others": f"<div>Đăng ngày {DAY}<br>{LONG}</div>",
    "the end of the article": f"<p>{LONG}</p><footer>{DAY}</footer>",
    "a cell alone": f"<table><tr><td>{DAY}</table>",
    "beside comments": f"{DAY}<div id=comments><time datetime=2022-11-01>1/11</time></div>",
}


@pytest.mark.parametrize("html", TOLD.values(), ids=TOLD.keys())
def test_a_date_in_a_sentence_is_not_the_publication(html: str) -> None:
    assert published(f"<article><h1>Tin</h1>{html}") is None


@pytest.mark.parametrize("html", SHOWN.values(), ids=SHOWN.keys())
def test_a_date_outside_a_sentence_is_the_publication(html: str) -> None:
    assert published(f"<article><h1>Tin</h1>{html}") == "2022-10-21"


def marked(moment: str) -> str:
    return f"<time itemprop=datePublished datetime='{moment}'>x</time>"


def item(kind: str, inner: str) -> str:
    return f"<div itemscope itemtype='http://schema.org/{kind}'>{inner}</div>"


MARKED = {
    "of a comment alone": (item("Comment", marked("2022-10-21")), None),
    "of a comment and the page": (item("Comment", marked("2022-11-01")) + marked("2022-10-21"), "2022-10-21"),
    "of two articles": (item("NewsArticle", marked("2022-10-21")) + item("Article", marked("2022-11-01")), None),
    "of a related article and this": (
        item("Article", marked("2020-01-01")) + item("Article", "<h1>Tin</h1>" + marked("2022-10-21")),
        "2022-10-21",
    ),
    "twice of one day": (marked("2022-10-21") + marked("2022-10-21T08:00:00"), "2022-10-21"),
    "in a column beside": (f"<aside>{marked('2022-10-21')}</aside>", "2022-10-21"),
}


@pytest.mark.parametrize(("html", "local"), MARKED.values(), ids=MARKED.keys())
def test_a_date_that_is_marked_is_the_page_s_own(html: str, local: str | None) -> None:
    assert published(html) == local


HOSTILE = {
    "items within items": "<li><ul>" * 500 + DAY * 100 + "<span></span>" * 40_000,
    "a long text in them": "<li><ul>" * 500 + DAY * 100 + "một hai " * 200_000,
    "long paragraphs before": f"<p>{'một hai ' * 20_000}</p>" * 20 + f"<p>{DAY * 100}</p>",
    "inline within inline": "<b>" * 400 + DAY * 100 + "<i>y</i>" * 50_000,
    "titles": "".join(f"<meta property=og:title content='{n}{'&amp;amp;' * 50}'>" for n in range(10_000)),
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_page_makes_the_search_long(html: str) -> None:
    started = time.process_time()
    content(html)
    assert time.process_time() - started < SECONDS


# entities

TWICE = "<meta name=description content='Tin &amp;quot;nóng&amp;quot; &amp;#38; mới'>"


def test_what_was_escaped_twice_is_read_in_every_field() -> None:
    found = content(
        f"{TWICE}<meta name=keywords content='Tin &amp;amp; bài, &amp;quot;nóng&amp;quot;'>"
        "<meta property=article:section content='Tin &amp;amp; bài'><meta name=author content='An &amp;amp; Bình'>"
        "<title>Tin &amp;amp; bài</title>"
    )
    assert found.summary == 'Tin "nóng" & mới'
    assert (found.tags, found.section) == (("Tin & bài", '"nóng"'), "Tin & bài")
    assert (found.bylines, found.title) == (("An & Bình",), "Tin & bài")


def test_what_only_looks_like_an_entity_stays() -> None:
    summary = content("<meta name=description content='/x?a=1&amp;copy=2 của AT&amp;T &amp;notit;'>").summary
    assert summary == "/x?a=1&copy=2 của AT&T &notit;"


# titles

TITLES = {
    "a name of the site alone says nothing": (
        "<meta property=og:site_name content='Quận 11'><meta property=og:title content='QUẬN 11'><h1>Ra quân dọn</h1>",
        "Ra quân dọn",
    ),
    "nor does it before a title that does": (
        (
            "<meta property=og:site_name content='Quận 11'><meta property=og:title content='Quận 11'>"
            "<title>Ra quân dọn - Quận 11</title>"
        ),
        "Ra quân dọn",
    ),
    "unless nothing else is there": ("<meta property=og:site_name content='Quận 11'><title>Quận 11</title>", "Quận 11"),
    "a title that is cut off": (
        "<meta property=og:title content='Ra quân dọn vệ…'><h1>Ra quân dọn vệ sinh</h1>",
        "Ra quân dọn vệ sinh",
    ),
    "two colons part": ("<meta property=og:site_name content='Quận 11'><title>Ra quân :: Quận 11</title>", "Ra quân"),
    "without spaces nothing parts, but the heading does": (
        "<title>Ra quân dọn-Quận 11</title><h1>Ra quân dọn</h1>",
        "Ra quân dọn",
    ),
}


@pytest.mark.parametrize(("html", "title"), TITLES.values(), ids=TITLES.keys())
def test_titles(html: str, title: str) -> None:
    assert content(html).title == title


def test_the_name_in_the_profile_counts_before_those_a_page_makes_up() -> None:
    names = "".join(f"<meta property=og:site_name content='Tên {number}'>" for number in range(9))
    profile = parse_profile('[site]\nname = "a"\nhome = "http://portal.example/"\ntitle = "Quận 11"\n', "a")
    assert content(f"{names}<title>Ra quân - Quận 11</title>", profile).title == "Ra quân"


# instants


@pytest.mark.parametrize(("offset", "utc"), [("", None), ("+07:00", "2022-10-21 08:55:00")])
def test_without_a_profile_the_zone_is_not_known(offset: str, utc: str | None) -> None:
    profile = generic_profile(URL)
    assert profile.site.timezone == ""
    html = f"<script type=application/ld+json>{json.dumps({'datePublished': f'2022-10-21T15:55:00{offset}'})}</script>"
    for each in (profile, None):
        moment = content(html, each).published
        assert moment is not None
        assert (moment.local, moment.utc) == ("2022-10-21 15:55:00", utc)
