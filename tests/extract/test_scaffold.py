"""A first profile out of a page: it always loads, and says what the page declares."""

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.profile import parse_profile
from archiver.extract.scaffold import scaffold

PAGE = """<html lang="vi"><head><title>Bài - Cổng A</title><meta property="og:site_name" content="Cổng A">
<meta name="generator" content="WordPress 6.1"><meta property="og:title" content="Bài">
<link rel="alternate" type="application/rss+xml" href="/feed">
<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2022-10-21T15:55:00+07:00","headline":"Bài"}</script></head>
<body><h1>Bài</h1><div id="menu"><p>menu</p></div><div class="noidung"><p>Đoạn một dài hơn.</p><p>Đoạn hai.</p></div></body></html>"""


def test_what_a_page_declares_becomes_rules() -> None:
    text = scaffold("http://www.quan11.example/bai/1.html", PAGE.encode(), "text/html")
    profile = parse_profile(text, "new")
    site = profile.site
    assert (site.name, site.title, site.home) == ("quan11", "Cổng A", "http://www.quan11.example/")
    assert (site.language, site.timezone) == ("vi", "Asia/Ho_Chi_Minh")
    rules = {name: [rule.text for rule in ways] for name, ways in profile.pages[0].fields}
    assert rules == {
        "title": ["css:h1", "meta:og:title"],
        "published": ["jsonld:NewsArticle.datePublished"],
        "body": ["css:div.noidung:nth-of-type(2)"],
    }
    assert "WordPress 6.1" in text
    assert "http://www.quan11.example/feed" in text
    assert "JSON-LD NewsArticle: datePublished, headline" in text


def test_a_name_may_be_given() -> None:
    assert parse_profile(scaffold("http://a.example/", b"", None, name="q11"), "x").name == "q11"
    assert parse_profile(scaffold("http://a.example/", b"", None, name="Q 11"), "x").name == "a"


def test_zones_are_guessed_only_from_offsets() -> None:
    def zone(moment: str) -> str:
        page = f"<meta property=article:published_time content='{moment}'>"
        return parse_profile(scaffold("http://a.example/", page.encode(), None), "x").site.timezone

    assert zone("2022-10-21T15:55:00+02:00") == "Etc/GMT-2"
    assert zone("2022-10-21T15:55:00-0500") == "Etc/GMT+5"
    assert zone("2022-10-21T15:55:00+05:30") == "UTC"
    assert zone("2022-10-21T15:55:00Z") == "UTC"


HOSTILE = st.text(alphabet=st.characters(codec=None), max_size=40) | st.sampled_from(
    ['"""', "'''", "\\", '"\n[crawl]\nx = 1', "\u2028", "\x7f\x85", "]]>", "\ud800", "# \r x", "a\x00b"]
)


@settings(max_examples=30, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_whatever_the_page_holds_the_profile_loads(title: str, name: str, url: str) -> None:
    page = (
        f"<html lang='{name}'><title>{title}</title><meta property='og:{name}' content='{title}'>"
        f"<meta name='generator' content='{title}'><link rel=alternate type='application/rss+xml' href='{url}'>"
        f'<script type="application/ld+json">{{"@type": "{name}", "{title}": 1, "datePublished": "{title}"}}</script>'
        f"<h1>{title}</h1><div id='{name}' class='{title}'><p>{title}</p><p>x</p></div>"
    )
    body = page.encode("utf-8", "surrogatepass")
    for address in (f"http://a.example/{url}", url, f"http://{name}/"):
        assert parse_profile(scaffold(address, body, title), "new").pages
