"""Sitemaps and feeds: their addresses are read, and hostile ones do no harm."""

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.list_xml import MOST_LISTED, Listing
from archiver.extract.listed import moment_of, read_listing
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
        assert (found.kind, found.maps, found.items, found.note) == ("sitemap", [], items, "")


def test_an_index_and_a_prefix() -> None:
    found = _read(
        HEAD
        + b'<s:sitemapindex xmlns:s="x"><s:sitemap><s:loc>http://p.example/1.xml.gz</s:loc></s:sitemap></s:sitemapindex>'
    )
    assert found is not None
    assert (found.maps, found.items) == (["http://p.example/1.xml.gz"], [])


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
    assert "cut" in found.note
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


ROWS = "".join(f"<url><loc>http://p.example/{n}</loc></url>" for n in (1, 2, 3))
ITEMS = "".join(f"<item><title>T</title><link>http://p.example/{n}</link></item>" for n in (1, 2, 3))
SITEMAP = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{ROWS}</urlset>"
RSS = f"<rss version='2.0'><channel>{ITEMS}</channel></rss>"
DECLARED = "<?xml version='1.0' encoding='{}'?>"
FAULTS = {
    "blank lines before the declaration": f"\n\n  {DECLARED.format('UTF-8')}{SITEMAP}",
    "byte order mark and line end": f"\ufeff\r\n{DECLARED.format('UTF-8')}{SITEMAP}",
    "comment before the declaration": f"<!-- cached at noon -->\n{DECLARED.format('UTF-8')}{SITEMAP}",
    "message of the server before it": f"<b>Warning</b>: mysql_query() in /srv/x.php<br />\n{DECLARED.format('UTF-8')}{SITEMAP}",
    "document type": f"<?xml version='1.0'?><!DOCTYPE urlset PUBLIC '-//X//DTD//EN' 'http://x.example/s.dtd'>{SITEMAP}",
    "document type with entities": f"<!DOCTYPE urlset [<!ENTITY x 'y'>]>{SITEMAP}",
    "version 1.1": f"<?xml version='1.1'?>{SITEMAP}",
    "declared UTF-16, sent as UTF-8": DECLARED.format("UTF-16") + SITEMAP,
    "unknown encoding": DECLARED.format("x-nonsense") + SITEMAP,
    "bare ampersand": SITEMAP.replace("</loc></url>", "</loc><t>A & B &x &; &amp; C</t></url>", 1),
    "entity of HTML": SITEMAP.replace("</loc></url>", "</loc><t>a&nbsp;b&mdash;&oacute;</t></url>", 1),
    "entity of nothing": SITEMAP.replace("</loc></url>", "</loc><t>&nothing;</t></url>", 1),
    "reference to a control character": SITEMAP.replace("</loc></url>", "</loc><t>&#11;&#x1f;&#0;</t></url>", 1),
    "control characters": SITEMAP.replace("</loc></url>", "</loc><t>a\x0b\x01\x1fb\ufffe</t></url>", 1),
    "prefix that is not declared": SITEMAP.replace(
        "<loc>", "<image:image><image:loc>http://x.example/i.jpg</image:loc></image:image><loc>", 1
    ),
    "capital letters": SITEMAP.replace("loc>", "LOC>").replace("url>", "URL>"),
    "attribute without quotes": SITEMAP.replace("<url>", "<url a=b>", 1),
    "tag that is not closed": SITEMAP.replace("</loc></url>", "</loc><changefreq>daily</url>", 1),
    "stray end tag": SITEMAP.replace("</loc></url>", "</loc></b></url>", 1),
    "less-than sign in text": SITEMAP.replace("</loc></url>", "</loc><t>1 < 2</t></url>", 1),
    "text after the end": SITEMAP + "<!-- served in 3 ms --><br>",
    "feed: ampersand in the first title": RSS.replace("<title>T<", "<title>A & B<", 1),
    "feed: space of HTML in the first item": RSS.replace("</title>", "</title><description>a&nbsp;b</description>", 1),
    "feed: CDATA with markup": RSS.replace("<title>T<", "<title><![CDATA[<b>A & B</b> &nbsp; ]] >]]><", 1),
    "feed: blank line": f"\n{DECLARED.format('utf-8')}{RSS}",
    "feed: document type of RSS 0.91": f"<?xml version='1.0'?><!DOCTYPE rss PUBLIC '-//N//DTD RSS 0.91//EN' 'http://x.example/r.dtd'>{RSS}",
    "feed: HTML in an item": RSS.replace("</title>", "</title><description><p>x<br>y<img src=a></description>", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "media", ["application/xml", "text/html", "text/plain", ""], ids=["xml", "html", "plain", "none"]
)
def test_lists_with_faults_are_read(fault: str, media: str) -> None:
    found = _read(FAULTS[fault].encode("utf-8", "surrogatepass"), media=media)
    assert found is not None
    assert [address for address, _ in found.items] == [f"http://p.example/{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("gb2312", "中文"),
        ("gbk", "中文"),
        ("shift_jis", "日本"),
        ("euc-kr", "한국"),
        ("big5", "中文"),
        ("windows-1258", "Đà"),
        ("windows-1251", "Да"),
        ("iso-8859-1", "café"),
    ],
)
def test_declared_legacy_encodings_are_read(charset: str, text: str) -> None:
    body = DECLARED.format(charset) + RSS.replace("<title>T<", f"<title>{text}<")
    found = _read(body.encode(charset))
    assert found is not None
    assert len(found.items) == 3


def test_one_wrong_byte_loses_nothing() -> None:
    found = _read(SITEMAP.replace("</loc></url>", "</loc><t>caf?</t></url>", 1).encode().replace(b"caf?", b"caf\xe9"))
    assert found is not None
    assert (len(found.items), found.note) == (3, "")


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(SITEMAP[:90].encode()) + gzip.compress(SITEMAP[90:].encode()),
        gzip.compress(SITEMAP.encode()) + b"<!-- cached -->",
        gzip.compress(gzip.compress(SITEMAP.encode())),
        SITEMAP.encode(),
    ],
    ids=["two members", "text after it", "twice", "not packed"],
)
def test_gzip_data_as_served(packed: bytes) -> None:
    found = _read(packed, "http://p.example/sitemap.xml.gz", "application/x-gzip")
    assert found is not None
    assert (len(found.items), found.note) == (3, "")


LINES = "http://p.example/1\nhttp://p.example/2\nhttp://p.example/3"


@pytest.mark.parametrize(
    "url", ["http://p.example/sitemap.txt", "http://p.example/urllist.txt", "http://p.example/sitemap-1.txt.gz"]
)
@pytest.mark.parametrize("media", ["text/plain", "application/octet-stream", "application/x-gzip", ""])
@pytest.mark.parametrize(
    "body",
    [
        LINES.encode(),
        LINES.replace("\n", "\r").encode(),
        LINES.encode("utf-16"),
        gzip.compress(LINES.encode()),
        b"\xef\xbb\xbf" + LINES.encode(),
    ],
    ids=["LF", "CR", "UTF-16", "gzip", "mark"],
)
def test_plain_lists_as_served(url: str, media: str, body: bytes) -> None:
    found = _read(body, url, media)
    assert found is not None
    assert [address for address, _ in found.items] == LINES.split("\n")


def test_values_are_those_of_the_item_itself() -> None:
    image = "xmlns:i='http://www.google.com/schemas/sitemap-image/1.1'"
    found = _read(
        f"<urlset><url><i:image {image}><i:loc>http://x.example/i.jpg</i:loc></i:image><loc>http://p.example/1</loc></url></urlset>".encode()
    )
    assert found is not None
    assert found.items == [("http://p.example/1", "")]
    source = "<source><id>urn:s</id><link href='http://other.example/'/><updated>2001-01-01</updated></source>"
    atom = f"<feed xmlns='http://www.w3.org/2005/Atom'><entry>{source}<id>urn:1</id><link href='http://p.example/1'/><updated>2024-01-01</updated></entry></feed>"
    found = _read(atom.encode())
    assert found is not None
    assert found.items == [("http://p.example/1", "2024-01-01")]
    media = "<item><m:credit><m:link>http://x.example/i</m:link></m:credit><m:link>http://x.example/j</m:link><link>http://p.example/1</link></item>"
    found = _read(f"<rss xmlns:m='http://m.example'><channel>{media}</channel></rss>".encode())
    assert found is not None
    assert found.items == [("http://p.example/1", "")]
    replies = (
        "<feed><entry><link rel='replies' href='http://p.example/c'/><link href='http://p.example/1'/></entry></feed>"
    )
    found = _read(replies.encode())
    assert found is not None
    assert found.items == [("http://p.example/1", "")]


def test_an_index_may_list_pages_too() -> None:
    mixed = "<sitemapindex><sitemap><loc>/2.xml</loc></sitemap><url><loc>/1</loc></url></sitemapindex>"
    found = _read(mixed.encode())
    assert found is not None
    assert (found.maps, found.items) == (["/2.xml"], [("/1", "")])


def test_an_address_that_was_escaped_twice() -> None:
    listing = _read(_sitemap("<loc>http://p.example/a?x=1&amp;amp;y=2</loc>"))
    assert listing is not None
    assert [url for url, _ in listing.items] == ["http://p.example/a?x=1&y=2"]


def test_a_full_list_is_not_called_cut() -> None:
    rows = "".join(f"<url><loc>http://p.example/{n}</loc></url>" for n in range(MOST_LISTED))
    found = _read(f"<urlset>{rows}</urlset>".encode())
    assert found is not None
    assert (len(found.items), found.note) == (MOST_LISTED, "")


@pytest.mark.parametrize(
    "page",
    ["<html><head><title>T</title></head><body><rss>", "<!DOCTYPE html><p>&lt;urlset&gt; <urlset>", "no list at all"],
)
def test_a_page_that_shows_a_list_is_a_page(page: str) -> None:
    assert _read(page.encode(), media="text/html") is None


@pytest.mark.parametrize(
    "body",
    ["<urlset>" + "&" * 2_000_000, "<urlset>" + "<![CDATA[" * 200_000, "<?xml " * 300_000 + "<urlset>", "<urlset " + "a='b' " * 300_000, "<urlset>" + "<url>" * 300_000,
     "<!DOCTYPE x [" + "<!--" * 300_000 + "<urlset>", "<urlset>" + "</url>" * 300_000, "<urlset>" + "&#x41;" * 300_000, f"<urlset><url><loc {'a' * 500_000}>"],
    ids=range(9),
)  # fmt: skip
def test_hostile_lists_take_no_time(body: str) -> None:
    begun = time.process_time()
    _read(body.encode())
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "moment", "is_day"),
    [
        ("2022-10-21", "2022-10-21T00:00:00", True),
        ("2022-10", "2022-10-01T00:00:00", True),
        ("2022", "2022-01-01T00:00:00", True),
        ("2022-1-5", "2022-01-05T00:00:00", True),
        ("2022-10-21T15:55:00.123456789+07:00", "2022-10-21T08:55:00.123456", False),
        ("2022-10-21T15:55:00.5Z", "2022-10-21T15:55:00.500000", False),
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
