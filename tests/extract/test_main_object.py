"""The declarations about the page itself are found among all others; titles, dates and summaries are read correctly."""

import json
from datetime import UTC, datetime

import pytest

from archiver.extract.headline import without_site
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.record import Content
from archiver.text.dates import read_date

URL = "http://portal.example/bai/1"
HEAD = "<title>Dân vận khéo ở phường</title><h1>Dân vận khéo ở phường</h1>"


def content(html: str) -> Content:
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    taken = Capture(
        Request(URL), datetime(2022, 10, 22, tzinfo=UTC), Outcome.OK, 200, headers=headers, body=html.encode()
    )
    return read(taken, None).content


def jsonld(*objects: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(each)}</script>' for each in objects)


OWN = {
    "@type": "NewsArticle",
    "headline": "Dân vận khéo ở phường",
    "author": {"name": "An"},
    "datePublished": "2022-10-21",
}
OTHER = {
    "@type": "NewsArticle",
    "headline": "Tin khác hẳn",
    "url": "http://portal.example/bai/2",
    "author": {"name": "Bình"},
    "datePublished": "2020-01-01",
}
COMMENT = {"@type": "Comment", "author": {"name": "Khách"}, "datePublished": "2022-11-11", "text": "Hay"}

GLOBAL_OPTIONS = {
    "the only one": (jsonld(OWN), ("An",), "2022-10-21"),
    "before a comment": (jsonld(COMMENT, OWN), ("An",), "2022-10-21"),
    "a comment within": (jsonld({**OWN, "author": None, "datePublished": None, "comment": [COMMENT]}), (), None),
    "a comment alone": (jsonld(COMMENT), (), None),
    "behind another": (jsonld(OTHER, OWN), ("An",), "2022-10-21"),
    "by the address": (jsonld({**OWN, "headline": "x"}, {**OTHER, "url": URL}), ("Bình",), "2020-01-01"),
    "by the page it is of": (
        jsonld(OTHER, {**OWN, "headline": "x", "mainEntityOfPage": {"@id": f"{URL}#top"}}),
        ("An",),
        "2022-10-21",
    ),
    "one whose headline begins the title": (
        jsonld({**OTHER, "url": None, "headline": "Dân vận"}, OWN),
        ("An",),
        "2022-10-21",
    ),
    "two whose headlines begin the title": (
        jsonld({**OTHER, "url": None, "headline": "Dân vận khéo"}, {**OTHER, "headline": "Tin nữa"}),
        (),
        None,
    ),
    "a headline that is cut off": (jsonld({**OWN, "headline": "Dân vận khéo..."}, OTHER), ("An",), "2022-10-21"),
    "alone and elsewhere": (jsonld({**OTHER, "headline": None}), (), None),
    "a page that is another": (
        jsonld({"@type": "WebPage", "url": "http://portal.example/", "datePublished": "2020-01-01"}),
        (),
        None,
    ),
    "several addresses": (jsonld(OTHER, {**OWN, "headline": "x", "url": [URL]}), ("An",), "2022-10-21"),
    "another alone": (jsonld(OTHER), (), None),
    "two others": (jsonld(OTHER, {**OTHER, "headline": "Tin nữa"}), (), None),
    "in a list of articles": (jsonld({"@type": "ItemList", "itemListElement": [OWN]}), (), None),
    "related": (jsonld({"@type": "WebPage", "name": "x", "relatedLink": [OWN]}), (), None),
    "in a graph": (jsonld({"@context": "https://schema.org", "@graph": [COMMENT, OTHER, OWN]}), ("An",), "2022-10-21"),
    "the main entity": (jsonld({"@type": "WebPage", "mainEntity": OWN}), ("An",), "2022-10-21"),
    "the page's date": (
        jsonld({"@type": "WebPage", "url": URL, "datePublished": "2022-10-20"}, {**OWN, "datePublished": None}),
        ("An",),
        "2022-10-20",
    ),
    "an author by reference": (
        jsonld({"@graph": [{**OWN, "author": {"@id": "#p"}}, {"@type": "Person", "@id": "#p", "name": "Cúc"}]}),
        ("Cúc",),
        "2022-10-21",
    ),
    "of no type": (jsonld({"datePublished": "2022-10-19"}), (), "2022-10-19"),
}


@pytest.mark.parametrize(("html", "bylines", "published"), GLOBAL_OPTIONS.values(), ids=GLOBAL_OPTIONS.keys())
def test_only_the_object_that_is_the_page_is_asked(html: str, bylines: tuple[str, ...], published: str | None) -> None:
    found = content(HEAD + html)
    assert found.bylines == bylines
    assert (found.published.local if found.published else None) == published


def test_a_canonical_address_identifies_the_object_too() -> None:
    link = "<link rel=canonical href='https://www.portal.example/dan-van/'>"
    found = content(
        link + jsonld(OTHER, {**OTHER, "url": "http://www.portal.example/dan-van", "author": {"name": "An"}})
    )
    assert found.bylines == ("An",)


TITLES = {
    "a heading that begins it": (
        "<title>Thông báo về việc tuyển dụng công chức năm 2022</title><h1>Thông báo</h1>",
        "Thông báo về việc tuyển dụng công chức năm 2022",
    ),
    "a section's heading": (
        "<title>Thông báo - Tuyển dụng công chức năm 2022 của quận</title><h1>Thông báo</h1>",
        "Thông báo - Tuyển dụng công chức năm 2022 của quận",
    ),
    "a site with a colon": (
        "<meta property=og:site_name content='Quận 11'><meta property=og:title content='Quận 11: Ra quân dọn vệ sinh'>",
        "Quận 11: Ra quân dọn vệ sinh",
    ),
    "within a word": (
        "<meta property=og:site_name content=Google><meta property=og:title content='The case for Anti-Google'>",
        "The case for Anti-Google",
    ),
    "a long name that is known": (
        (
            "<meta property=og:site_name content='Cổng thông tin điện tử Quận 11'>"
            "<title>Ra quân dọn - Cổng thông tin điện tử Quận 11</title><h1>Ra quân dọn</h1>"
        ),
        "Ra quân dọn",
    ),
    "in capitals": (
        "<meta property=og:site_name content='Báo A'><title>RA QUÂN DỌN | BÁO A</title><h2>x</h2>",
        "RA QUÂN DỌN",
    ),
}


@pytest.mark.parametrize(("html", "title"), TITLES.values(), ids=TITLES.keys())
def test_titles_are_whole(html: str, title: str) -> None:
    assert content(html).title == title


def test_names_of_sites_cost_no_time() -> None:
    names = [f"Báo {number}" for number in range(5)]
    assert without_site("Tin - Báo 3", names) == "Tin"
    html = "".join(f"<meta property=og:site_name content='Báo {n} {'x' * 500}'>" for n in range(3000))
    assert content(html + "<title>Tin tức</title>").title == "Tin tức"


LONG = "Hội nghị diễn ra trong không khí vui tươi, phấn khởi của toàn thể cán bộ và nhân dân trong phường. " * 2
TIMES = {
    "in running text": (f"<p>{LONG}<time datetime=1975-04-30>30/4</time></p>", None),
    "in a byline": ("<p>An, <time datetime=2022-10-21>21/10</time></p>", "2022-10-21"),
    "beside running text": (
        f"<p>{LONG}<time datetime=1975-04-30>30/4</time></p><time datetime=2022-10-21>x</time>",
        "2022-10-21",
    ),
    "two of an article": (
        "<article><time datetime=2022-10-21>a</time><time datetime=2022-10-22>b</time></article>",
        None,
    ),
    "the same twice": (
        "<article><time datetime=2022-10-21>a</time><time datetime=2022-10-21>b</time></article>",
        "2022-10-21",
    ),
    "published and edited": (
        "<time class='entry-date published' datetime=2022-10-21>a</time><time class=updated datetime=2022-10-22>b</time>",
        "2022-10-21",
    ),
    "marked": (f"<p>{LONG}<time pubdate datetime=2022-10-21>x</time></p>", "2022-10-21"),
}


@pytest.mark.parametrize(("html", "local"), TIMES.values(), ids=TIMES.keys())
def test_a_time_in_the_text_is_not_when_it_was_published(html: str, local: str | None) -> None:
    published = content(html).published
    assert (published.local if published else None) == local


def test_a_summary_that_was_escaped_twice_is_read() -> None:
    assert (
        content("<meta name=description content='Tin &amp;quot;nóng&amp;quot; &amp;amp; mới'>").summary
        == 'Tin "nóng" & mới'
    )


def test_no_instant_is_known_where_neither_zone_nor_offset_is() -> None:
    said = read_date("2022-10-21 15:55", timezone="")
    assert (said.local, said.utc, said.precision, said.problem) == ("2022-10-21 15:55:00", None, "minute", "")
    published = content("<meta property=article:published_time content='2022-10-21T15:55:00'>").published
    assert published is not None
    assert (published.local, published.utc) == ("2022-10-21 15:55:00", None)


def test_a_thousand_objects_are_read_in_turn() -> None:
    many = jsonld({"@graph": [{"@type": "Thing", "n": number} for number in range(4000)] + [OWN]})
    assert content(HEAD + many).title == "Dân vận khéo ở phường"
