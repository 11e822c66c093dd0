"""Sitemaps and feeds: their addresses are read, and hostile ones do no harm."""

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.listed import MOST_LISTED, Listing, moment_of, read_listing
from archiver.model.capture import Capture, Outcome, Request, parse_head
from made import START

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
URLSET = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'


def _read(body: bytes, url: str = "http://p.example/sitemap.xml", media: str = "application/xml") -> Listing | None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n" % media.encode()
    return read_listing(Capture(Request(url), START, Outcome.OK, 200, head, parse_head(head), body))


def _sitemap(*rows: str) -> bytes:
    return HEAD + URLSET + "".join(f"<url>{row}</url>" for row in rows).encode() + b"</urlset>"


def test_a_sitemap_in_all_its_forms() -> None:
    body = _sitemap(
        "<loc>http://p.example/a?x=1&amp;y=2</loc><lastmod>2022-10-21</lastmod>",
        "<loc>\n http://p.example/b \n</loc>",
        "<loc><![CDATA[http://p.example/c]]></loc><changefreq>daily</changefreq>",
        "<lastmod>2022-10-21</lastmod>",
    )
    items = [("http://p.example/a?x=1&y=2", "2022-10-21"), ("http://p.example/b", ""), ("http://p.example/c", "")]
    for form in (
        body,
        gzip.compress(body),
        body.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        b"\xef\xbb\xbf" + body,
    ):
        found = _read(form)
        assert found is not None
        assert (found.kind, found.is_index, found.items, found.note) == ("sitemap", False, items, "")


def test_an_index_and_a_prefix() -> None:
    found = _read(
        HEAD
        + b'<s:sitemapindex xmlns:s="x"><s:sitemap><s:loc>http://p.example/1.xml.gz</s:loc></s:sitemap></s:sitemapindex>'
    )
    assert found is not None
    assert (found.is_index, found.items) == (True, [("http://p.example/1.xml.gz", "")])


def test_a_plain_list() -> None:
    body = "\ufeffhttp://p.example/a\r\nhttp://p.example/đ\n\nno address\n".encode()
    found = _read(body, "http://p.example/sitemap.txt", "text/plain")
    assert found is not None
    assert [address for address, _ in found.items] == ["http://p.example/a", "http://p.example/đ"]
    assert _read(body, "http://p.example/notes.txt", "text/plain") is None


def test_feeds_of_three_kinds() -> None:
    rss = _read(
        HEAD
        + b"""<rss version="2.0" xmlns:dc="d"><channel><link>http://p.example/</link><title>T</title>
        <item><title>1</title><link>http://p.example/1</link><pubDate>Fri, 21 Oct 2022 15:55:00 +0700</pubDate></item>
        <item><guid>http://p.example/2</guid><dc:date>2022-10-22T08:00:00Z</dc:date></item>
        <item><guid isPermaLink="false">tag:3</guid></item></channel></rss>"""
    )
    atom = _read(
        b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="http://p.example/"/><entry>
        <link rel="self" href="http://p.example/feed/4"/><link href="http://p.example/4"/>
        <published>2022-10-01T00:00:00Z</published><updated>2022-10-21T00:00:00Z</updated></entry></feed>"""
    )
    rdf = _read(
        HEAD + b'<rdf:RDF xmlns:rdf="r" xmlns="p"><item rdf:about="x"><link>http://p.example/5</link></item></rdf:RDF>'
    )
    assert rss is not None
    assert atom is not None
    assert rdf is not None
    assert rss.items == [
        ("http://p.example/1", "Fri, 21 Oct 2022 15:55:00 +0700"),
        ("http://p.example/2", "2022-10-22T08:00:00Z"),
    ]
    assert atom.items == [("http://p.example/4", "2022-10-21T00:00:00Z")]
    assert rdf.items == [("http://p.example/5", "")]
    assert {rss.kind, atom.kind, rdf.kind} == {"feed"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>404</body></html>",
        b"<?xml version='1.0'?><catalog><url/></catalog>",
        b"%PDF-1.4",
        b"\x1f\x8bno",
    ],
)
def test_what_is_none(body: bytes) -> None:
    assert _read(body) is None


def test_broken_files_are_read_as_far_as_they_go() -> None:
    whole = _sitemap(*(f"<loc>http://p.example/{n}</loc>" for n in range(10)))
    found = _read(whole[:-100])
    assert found is not None
    assert len(found.items) >= 6
    assert "invalid XML" in found.note
    cut = _read(gzip.compress(whole)[:-12])
    assert cut is not None
    assert "cut" in cut.note


def test_nothing_hostile_is_expanded_or_waited_for() -> None:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(20))
    bomb = f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a0 "x">{entities}]><urlset><url><loc>&a20;</loc></url></urlset>'
    began = time.process_time()
    for body in (
        bomb.encode(),
        b'<!DOCTYPE urlset SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>',
        URLSET + b"<a>" * 100_000,
        URLSET + b"<url><loc>" + b"x" * 5_000_000,
        gzip.compress(URLSET + bytes(200_000_000)),
    ):
        found = _read(body)
        assert found is None or not any("root:" in address or len(address) > 5000 for address, _ in found.items)
    many = _read(_sitemap(*["<loc>http://p.example/x</loc>"] * (MOST_LISTED + 100)))
    assert many is not None
    assert len(many.items) == MOST_LISTED
    assert "the rest was not read" in many.note
    assert time.process_time() - began < 30


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(st.sampled_from([HEAD, URLSET, b"<url>", b"<loc>", b"http://p.example/", b"</loc>", b"</url>", b"<item", b">", b"&", b"\0", b"</urlset>", b"<![CDATA[", b"<rss>", b"<link", b"/>", b"\xff"]), max_size=20).map(b"".join)))  # fmt: skip
def test_any_bytes_are_read_or_not_but_never_raise(body: bytes) -> None:
    found = _read(body)
    assert found is None or all(address for address, _ in found.items)


@pytest.mark.parametrize(
    ("text", "moment", "is_day"),
    [
        ("2022-10-21", "2022-10-21T00:00:00", True),
        ("2022-10-21T15:55:00+07:00", "2022-10-21T08:55:00", False),
        ("2022-10-21T15:55Z", "2022-10-21T15:55:00", False),
        ("Fri, 21 Oct 2022 15:55:00 +0700", "2022-10-21T08:55:00", False),
        ("2022-10-21 15:55:00", "2022-10-21T15:55:00", False),
    ],
)
def test_moments(text: str, moment: str, is_day: bool) -> None:
    assert moment_of(text) == (datetime.fromisoformat(moment).replace(tzinfo=UTC), is_day)


@given(st.text(max_size=60))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    assert moment_of(text) is None or moment_of(text)[0].tzinfo is UTC  # type: ignore[index]


@pytest.mark.parametrize("text", ["", "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "99:99"])
def test_no_moments(text: str) -> None:
    assert moment_of(text) is None
