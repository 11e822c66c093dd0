"""A page's encoding is used for its record: text, links, and the note that there is no text."""

import random
import zlib
from datetime import UTC, datetime

import pytest

from archiver.crawl.read_capture import read_capture
from archiver.extract.around import opened
from archiver.extract.links import every_link
from archiver.extract.page import ParsedPage
from archiver.extract.postback import postbacks_of
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from sentences import SENTENCES

URL = "http://portal.example/d/p"
FIELDS = (
    '[site]\nname = "p"\ntitle = "P"\nhome = "http://portal.example/"\nlanguage = "{}"\n[[page]]\nkind = "article"\n'
)


def capture(body: bytes, content_type: str | None = "text/html", *, status: int = 200) -> Capture:
    return Capture(
        request=Request(URL),
        visited_at=datetime(2024, 6, 1, tzinfo=UTC),
        outcome=Outcome.OK,
        status=status,
        headers=((b"Content-Type", content_type.encode()),) if content_type else (),
        body=body,
    )


def page(title: str, text: str, head: str = "") -> str:
    return f"<html><head>{head}<title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>"


ITALIAN = page("Chi può entrare", "<p>Ognuno può passare dal cancello, il numero può cambiare.</p>" * 5)
CZECH = page("Děti čistily potok", "<p>Děti čistily potok a příští týden zasadí břízy u cesty.</p>" * 5)
EURO = page("Un café à 2 €", "<p>L'œuvre coûte 2 €</p>")
CHINESE = page("居民清理河道", "<p>居民们昨天清理了河道，下星期还要在路边种树。</p>" * 20)
READ = [
    (ITALIAN, "latin-1", "text/html; charset=iso-8859-1", "windows-1252"),
    ('<?xml version="1.0" encoding="iso-8859-2"?>' + CZECH, "iso8859_2", "application/xhtml+xml", "iso-8859-2"),
    ('<?xml version="1.0" encoding="iso-8859-15"?>' + EURO, "iso8859_15", "application/xhtml+xml", "iso-8859-15"),
    ('<?xml version="1.0" encoding="iso-8859-2"?>' + CZECH, "iso8859_2", "text/xml", "iso-8859-2"),
    ('<?xml version="1.0" encoding="utf-16"?>' + CZECH, "utf-16", "application/xml", "utf-16le"),
    ('<?xml version="1.0" encoding="utf-16"?>' + CZECH, "utf-16-le", "application/xml", "utf-16le"),
    (CHINESE, "utf-16-le", "text/html; charset=utf-16le", "utf-16le"),
    (CHINESE, "utf-16-be", "text/html; charset=utf-16be", "utf-16be"),
]


@pytest.mark.parametrize(("text", "codec", "content_type", "charset"), READ)
def test_titles_are_read_in_the_encoding_declared(text: str, codec: str, content_type: str, charset: str) -> None:
    record = read(capture(text.encode(codec), content_type), None)
    assert record.content.title == text.partition("<title>")[2].partition("</title>")[0]
    assert (record.charset, record.notes) == (charset, ())


def test_a_profile_s_language_helps_to_guess() -> None:
    text = "<p>vlak čez most</p>"
    slovene = read(capture(text.encode("cp1250")), parse_profile(FIELDS.format("sl"), "p.toml"), slow=True)
    assert slovene.charset == "windows-1250"
    assert read(capture(text.encode("cp1250")), None).notes[0] == "no charset declared; windows-1252 is a guess"


NOT_TEXT = [
    random.Random(1).randbytes(5000),
    zlib.compress(" ".join(map(str, range(3000))).encode()),
    b"\0" * 900,
    b"<html><body>" + random.Random(2).randbytes(5000),
]


@pytest.mark.parametrize("body", NOT_TEXT)
@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=utf-8", "text/html; charset=shift_jis"])
def test_a_body_that_is_not_text_is_unreadable(body: bytes, content_type: str) -> None:
    record = read(capture(body, content_type), None)
    assert record.content.is_empty
    assert not record.needs_fallback
    assert (record.charset, record.notes[-1]) == ("", "labelled text/html, but the bytes are not text")
    assert opened(capture(body, content_type)) is None
    profile = parse_profile(FIELDS.format("en"), "p.toml")
    assert read_capture(capture(body, content_type), profile, None).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize("status", [204, 205])
@pytest.mark.parametrize("body", [b"", b"<html><title>t</title><p>text</p>"])
def test_a_status_without_content_has_none(status: int, body: bytes) -> None:
    record = read(capture(body, status=status), None)
    assert record.content.is_empty
    assert record.notes == (f"status {status} has no content; the body counts as empty",)
    profile = parse_profile(FIELDS.format("en"), "p.toml")
    assert read_capture(capture(body, status=status), profile, None).outcome is Outcome.UNREADABLE


LINKS = page(
    "Поиск",
    '<a href="/s?q=слово">a</a><a href="?я">b</a><a href="/путь?q=%F1">c</a><map><area href="//portal.example/x?ю"></map>'
    '<img src="/i?и=1"><form action="/f?ф=1"><a href="javascript:__doPostBack(\'x\',\'y\')">d</a></form>',
)


def test_links_of_a_page_are_escaped_in_its_encoding() -> None:
    record = read(capture(LINKS.encode("cp1251"), "text/html; charset=windows-1251"), None)
    assert [link.url for link in record.links] == [
        "http://portal.example/s?q=%F1%EB%EE%E2%EE",
        "http://portal.example/d/p?%FF",
        "http://portal.example/%D0%BF%D1%83%D1%82%D1%8C?q=%F1",
        "http://portal.example/x?%FE",
    ]
    parsed = ParsedPage(LINKS, URL, charset="windows-1251")
    image, form = parsed.document.css("img, form")
    assert parsed.address(image) == "http://portal.example/i?%E8=1"
    assert parsed.address(form) == "http://portal.example/f?%F4=1"
    assert postbacks_of(parsed.document.css("a"), parsed)[0].url == "http://portal.example/f?%F4=1"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_links_of_a_unicode_page_are_escaped_as_utf_8(codec: str) -> None:
    record = read(capture(LINKS.encode(codec), "text/html; charset=utf-8"), None)
    assert record.links[1].url == "http://portal.example/d/p?%D1%8F"


def test_a_base_is_escaped_like_a_link() -> None:
    text = '<base href="/д/?я"><a href="?">x</a><a href="#y">y</a><a href="ж?ж">z</a>'
    parsed = ParsedPage(text, URL, charset="koi8-r")
    assert parsed.base == "http://portal.example/%D0%B4/?%D1"
    assert every_link(parsed)[-1].url == "http://portal.example/%D0%B4/%D0%B6?%D6"
    assert ParsedPage(text, URL).base == "http://portal.example/%D0%B4/?%D1%8F"


def test_a_site_looked_at_for_the_first_time_is_read_in_its_encoding() -> None:
    found = opened(capture(LINKS.encode("cp1251"), "text/html; charset=windows-1251"))
    assert found is not None
    assert found.charset == "windows-1251"
    vietnamese = opened(capture(" ".join(SENTENCES["vi"]).encode()))
    assert vietnamese is not None
    assert vietnamese.charset == "utf-8"
