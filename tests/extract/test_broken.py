"""Which fields of a record the rules of a profile seem to misread, by the page alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.model.capture import Capture
from archiver.model.record import Record
from made import capture

TEXT = "".join(
    f"<p>The council of the town met on day {day} and spoke about the bridge, the school and the price of water.</p>"
    for day in range(8)
)
HEAD = "<title>The council met in the hall - Town</title>"
TITLE = "<h1 class=head>The council met in the hall</h1>"


def record(body: str, rules: str = "", *, table: str = "", head: str = HEAD, kind: str = "article") -> Record:
    rules = rules or 'title = "h1.head"\nbody = "div.text"'
    text = f"""[site]\nname = "t"\ntitle = "Town"\nhome = "http://t.example/"\n[[page]]\nkind = "{kind}"\n{table}\n[page.fields]\n{rules}"""
    return read(_capture(f"<html><head>{head}</head><body>{body}</body></html>"), parse_profile(text, "t"))


def _capture(html: str) -> Capture:
    return capture("http://t.example/1", html.encode())


def broken(body: str, rules: str = "", *, table: str = "", head: str = HEAD, kind: str = "article") -> tuple[str, ...]:
    return record(body, rules, table=table, head=head, kind=kind).broken


def test_a_page_that_the_rules_read_is_not_broken() -> None:
    assert broken(f"{TITLE}<div class=text>{TEXT}</div>") == ()
    assert broken(f"{TITLE}<div class=text>{TEXT}</div><div class=comments>{TEXT * 3}</div>") == ()
    assert broken(f"{TITLE}<div class=text>{TEXT}</div><footer>{TEXT * 3}</footer>") == ()


@pytest.mark.parametrize(
    "text",
    [
        f"<section>{TEXT}</section>",
        f"<section>{TEXT.replace('<p>', '<div>').replace('</p>', '</div>')}</section>",
        f"<section>{TEXT.replace('</p>', '<br>').replace('<p>', '')}</section>",
        f"<section>{TEXT.replace('<p>', '<div><div><p>').replace('</p>', '</p></div></div>')}</section>",
        f"<div class=text><p>Share this page.</p></div><section>{TEXT}</section>",
        f"<div class=text>Cookies help us to show you this page.</div><article>{TEXT}</article>",
    ],
)
def test_a_body_that_stands_elsewhere_is_broken(text: str) -> None:
    assert broken(TITLE + text) == ("body",)
    assert broken(TITLE + text, table="drift = false") == ()


@pytest.mark.parametrize(
    "page",
    [
        "<img src=/1.jpg><img src=/2.jpg><p>The bridge in pictures.</p>",
        "<video src=/1.mp4></video>",
        f"<nav>{TEXT}</nav><footer>{TEXT}</footer>",
        f"<div id=cookie-consent>{TEXT}</div>",
        f"<p hidden>{'The text that nobody sees. ' * 40}</p>",
        f"<ul>{'<li><a href=/2>Another page about the bridge and the school of the town</a></li>' * 20}</ul>",
        "<div class=text></div>",
    ],
)
def test_a_page_without_running_text_is_not_broken(page: str) -> None:
    found = record(TITLE + page)
    assert (found.broken, found.missed) == ((), ("body",))


def test_a_short_article_is_not_broken() -> None:
    assert (
        broken(f"{TITLE}<div class=text><p>The council met.</p></div><p>About us: this is the page of the town.</p>")
        == ()
    )


def test_a_declared_body_counts_as_text_of_the_page() -> None:
    said = '<script type="application/ld+json">{"@type": "NewsArticle", "articleBody": "%s"}</script>' % (
        "The council of the town met and spoke about the bridge. " * 10
    )
    assert broken(TITLE, head=HEAD + said) == ("body",)


@pytest.mark.parametrize(
    ("title", "is_broken"),
    [
        ("", True),
        ("<h1 class=head>Town</h1>", True),
        ("<h1 class=head>Weather</h1><h1>The council met in the hall</h1>", False),
        ("<h2 class=head>Weather today</h2><p class=lead>The council met in the hall</p>", True),
        ("<h2 class=head>Weather today</h2>", False),  # <title> is that of a section
        ("<h2 class=head>Council met in the hall on Monday</h2>", False),
        ("<h1 class=head>The council met in the hall</h1>", False),
    ],
)
def test_a_title_must_be_among_the_titles_of_the_page(title: str, is_broken: bool) -> None:
    rules = 'title = ".head"\nbody = "div.text"'
    assert broken(f"{title}<div class=text>{TEXT}</div>", rules) == (("title",) if is_broken else ())


def test_a_required_field_without_a_value_is_broken() -> None:
    rules = 'title = "h1.head"\nbody = "div.text"\npublished = { css = ".date", type = "datetime", required = true }'
    assert broken(f"{TITLE}<div class=text>{TEXT}</div>", rules) == ("published",)
    assert broken(f"{TITLE}<p class=date>21/10/2022 15:55</p><div class=text>{TEXT}</div>", rules) == ()


def test_a_listing_whose_links_are_not_found_is_broken() -> None:
    table, rules = 'follow = ["li.item a"]', 'section = ".none"'
    links = "".join(f"<h3><a href=/a{n}>The council met for the {n}th time this year</a></h3>" for n in range(9))
    found = record(f"<main>{links}</main>", rules, table=table, kind="listing")
    assert (found.broken, found.items) == (("follow",), ())
    assert broken("<main>Nothing was found.</main>", rules, table=table, kind="listing") == ()
    assert broken(f"<nav>{links}</nav>", rules, table=table, kind="listing") == ()
    assert broken(f"<main>{links}</main>", rules, kind="listing") == ()


def test_a_page_without_a_profile_is_never_broken() -> None:
    assert read(_capture(f"<h1>Town</h1><p>{TEXT}"), None).broken == ()


@given(
    st.lists(
        st.sampled_from([TITLE, TEXT, "<div class=text>", "</div>", "<br>", "x" * 500, "<p>", "<table><td>"]),
        max_size=12,
    )
)
def test_any_page_gives_the_same_answer_twice(parts: list[str]) -> None:
    first, again = record("".join(parts)), record("".join(parts))
    assert first.broken == again.broken
    assert set(first.broken) <= {"title", "body"}


def test_a_page_without_text_in_another_template_is_broken() -> None:
    """Its text may be made by scripts; a page of the template has at least one of its other nodes."""
    rules = 'title = "h1.head"\nbody = "div.text"\npublished = "time.at"'
    page = "<div id=app></div><script src=/app.js></script>"
    assert broken(page, rules) == ("body", "title")
    assert broken(page, rules, head="") == ("body",)
    assert broken(f"{TITLE}<div id=app></div>", rules) == ()
    assert broken(page, 'body = "div.text"') == ()
