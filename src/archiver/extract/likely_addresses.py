"""What addresses say: which are of the same kind of page, what makes two of them one page, which are articles."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from archiver.errors import UsageError
from archiver.extract.attached import is_document
from archiver.model.record import Link
from archiver.text.url import extension_of, origin_of

_NUMBERED = re.compile(r"(.*?)[-_.]?\d{2,}\Z")
_WORD = re.compile(r"[a-z]*(?:\.[a-z]{1,5})?\Z")
"""A last part that names a program, not a page: `post.aspx`, `view`, nothing."""
_NOISE = re.compile(r"utm_.*|fbclid|gclid|.*session.*|sid", re.IGNORECASE)
_LEAST_TEXT = 12
"""Characters of a link's text: a shorter one is a menu's."""
_LEAST_KNOWN = 3
_MOST_KNOWN = 0.8
_PAGING = re.compile(r"page|paged|trang|p|start|offset|from", re.IGNORECASE)


class Shape(NamedTuple):
    """What addresses of one kind have in common: folders (numbers as #), the form of the last part, its ending."""

    host: str
    folders: tuple[str, ...]
    last: str
    ending: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two addresses one page.

    Attributes:
        key: the parameters that tell articles apart; empty when the path does.
        keep: `key` and every parameter seen on other pages.
        others: parameters of articles that tell nothing, by what was seen.
        fold_case: one path was seen in two spellings.
    """

    key: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    fold_case: bool = False


def shape(url: str) -> Shape | None:
    """The shape of an address; None for what is no web address."""
    try:
        parts, origin = urlsplit(url), origin_of(url)
    except (ValueError, UsageError):
        return None
    path = parts.path.lower()
    *folders, last = path.strip("/").split("/")
    if parts.query and _WORD.match(last):
        return Shape(origin, tuple(path.split("/")[1:]), "?", "")
    ending = f".{extension_of(url)}" if extension_of(url) else "/" if path.endswith("/") and last else ""
    return Shape(origin, tuple("#" if part.isdecimal() else part for part in folders), _form(last), ending)


def _form(last: str) -> str:
    """`#` for a number, `*#` for words and a number, `*` for words."""
    stem = last.rpartition(".")[0] or last
    if stem.isdecimal():
        return "#"
    return "*#" if _NUMBERED.match(stem) else "*"


def is_home(url: str) -> bool:
    """Whether an address is nothing but a host."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def twins(url: str, links: Iterable[Link], listed: Sequence[str] = ()) -> list[str]:
    """Addresses of pages of the same kind, the likeliest first: those in a feed, then links with long texts."""
    own = shape(url)
    texts: dict[str, str] = {}
    for link in links:
        if shape(link.url) == own and not _same(link.url, url):
            texts.setdefault(link.url, link.text)
    in_feed = [each for each in listed if shape(each) == own and not _same(each, url)]
    return list(dict.fromkeys([*in_feed, *sorted(texts, key=lambda each: -len(texts[each]))]))


def articles(url: str, links: Iterable[Link], listed: Sequence[str] = ()) -> list[str]:
    """Likely articles of a portal whose home page is at `url`: those in its feed, else links of the commonest shape."""
    origin = origin_of(url)
    in_feed = [each for each in listed if shape(each) and origin_of(each) == origin and not is_home(each)]
    groups: dict[Shape, list[str]] = {}
    for link in links:
        kind = shape(link.url)
        if kind and kind.host == origin and len(link.text) >= _LEAST_TEXT and not is_document(link.url):
            groups.setdefault(kind, []).append(link.url)
    commonest = max(groups.values(), key=len, default=[])
    return list(dict.fromkeys([*in_feed, *commonest]))


def _same(one: str, other: str) -> bool:
    return _pairs(one) == _pairs(other) and urlsplit(one).path.lower() == urlsplit(other).path.lower()


def _pairs(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return {name: value for name, value in pairs if not _NOISE.fullmatch(name)}


def identity(url: str, links: Iterable[str]) -> Identity:
    """What makes two addresses one page, by how the links of one path differ."""
    here = origin_of(url)
    found = [each for each in dict.fromkeys([url, *links]) if shape(each) and origin_of(each) == here]
    spelt: dict[str, set[str]] = {}
    for each in found:
        spelt.setdefault(urlsplit(each).path.lower(), set()).add(urlsplit(each).path)
    fold_case = any(len(spellings) > 1 for spellings in spelt.values())
    path = urlsplit(url).path.lower()
    own = [_pairs(each) for each in found if urlsplit(each).path.lower() == path]
    key = _key(own, _pairs(url))
    if not key:
        return Identity(fold_case=fold_case)
    elsewhere = {name for each in found if urlsplit(each).path.lower() != path for name in _pairs(each)}
    others = {name for pairs in own for name in pairs} - elsewhere - set(key)
    return Identity(key, (*key, *sorted(elsewhere - set(key))), tuple(sorted(others)), fold_case)


def _key(own: list[dict[str, str]], asked: dict[str, str]) -> tuple[str, ...]:
    """The parameter that all links of the path have, that differs most and decides all others; else all that differ."""
    shared = [name for name in asked if all(name in pairs for pairs in own)]
    counts = {name: len({pairs[name] for pairs in own}) for name in shared}
    deciding = [name for name in shared if _decides(name, own)]
    best = max(deciding, key=lambda name: (counts[name], asked[name].isdecimal()), default=None)
    if best is not None and (counts[best] > 1 or len(asked) == 1):
        return (best,)
    return tuple(name for name in shared if counts[name] > 1)


def _decides(name: str, own: list[dict[str, str]]) -> bool:
    """Whether links that agree in one parameter agree in all others both have."""
    seen: dict[str, dict[str, str]] = {}
    for pairs in own:
        known = seen.setdefault(pairs[name], {})
        if any(
            known.setdefault(other, value) != value for other, value in pairs.items() if not _PAGING.fullmatch(other)
        ):
            return False
    return True


def article_pattern(
    url: str, key: Sequence[str], known: Sequence[str], others: Sequence[str], *, fold_case: bool
) -> str:
    """A regex that the addresses of articles match, as narrow as those known allow, and the home page does not.

    Args:
        url: an article's.
        key: the parameters that tell articles apart.
        known: other articles' addresses.
        others: addresses that are no articles.
        fold_case: whether case does not count in paths.
    """
    folded = "(?i)" if fold_case else ""
    path = urlsplit(url).path
    if key:
        plain = folded + escaped(path)
        if path != "/" and not any(re.search(plain, other) for other in others):
            return plain
        return rf"{folded}{escaped(path)}\?(?:.*&)?{escaped(key[0])}="
    patterns = [folded + _path_pattern(path, is_wide=is_wide) for is_wide in (False, True)]
    fitting = [sum(bool(re.search(pattern, each)) for each in known) for pattern in patterns]
    narrow, wide = (len(known) < _LEAST_KNOWN or count >= _MOST_KNOWN * len(known) for count in fitting)
    return patterns[1] if wide and not narrow else patterns[0]


def _path_pattern(path: str, *, is_wide: bool) -> str:
    """A path as a regex: numbers as numbers, the last part as any words; `is_wide`: folders as any words, too."""
    *folders, last = path.strip("/").split("/")
    parts = [r"\d+" if part.isdecimal() else "[^/?#]+" if is_wide else escaped(part) for part in folders]
    stem, dot, ending = last.rpartition(".")
    form = {"#": r"\d+", "*#": r"[^/?#.]*\d", "*": "[^/?#.]+"}[_form(last.lower())]
    parts.append(form + (rf"\.{escaped(ending)}" if dot and stem else ""))
    has_name = any(not part.startswith(("[", "\\")) for part in parts[:-1])
    start = "/" if has_name else "^https?://[^/]+/"
    return start + "/".join(parts) + ("" if dot and stem else "/?") + "(?:[?#]|$)"


def escaped(text: str) -> str:
    """A text as a regex, without the marks that only a set would need."""
    return re.sub(r"\\([-/ ~#&])", r"\1", re.escape(text))
