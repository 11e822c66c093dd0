"""Pages without rules are read by what they declare, with an order of precedence."""

import logging
import sys
from datetime import UTC, datetime

import pytest

from archiver.extract.headline import without_site
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import Profile
from archiver.model.record import Content, Link, Record


def seen(html: str, profile: Profile | None = None, *, slow: bool = False) -> Record:
    request = Request("http://portal.example/bai/1")
    headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
    capture = Capture(request, datetime(2022, 10, 22, tzinfo=UTC), Outcome.OK, 200, headers=headers, body=html.encode())
    return read(capture, profile, slow=slow)


LONG = "Hội nghị tổng kết công tác dân vận khéo. " * 10
TITLES = {
    "heading the title repeats": (
        "<title>Dân vận khéo - Quận 11</title><h1>Dân vận khéo</h1>",
        "Dân vận khéo",
        "document",
    ),
    "heading og:title repeats": (
        "<meta property=og:title content='Dân vận khéo | Q11'><h1>Quận 11</h1><h1>Dân vận khéo</h1>",
        "Dân vận khéo",
        "document",
    ),
    "heading of the site": (
        "<meta property=og:site_name content='Cổng Quận 11'><title>Cổng Quận 11 - Dân vận</title><h1>Cổng Quận 11</h1>",
        "Dân vận",
        "document",
    ),
    "og:title without the site": (
        "<meta property=og:title content='Tin &amp;amp; bài - Báo A'><meta property=og:site_name content='Báo A'><title>z</title>",
        "Tin & bài",
        "fallback:meta",
    ),
    "headline": (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Tin"}</script><title>x</title>',
        "Tin",
        "fallback:jsonld",
    ),
    "title": ("<title> Tin  tức </title>", "Tin tức", "document"),
    "heading alone": ("<h1>Tin tức</h1>", "Tin tức", "document"),
    "nothing": ("<p>x</p>", None, None),
}


@pytest.mark.parametrize(("html", "title", "rule"), TITLES.values(), ids=TITLES.keys())
def test_title(html: str, title: str | None, rule: str | None) -> None:
    record = seen(html)
    source = dict(record.sources).get("title")
    assert (record.content.title, source.rule if source else None) == (title, rule)
    assert source is None or source.rank == 0


def test_a_site_name_is_taken_off_either_end() -> None:
    assert without_site("Tin - Báo A", ["Báo A"]) == "Tin"
    assert without_site("Báo A » Tin", ["Báo A"]) == "Tin"
    assert without_site("Báo A", ["Báo A"]) == "Báo A"
    assert without_site("Tin Báo A", ["Báo A", "zzz"]) == "Tin Báo A"


MOMENTS = {
    "meta first": (
        "<meta property=article:published_time content='2022-10-21T15:55:00+07:00'><time datetime='2021-01-01'>",
        "2022-10-21 15:55:00",
    ),
    "JSON-LD": (
        '<script type="application/ld+json">{"datePublished":"2022-10-21T08:55:00Z"}</script>',
        "2022-10-21 08:55:00",
    ),
    "time in the article": (
        "<time datetime='2021-01-01'></time><article><time datetime='2022-10-21'></article>",
        "2022-10-21",
    ),
    "the only time": ("<time>2022-10-21</time>", "2022-10-21"),
    "one of many times": ("<time>2022-10-21</time><time>2022-10-22</time>", None),
    "Dublin Core": ("<meta name=DC.date content=2022-10-21>", "2022-10-21"),
    "one that cannot be read": ("<meta name=DC.date content=mai><meta name=date content=2022-10-21>", "2022-10-21"),
}


@pytest.mark.parametrize(("html", "local"), MOMENTS.values(), ids=MOMENTS.keys())
def test_published(html: str, local: str | None) -> None:
    published = seen(html).content.published
    assert (published.local if published else None) == local


def test_the_rest() -> None:
    record = seen(
        "<html lang=vi-VN><meta name=description content='Tóm  tắt'><meta name=author content='An'>"
        "<meta property=article:section content='Đời sống'><meta name=keywords content='a, b'>"
        "<meta property=og:image content='/i.png'><article><p>x</p></article>"
    )
    assert record.content == Content(
        summary="Tóm tắt",
        bylines=("An",),
        section="Đời sống",
        tags=("a", "b"),
        images=("http://portal.example/i.png",),
        language="vi-VN",
    )
    assert {source.rule for _, source in record.sources} == {"fallback:meta", "document"}
    assert (record.kind, record.template, record.needs_fallback) == ("article", "", True)


def test_authors_in_jsonld() -> None:
    html = '<script type="application/ld+json">[{"@type":"Article","author":[{"name":"An"},"Bình","https://x/"],"keywords":["a","b, c"]}]</script>'
    content = seen(html + "<meta name=author content=Khác>").content
    assert (content.bylines, content.tags) == (("An", "Bình"), ("a", "b", "c"))


BODIES = {
    "articleBody": (
        f'<script type="application/ld+json">{{"articleBody":"{LONG}\\n\\n Hết."}}</script>',
        f"{LONG.strip()}\n\nHết.",
        "fallback:jsonld",
    ),
    "articleBody as HTML": (
        f'<script type="application/ld+json">{{"articleBody":"&lt;p&gt;{LONG}&lt;/p&gt;&lt;p&gt;Hết.&lt;/p&gt;"}}</script>',
        f"{LONG.strip()}\n\nHết.",
        "fallback:jsonld",
    ),
    "microdata": (
        f"<div itemprop=articleBody><p>{LONG}</p><p>Hết.</p><img src=/i.png></div>",
        f"{LONG.strip()}\n\nHết.",
        "fallback:microdata",
    ),
    "a teaser is no body": ('<script type="application/ld+json">{"articleBody":"Ngắn"}</script>', None, None),
    "an article element": (f"<article><p>{LONG}</p></article>", LONG.strip(), "fallback:trafilatura"),
}


@pytest.mark.parametrize(("html", "body", "rule"), BODIES.values(), ids=BODIES.keys())
def test_body(html: str, body: str | None, rule: str | None) -> None:
    record = seen(html, slow=True)
    source = dict(record.sources).get("body")
    assert (record.content.body, source.rule if source else None) == (body, rule)
    assert not record.needs_fallback
    assert seen(html).needs_fallback


PAGE = f"<html lang=vi><title>Tin</title><body><div id=menu>menu</div><article><h1>Tin</h1><p>{LONG}</p><p>{LONG}</p></article><footer>chân</footer>"
SITE = '[site]\nname = "a"\nhome = "http://portal.example/"\n[[page]]\nkind = "article"\n'


def test_trafilatura_is_asked_only_when_slow() -> None:
    record = seen(PAGE, slow=True)
    assert record.content.body is not None
    assert LONG.strip() in record.content.body
    assert dict(record.sources)["body"].rule == "fallback:trafilatura"
    assert not record.needs_fallback


def test_a_failed_fallback_gives_no_body(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def bare_extraction(self, *_: object, **__: object) -> str:
            raise RuntimeError

    monkeypatch.setitem(sys.modules, "trafilatura", Broken())
    logging.getLogger("trafilatura").setLevel(logging.NOTSET)
    assert seen(PAGE, slow=True).content.body is None


def test_no_fallback_when_the_profile_forbids_it() -> None:
    record = seen(PAGE, parse_profile(SITE + "fallback = false", "a"), slow=True)
    assert (record.content, record.sources, record.needs_fallback) == (Content(), (), False)


def test_fields_without_a_rule_fall_back() -> None:
    record = seen(PAGE, parse_profile(SITE + "[page.fields]\nbody = 'article p'", "a"))
    assert (record.content.title, record.content.body, record.content.language) == ("Tin", LONG.strip(), "vi")
    assert not record.needs_fallback


def test_invalid_jsonld_is_noted() -> None:
    html = '<script type="application/ld+json">{"a": </script><script type="application/ld+json"><!-- {"headline": "Tin"} --></script>'
    record = seen(html)
    assert (record.content.title, record.notes) == ("Tin", ("a JSON-LD block is not JSON and was ignored",))


def test_deep_jsonld_is_survived() -> None:
    html = f'<script type="application/ld+json">{"[" * 100_000}</script><script type="application/ld+json">{"[" * 500 + "]" * 500}</script>'
    assert seen(html + "<a href=/x>x</a>").links == (Link("http://portal.example/x", "x"),)
