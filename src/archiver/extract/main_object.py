"""Which JSON-LD object of a page is about the page itself: a page also declares comments, related articles, lists."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from archiver.errors import UsageError
from archiver.extract.slots import Json, JsonValue, types_of
from archiver.text.url import canonical

_ARTICLES = frozenset(("BlogPosting", "Report", "SocialMediaPosting", "LiveBlogPosting", "DiscussionForumPosting"))
_PAGES = frozenset(("WebPage", "ItemPage", "AboutPage", "FAQPage", "ContactPage", "QAPage"))
_MOST_ROOTS = 200
_LEAST_AGREED = 8
"""Characters: a shorter headline is in many a title."""


class About(NamedTuple):
    """What is known of a page beside its JSON-LD: titles it shows, in lower case, and addresses it goes by."""

    titles: tuple[str, ...]
    addresses: frozenset[str]


def main_objects(blocks: Iterable[JsonValue], about: About) -> list[Json]:
    """The objects that speak of this page, the article before the page that holds it; none when it cannot be told.

    Only what stands at the top of a block, in its `@graph`, or as the `mainEntity` of such a one can be the page's own.
    """
    roots = list(_roots(blocks))[:_MOST_ROOTS]
    articles = [each for each in roots if any(map(is_article, types_of(each)))]
    pages = [each for each in roots if not _PAGES.isdisjoint(types_of(each))]
    untyped = [each for each in roots if not types_of(each)]
    chosen = (_own(kind, about) for kind in (articles, pages, untyped))
    return [each for each in chosen if each is not None]


def is_article(name: str) -> bool:
    """Whether a schema.org type is an article: Article, one of its subtypes, or a posting."""
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


def _own(objects: list[Json], about: About) -> Json | None:
    """The one that goes by the page's address, else by its title; else the only one, unless it is elsewhere."""
    for agrees in (_has_address, _has_title):
        found = [each for each in objects if agrees(each, about)]
        if found:
            return found[0]
    if len(objects) == 1 and not _is_elsewhere(objects[0], about):
        return objects[0]
    return None


def _has_address(each: Json, about: About) -> bool:
    return not about.addresses.isdisjoint(_addresses(each))


def _is_elsewhere(each: Json, about: About) -> bool:
    """Whether an object has both another address and another title than the page."""
    return bool(_addresses(each)) and bool(_headlines(each)) and not _has_title(each, about)


def _has_title(each: Json, about: About) -> bool:
    return any(
        headline == title or (len(headline) >= _LEAST_AGREED and title.startswith(headline))
        for headline in _headlines(each)
        for title in about.titles
    )


def _headlines(each: Json) -> list[str]:
    said = (each.get(name) for name in ("headline", "name"))
    return [" ".join(text.split()).casefold() for text in said if isinstance(text, str) and text.strip()]


def _addresses(each: Json) -> set[str]:
    found = set()
    for name in ("url", "@id", "mainEntityOfPage"):
        value = each.get(name)
        address = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(address, str) and address.startswith(("http://", "https://")):
            found.add(plain_address(address))
    return found - {""}


def plain_address(address: str) -> str:
    """An address for comparing: canonical, without scheme, fragment and a slash at its end; "" for what is none."""
    try:
        return canonical(address.partition("#")[0]).partition("//")[2].rstrip("/")
    except UsageError:
        return ""
