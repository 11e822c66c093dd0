"""A new site's profile starts from a bundled one when the site's program is known and its rules read the page."""

import tomllib
from pathlib import Path

import pytest

from archiver.app.profiles import bundled_texts
from archiver.extract.around import AddressList, SitePages
from archiver.extract.page import ParsedPage
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.findings import findings_of
from archiver.learn.likely_generator import generator_of
from archiver.learn.likely_template import from_bundled
from archiver.learn.new_profile import NewProfile, new_profile
from archiver.model.capture import Capture
from archiver.model.profile import PageKind
from extract.test_scaffold import seen

ROOT = Path(__file__).parent.parent.parent
BUNDLED = bundled_texts()
PAGES = [
    (name, test["file"], test["url"])
    for name in BUNDLED
    if name not in ("demo", "demo-spa", "quan11")
    for test in tomllib.loads(BUNDLED[name])["test"]
]
TEXT = "The council met for three hours and spoke about the old bridge, which has been shut since spring. "


def page(url: str, head: str, body: str) -> Capture:
    return seen(url, f"<!doctype html><html lang=en><head>{head}</head>{body}</html>")


def begun(around: SitePages) -> NewProfile:
    return new_profile(around, "town", BUNDLED)


def generator(head: str, body: str = "", url: str = "http://town.example/x") -> tuple[str, ...] | None:
    found = generator_of(ParsedPage(f"<html><head>{head}</head><body>{body}</body></html>", url))
    return tuple(found) if found else None


@pytest.mark.parametrize(("name", "file", "url"), PAGES, ids=[file.split("/", 2)[2] for _, file, _ in PAGES])
def test_each_kind_of_page_is_recognised_and_read_as_by_its_bundled_profile(name: str, file: str, url: str) -> None:
    capture = seen(url, (ROOT / file).read_bytes())
    new = begun(SitePages(capture))
    assert (new.based_on, len(new.notes)) == (name, 1)
    assert new.notes[0].endswith(f": based on the bundled profile {name}")
    assert f"based on the bundled profile {name}." in new.text.replace("\n# ", " ")
    assert new.profile.tests == ()
    assert new.profile.name == "town"
    bundled = parse_profile(BUNDLED[name], name)
    ours, theirs = read(capture, new.profile), read(capture, bundled)
    assert (ours.content.title, ours.content.body) == (theirs.content.title, theirs.content.body)


@pytest.mark.parametrize("name", sorted({name for name, _, _ in PAGES}))
def test_the_rules_of_the_bundled_profile_stay(name: str) -> None:
    file, url = next((file, url) for each, file, url in PAGES if each == name)
    new, old = begun(SitePages(seen(url, (ROOT / file).read_bytes()))).profile, parse_profile(BUNDLED[name], name)

    def rules(kind: PageKind) -> object:
        return kind.kind, kind.url, kind.follow, kind.next, kind.ignore, kind.fields

    kept = [rules(kind) for kind in new.pages]
    assert all(rules(kind) in kept for kind in old.pages)
    assert (new.crawl.skip, new.crawl.files, new.url) == (old.crawl.skip, old.crawl.files, old.url)
    assert (new.crawl.revisit_min, new.crawl.revisit_max) == (old.crawl.revisit_min, old.crawl.revisit_max)


def test_what_is_the_site_s_own_is_filled_in() -> None:
    head = (
        "<title>The bridge - Harbour Times</title><meta name=generator content='WordPress 6.4.3'>"
        "<meta property='article:published_time' content='2024-03-05T08:00:00+07:00'>"
        "<link rel='https://api.w.org/' href='/blog/wp-json/'>"
    )
    body = f"<h1 class=entry-title>The bridge</h1><div class=entry-content><p>{TEXT * 4}</p></div>"
    url = "http://town.example/blog/2024/03/the-bridge/"
    around = SitePages(
        page(url, head, body),
        home=page("http://town.example/", "<title>Harbour Times</title>", "<a href=/blog/>Blog</a>"),
        sitemap=AddressList("http://town.example/blog/sitemap.xml", (url,)),
        feed=AddressList("http://town.example/blog/feed/", (url,)),
    )
    new = begun(around)
    site, crawl = new.profile.site, new.profile.crawl
    assert (site.title, site.home, site.language) == ("Harbour Times", "http://town.example/blog/", "en")
    assert site.timezone == "Etc/GMT-7"
    assert (crawl.sitemaps, crawl.feeds) == (
        ("http://town.example/blog/sitemap.xml",),
        ("http://town.example/blog/feed/",),
    )
    assert (crawl.start, crawl.scope) == ((site.home,), (site.home,))
    front = new.profile.pages[0].url
    assert front is not None
    assert front.search("http://town.example/blog/")
    assert not front.search("http://town.example/blog/2024/03/the-bridge/")
    assert "[page.readings]" not in new.text, "the page has no counter"


def test_sections_that_a_bundled_profile_would_read_as_articles_become_listings() -> None:
    menu = "<a href=/dossiers>Topics</a> <a href=/news>News</a> <a href=/about>About</a> <a href=/user/login>Log in</a>"
    rows = "".join(
        f"<h3><a href='/{section}/story-{number}'>Story</a></h3>"
        for section in ("dossiers", "news")
        for number in (1, 2)
    )
    head = "<title>Story 1</title><meta name=Generator content='Drupal 10 (https://www.drupal.org)'>"
    body = f"{menu}<h1 class=page-title>Story 1</h1><article class='node node--view-mode-full'><div class=field--name-body><p>{TEXT * 4}</p></div></article>"
    new = begun(
        SitePages(
            page("http://town.example/dossiers/story-1", head, body), home=page("http://town.example/", "", menu + rows)
        )
    )
    first = new.profile.pages[0]
    assert (first.kind, first.url and first.url.pattern) == ("listing", "^https?://[^/]+/(?:dossiers)/?(?:[?#]|$)")


def test_a_wiki_whose_pages_lie_in_another_folder() -> None:
    head = "<title>The bridge - Harbour Wiki</title><meta name=generator content='MediaWiki 1.39'>"
    body = f"""<body class=mediawiki><div id=p-logo><a href="/view/Main_Page"></a></div><h1 id=firstHeading>The bridge</h1>
        <div id=mw-content-text><div class=mw-parser-output><p>{TEXT * 4}</p></div></div>"""
    new = begun(SitePages(page("http://town.example/view/The_bridge", head, body)))
    assert new.notes == ("MediaWiki 1.39 (meta generator): based on the bundled profile mediawiki",)
    article = new.profile.pages[-1].url
    assert article is not None
    assert article.search("http://town.example/view/Main_Page")
    assert not article.search("http://town.example/other/Main_Page")
    assert new.profile.crawl.start == ("http://town.example/view/Main_Page",)


WORDPRESS = "<title>The bridge - Harbour Times</title><meta name=generator content='WordPress 6.4.3'>"


@pytest.mark.parametrize(
    ("body", "fields", "tables"),
    [
        (f"<h1 class=entry-title>The bridge</h1><div class=entry-content><p>{TEXT * 4}</p></div>", "", 4),
        (f"<h1 class=mine>The bridge</h1><div class=entry-content><p>{TEXT * 4}</p></div>", "title", 4),
        (
            f"<h1 class=wp-block-post-title>The bridge</h1><div class=mine><p>{TEXT * 4}</p></div>",
            "title and the body",
            5,
        ),
        (f"<h1 class=mine>The bridge</h1><div class=mine><p>{TEXT * 4}</p></div>", "title and the body", 5),
        (
            f"<h1 class=entry-title>The bridge</h1><div class=mine><p>{TEXT * 9}</p></div><div class=entry-content><p>Menu</p></div>",
            "title and the body",
            5,
        ),
    ],
)
def test_what_the_bundled_rules_do_not_find_gets_rules_of_the_page_s_own(body: str, fields: str, tables: int) -> None:
    capture = page("http://town.example/2024/03/the-bridge/", WORDPRESS, body)
    new = begun(SitePages(capture))
    added = f", with rules of the page's own for the {fields}" if fields else ""
    assert new.notes == (f"WordPress 6.4.3 (meta generator): based on the bundled profile wordpress{added}",)
    assert (new.based_on, len(new.profile.pages)) == ("wordpress", tables)
    record = read(capture, new.profile)
    assert (record.kind, record.content.title) == ("article", "The bridge")
    assert TEXT.strip() in (record.content.body or "")
    assert all(dict(record.sources)[name].rank >= 1 for name in ("title", "body"))


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        (
            "/category/the-bridge/",
            f"<h1 class=entry-title>The bridge</h1><div class=entry-content><p>{TEXT * 4}</p></div>",
            "it reads the page as a listing",
        ),
        ("/the-bridge/", "<p>x", "its rules find no title and no body"),
        (
            "/the-bridge/",
            f"<body class=error404><h1>The bridge</h1><p>{TEXT}",
            "it reads the page as a missing page",
        ),
    ],
)
def test_a_bundled_profile_that_cannot_read_the_page_is_not_taken(path: str, body: str, fault: str) -> None:
    new = begun(SitePages(page(f"http://town.example{path}", WORDPRESS, body)))
    why = f"the bundled profile wordpress was not taken, because {fault}; made from the page itself"
    assert (new.based_on, new.notes[0]) == ("", f"WordPress 6.4.3 (meta generator): {why}")
    assert new.profile.pages[-1].kind == "listing"


@pytest.mark.parametrize(("name", "file", "url"), PAGES, ids=[file.split("/", 2)[2] for _, file, _ in PAGES])
def test_own_rules_can_be_added_to_every_bundled_profile(name: str, file: str, url: str) -> None:
    found = findings_of(SitePages(seen(url, (ROOT / file).read_bytes())), "town")
    generator = generator_of(found.page)
    assert generator is not None
    old = parse_profile(BUNDLED[name], name)
    last = max(place for place, kind in enumerate(old.pages, -len(old.pages)) if kind.kind == "article")
    (_, title), *_ = [each for each in old.pages[last].fields if each[0] == "title"]
    new = parse_profile(from_bundled(BUNDLED[name], found, generator, ("title",)), "town")
    (_, longer), *_ = [each for each in new.pages[last].fields if each[0] == "title"]
    assert longer[: len(title)] == title
    assert len(longer) > len(title)
    without = parse_profile(from_bundled(BUNDLED[name], found, generator), "town")  # with sections that were seen
    new = parse_profile(from_bundled(BUNDLED[name], found, generator, ("title", "body")), "town")
    assert len(new.pages) == len(without.pages) + 1


def test_without_bundled_profiles_the_page_alone_decides() -> None:
    _, file, url = next(each for each in PAGES if each[0] == "mediawiki")
    capture = seen(url, (ROOT / file).read_bytes())
    new = new_profile(SitePages(capture), "town", {})
    assert (new.based_on, new.notes) == ("", ())
    assert [kind.kind for kind in new.profile.pages] == ["article", "listing"]


@pytest.mark.parametrize(
    ("head", "body", "found"),
    [
        ("<meta name=generator content='MediaWiki 1.39.5'>", "", ("mediawiki", "MediaWiki 1.39.5", "meta generator")),
        ("<meta name=Generator content='Drupal 7 (http://drupal.org)'>", "", ("drupal", "Drupal 7", "meta generator")),
        ("<meta name=generator content='WordPress.com'>", "", ("wordpress", "WordPress", "meta generator")),
        ("<meta name=generator content='Elementor 3.1'><meta name=generator content='WordPress 6.1'>", "", ("wordpress", "WordPress 6.1", "meta generator")),
        ("<meta name=generator content='DocBook XSL Stylesheets V1.79.1'>", "", ("docbook", "DocBook 1.79.1", "meta generator")),
        ("<meta name=generator content='DocBook XSL Stylesheets Vsnapshot'>", "<div class=navheader></div><div class=titlepage></div>", ("docbook", "DocBook", "markup: div.navheader")),
        ("<meta name=generator content='publican v4.3.2'>", "", ("docbook", "Publican 4.3.2", "meta generator")),
        ("<link rel='https://api.w.org/' href='http://town.example/wp-json/'>", "", ("wordpress", "WordPress", "markup: /wp-json/")),
        ("<link rel=stylesheet href='/wp-content/themes/x/style.css'>", "", ("wordpress", "WordPress", "markup: /wp-content/themes/x/style.css")),
        ("<script src='/core/misc/drupal.js'></script>", "", ("drupal", "Drupal", "markup: /core/misc/drupal.js")),
        ("<link rel=stylesheet href='_static/css/theme.css'>", "<h1>x<a class=headerlink href='#x'>¶</a></h1>", ("sphinx", "Sphinx", "markup: _static/css/theme.css")),
    ],
)  # fmt: skip
def test_programs_are_known_by_what_they_declare_or_by_their_markup(
    head: str, body: str, found: tuple[str, ...]
) -> None:
    assert generator(head, body) == found


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<meta name=generator content='Hugo 0.120'>", ""),
        ("<meta name=generator content='Not WordPress 6.1'>", ""),
        ("<meta name=generator content='WordPressly 6'>", ""),
        ("<link rel=stylesheet href='http://other.example/wp-content/style.css'>", ""),
        ("", "<img src='http://other.example/wp-content/a.jpg'><p>A post about MediaWiki and Drupal."),
        ("<link rel=stylesheet href='/_static/site.css'>", "<p>no manual"),
        ("", "<div class=navheader></div>"),
    ],
)
def test_what_only_mentions_a_program_is_not_made_by_it(head: str, body: str) -> None:
    assert generator(head, body) is None


def test_what_a_hostile_page_declares_cannot_leave_its_comment() -> None:
    _, file, url = next(each for each in PAGES if each[0] == "wordpress")
    html = (ROOT / file).read_text(encoding="utf-8")
    evil = 'WordPress 6.5\n[crawl]\nrobots = "ignore"\n' + "x" * 10_000
    capture = seen(url, html.replace("WordPress 6.5.3", evil.replace('"', "&quot;")))
    new = begun(SitePages(capture))
    assert new.profile.crawl.robots == "obey"
    assert max(map(len, new.text.splitlines())) < 500
