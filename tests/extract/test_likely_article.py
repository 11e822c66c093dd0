"""A listing with an article's body looks like an article; a list of teasers does not."""

import pytest

from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from extract.test_scaffold import seen

PROSE = "The council met for three hours and spoke about the old bridge, which has been shut since the spring flood. "
ARTICLE = '[[page]]\nkind = "article"\nurl = "/news/"\n[page.fields]\nbody = "#b"\n'
LISTING = '[[page]]\nkind = "listing"\n'


def is_likely(html: str, *, article: str = ARTICLE, listing: str = LISTING, links: bool = True) -> bool:
    profile = parse_profile(f'[site]\nname = "t"\nhome = "http://t.example/"\n{article}{listing}', "t")
    record = read(seen("http://t.example/x", html), profile, links=links)
    assert record.kind == "listing"
    return record.looks_like_article


def teaser(number: int, tag: str = "h2") -> str:
    return f"<{tag}><a href='/{number}'>A headline of more than four words, number {number}</a></{tag}><p>{PROSE}</p>"


BODY = f"<h1>The bridge</h1><div id=b>{f'<p>{PROSE}</p>' * 6}</div>"


@pytest.mark.parametrize(
    "html",
    [
        BODY,
        f"<div id=b>{PROSE * 6}<br>{PROSE}</div>",
        f"<div id=b>{f'<p>{PROSE}See <a href=/y>the minutes of the council</a> for more.</p>' * 8}</div>",
        f"<div id=b>{f'<p>{PROSE}</p>' * 8}<ul><li><a href=/y>Another headline of four words</a></ul></div>",
        f"<div class=menu>{'<a href=/m>A link of the menu</a>' * 40}</div>{BODY}",
    ],
)
def test_an_article_read_as_a_listing(html: str) -> None:
    assert is_likely(html)


@pytest.mark.parametrize(
    "html",
    [
        "<ul>" + "".join(f"<li>{teaser(number)}" for number in range(9)) + "</ul>",
        "<div id=b>" + "".join(teaser(number) for number in range(9)) + "</div>",
        "<div id=b>" + "".join(teaser(number, "p") for number in range(9)) + "</div>",
        "<div id=b>" + "".join(f"<p><a href='/{number}'>{PROSE}</a></p>" for number in range(9)) + "</div>",
        f"<div id=b><p>{PROSE * 3}</p></div>",
        f"<div id=b><p>{PROSE * 9}</p></div><div id=b><p>{PROSE * 9}</p></div>",
        f"<div id=c><p>{PROSE * 9}</p></div>",
        "<div id=b></div>",
    ],
)
def test_a_listing(html: str) -> None:
    assert not is_likely(html)


def test_without_a_rule_for_the_body_nothing_is_asked() -> None:
    assert not is_likely(BODY, article=ARTICLE.replace('body = "#b"', 'title = "h1"'))
    assert not is_likely(BODY, article="")
    assert not is_likely(BODY, article=ARTICLE.replace('"#b"', '{ meta = "description" }'))


def test_a_listing_with_a_rule_for_its_body_is_not_reported() -> None:
    assert not is_likely(BODY, listing=LISTING + '[page.fields]\nbody = "#b"\n')


def test_it_is_checked_in_crawls_only_and_is_not_content() -> None:
    assert not is_likely(BODY, links=False)
    profile = parse_profile(f'[site]\nname = "t"\nhome = "http://t.example/"\n{ARTICLE}{LISTING}', "t")
    assert read(seen("http://t.example/x", BODY), profile).content.is_empty


def test_a_huge_listing_costs_little() -> None:
    html = "<div id=b>" + f"<p>{PROSE}<a href=/y>A link in the text</a></p>" * 20_000 + "</div>"
    assert is_likely(html)
