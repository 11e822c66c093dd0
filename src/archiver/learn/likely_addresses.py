"""Compare addresses: which belong to pages of one kind, which to one page, which may be articles."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from archiver.errors import UsageError
from archiver.extract.attached import is_document
from archiver.learn.likely_evidence import evidence_of, is_headline
from archiver.learn.likely_parts import parts_of
from archiver.learn.likely_pattern import article_pattern
from archiver.learn.likely_query import likely_key
from archiver.model.record import Link
from archiver.text.url import canonical, extension_of, origin_of

_NUMBERED = re.compile(r"(.*?)[-_.]?\d{2,}\Z")
_WORD = re.compile(r"[a-z]*(?:\.[a-z]{1,5})?\Z")
"""A last part that is the name of a program, not of a page: `post.aspx`, `view`, nothing."""
_NOISE = re.compile(r"utm_.*|fbclid|gclid|.*session.*|sid", re.IGNORECASE)
_LEAST_TEXT = 12
"""Characters of a link's text: links with shorter texts belong to menus."""
_PAGING = re.compile(r"page|paged|trang|p|start|offset|from", re.IGNORECASE)


class AddressShape(NamedTuple):
    """The common form of addresses of one kind: folders (numbers as #), the form of the last part, its ending."""

    host: str
    folders: tuple[str, ...]
    last: str
    ending: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The rule for when two addresses are the same page.

    Attributes:
        key: the parameters that distinguish articles; empty when the path does.
        keep: `key` and every parameter seen on other pages.
        others: parameters of articles that distinguish nothing, by the links that were seen.
        fold_case: whether one path was seen in two spellings.
    """

    key: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    fold_case: bool = False


def shape(url: str) -> AddressShape | None:
    """Return the shape of an address; None for anything but a web address."""
    try:
        parts, origin = urlsplit(url), origin_of(url)
    except (ValueError, UsageError):
        return None
    path = parts.path.lower()
    *folders, last = path.strip("/").split("/")
    if parts.query and _WORD.match(last):
        return AddressShape(origin, tuple(path.split("/")[1:]), "?", "")
    ending = f".{extension_of(url)}" if extension_of(url) else "/" if path.endswith("/") and last else ""
    return AddressShape(origin, tuple("#" if part.isdecimal() else part for part in folders), _form(last), ending)


def _form(last: str) -> str:
    """Return `#` for a number, `*#` for words and a number, `*` for words."""
    stem = last.rpartition(".")[0] or last
    if stem.isdecimal():
        return "#"
    return "*#" if _NUMBERED.match(stem) else "*"


def is_home(url: str) -> bool:
    """Return whether an address is that of a host's home page."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def twins(url: str, links: Iterable[Link], listed: Sequence[str] = ()) -> list[str]:
    """Return addresses of pages of the same kind, the likeliest first: those in a feed, then links with long texts.

    The same kind is the same shape; after those come addresses of another shape that an article's may have.
    """
    own = shape(url)
    if own is None:
        return []
    texts: dict[str, str] = {}
    for link in links:
        if not _same(link.url, url):
            texts.setdefault(link.url, link.text)
    longest = sorted(texts, key=lambda each: -len(texts[each]))
    alike = [each for each in (*listed, *longest) if shape(each) == own and not _same(each, url)]
    pattern = article_pattern(evidence_of(canonical(url), (), (), [origin_of(url) + "/"]))
    others = [each for each in longest if is_headline(texts[each]) and _is_here(each, own) and pattern.matches(each)]
    return list(dict.fromkeys([*alike, *others]))


def articles(url: str, links: Iterable[Link], listed: Sequence[str] = ()) -> list[str]:
    """Return likely articles of a site whose home page is at `url`: those in its feed, else links of one shape.

    It is the shape of which most links have texts as long as headlines.
    """
    origin = origin_of(url)
    in_feed = [each for each in listed if shape(each) and origin_of(each) == origin and not is_home(each)]
    groups: dict[AddressShape, list[Link]] = {}
    for link in links:
        kind = shape(link.url)
        if kind and kind.host == origin and len(link.text) >= _LEAST_TEXT and not is_document(link.url):
            groups.setdefault(kind, []).append(link)
    commonest = max(groups.values(), key=_weight, default=[])
    return list(dict.fromkeys([*in_feed, *(link.url for link in commonest)]))


def _weight(links: list[Link]) -> tuple[int, int]:
    """Return the number of links with texts as long as headlines, and of all links: a menu has many short ones."""
    return sum(is_headline(link.text) for link in links), len(links)


def _is_here(url: str, own: AddressShape) -> bool:
    kind = shape(url)
    return kind is not None and kind.host == own.host


def _same(one: str, other: str) -> bool:
    return _pairs(one) == _pairs(other) and urlsplit(one).path.lower() == urlsplit(other).path.lower()


def _pairs(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return {name: value for name, value in pairs if not _NOISE.fullmatch(name)}


def identity(url: str, links: Iterable[str]) -> Identity:
    """Return when two addresses are the same page, by the differences between links with one path."""
    here = origin_of(url)
    found = [each for each in dict.fromkeys([url, *links]) if shape(each) and origin_of(each) == here]
    spelt: dict[str, set[str]] = {}
    for each in found:
        spelt.setdefault(urlsplit(each).path.lower(), set()).add(urlsplit(each).path)
    fold_case = any(len(spellings) > 1 for spellings in spelt.values())
    path = urlsplit(url).path.lower()
    own = [_pairs(each) for each in found if urlsplit(each).path.lower() == path]
    key = _key(own, _pairs(url), likely_key(url, parts_of(url)))
    if not key:
        return Identity(fold_case=fold_case)
    elsewhere = {name for each in found if urlsplit(each).path.lower() != path for name in _pairs(each)}
    others = {name for pairs in own for name in pairs} - elsewhere - set(key)
    return Identity(key, (*key, *sorted(elsewhere - set(key))), tuple(sorted(others)), fold_case)


def _key(own: list[dict[str, str]], asked: dict[str, str], named: str) -> tuple[str, ...]:
    """The parameter that all links of the path have, that differs most and decides all others; else all that differ.

    When the links do not show it, it is the parameter with the usual name of an identifier (`named`).
    """
    shared = [name for name in asked if all(name in pairs for pairs in own)]
    counts = {name: len({pairs[name] for pairs in own}) for name in shared}
    deciding = [name for name in shared if _decides(name, own)]
    best = max(deciding, key=lambda name: (counts[name], asked[name].isdecimal()), default=None)
    if best is not None and counts[best] > 1:
        return (best,)
    differing = tuple(name for name in shared if counts[name] > 1)
    return differing or ((named,) if named in asked else ())


def _decides(name: str, own: list[dict[str, str]]) -> bool:
    """Return whether links that agree in one parameter agree in all others that both have."""
    seen: dict[str, dict[str, str]] = {}
    for pairs in own:
        known = seen.setdefault(pairs[name], {})
        if any(
            known.setdefault(other, value) != value for other, value in pairs.items() if not _PAGING.fullmatch(other)
        ):
            return False
    return True
