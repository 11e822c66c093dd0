"""Find the JSON-LD object that is about the page itself: a page also declares comments, related articles, lists."""

from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple

from archiver.extract.slots import Json, JsonValue, types_of
from archiver.text.url import canonical_or_none

_ARTICLES = frozenset(
    ("BlogPosting", "Report", "SocialMediaPosting", "LiveBlogPosting", "DiscussionForumPosting", "Question")
)
_PAGES = frozenset(("WebPage", "ItemPage", "AboutPage", "FAQPage", "ContactPage", "QAPage"))
_MOST_ROOTS = 200
_LEAST_AGREED = 8
"""Characters: a shorter headline occurs in many titles."""

_CUT = " .…"
_MARKS = tuple("-–—|·•»:/")


class PageHints(NamedTuple):
    """Facts about a page outside its JSON-LD: its titles, in lower case, and its addresses."""

    titles: tuple[str, ...]
    addresses: frozenset[str]


def main_objects(blocks: Iterable[JsonValue], about: PageHints) -> list[Json]:
    """Return the objects about this page, the article before the page that contains it; none when that is unsure.

    Only an object at the top of a block, in its `@graph`, or as the `mainEntity` of one of these can be the page's own.
    """
    roots = list(_roots(blocks))[:_MOST_ROOTS]
    articles = [each for each in roots if any(map(is_article, types_of(each)))]
    pages = [each for each in roots if not _PAGES.isdisjoint(types_of(each))]
    untyped = [each for each in roots if not types_of(each)]
    chosen = (_own(kind, about) for kind in (articles, pages, untyped))
    return [each for each in chosen if each is not None]


def is_article(name: str) -> bool:
    """Return whether a schema.org type is an article: Article, one of its subtypes, or a posting."""
    return name.endswith("Article") or name in _ARTICLES


def _roots(blocks: Iterable[JsonValue]) -> Iterator[Json]:
    waiting = list(blocks)
    for _ in range(_MOST_ROOTS * 2):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value[:_MOST_ROOTS]
        elif isinstance(value, dict):
            if not set(value) <= {"@context", "@graph"}:
                yield value
            waiting[:0] = [inner for name in ("@graph", "mainEntity") if (inner := value.get(name))]


def _own(objects: list[Json], about: PageHints) -> Json | None:
    """The object with the page's address, else with its title; else the only one, unless it has another address."""
    for agrees in (_has_address, _has_title, _begins_title):
        found = [each for each in objects if agrees(each, about)]
        if found:
            return found[0]
    if len(objects) == 1 and not _addresses(objects[0]):
        return objects[0]
    return None


def _has_address(each: Json, about: PageHints) -> bool:
    return not about.addresses.isdisjoint(_addresses(each))


def _has_title(each: Json, about: PageHints) -> bool:
    return not set(about.titles).isdisjoint(_headlines(each))


def _begins_title(each: Json, about: PageHints) -> bool:
    """Return whether a title of the page is the headline, a mark and the site's name; or the headline cut off."""
    return any(
        len(headline.rstrip(_CUT)) >= _LEAST_AGREED and _goes_on(headline, title)
        for headline in _headlines(each)
        for title in about.titles
    )


def _goes_on(headline: str, title: str) -> bool:
    bare = headline.rstrip(_CUT)
    rest = title[len(bare) :]
    is_parted = rest[:1].isspace() and rest.lstrip()[:1] in _MARKS
    return title.startswith(bare) and (bare != headline or is_parted)


def _headlines(each: Json) -> list[str]:
    said = (each.get(name) for name in ("headline", "name"))
    return [" ".join(unescape(text).split()).casefold() for text in said if isinstance(text, str) and text.strip()]


def _addresses(each: Json) -> set[str]:
    found = set()
    for name in ("url", "@id", "mainEntityOfPage"):
        value = each.get(name)
        for one in value[:_MOST_ROOTS] if isinstance(value, list) else [value]:
            address = one.get("@id") or one.get("url") if isinstance(one, dict) else one
            if isinstance(address, str) and address.startswith(("http://", "https://")):
                found.add(plain_address(address))
    return found - {""}


def plain_address(address: str) -> str:
    """Return an address for comparison: canonical, without scheme, fragment and final slash; "" when it is invalid."""
    return (canonical_or_none(address.partition("#")[0]) or "").partition("//")[2].rstrip("/")
