"""Detects traps by path: addresses of one path whose parameters vary without end, and that show nothing new.

Calendars, sort orders, facets and session ids give every page any number of addresses. Their number decides nothing:
five thousand articles may differ in one parameter. What counts is what visits of the variants show. A variant that
shows nothing new weighs one, and three when its page says `noindex`, names another page as canonical, or is linked with
`rel=nofollow` only. One that shows something new takes three away. At fifteen, the rest of the path is not followed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from archiver.model.record import Record

_CUT_AT = 15
_SITE_CUT_AT = 40  # the same of all paths together, for parameters of these names
_HINTED, _NEW = 3, 3
_MOST_SEEN = 0.8  # share of the lines of a page that other variants showed before
_COMBINED = 4  # sets of names, from which parameters are facets that are combined
_MOST_PATHS, _MOST_LINES = 5_000, 3_000
_MOST_SHOWN = 400  # lines and links of a page that are compared
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"(?:19|20|21)\d\d(?:([-/.])\d{1,2}(?:\1\d{1,2})?|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?)\Z")
"""A date in any parameter. A number like 2015 or 201534 may be the id of an article: many of them follow each other."""
_DATE_NAMES = frozenset(("year", "month", "day", "date", "week", "y", "m", "d", "nam", "thang", "ngay"))


@dataclass(slots=True)
class _VariantScore:
    """What visits showed so far: `points` grow with variants that show nothing new."""

    points: int = 0

    def add(self, weight: int, *, is_new: bool) -> None:
        self.points = max(self.points - _NEW, 0) if is_new else self.points + weight


@dataclass(slots=True)
class _PathScore(_VariantScore):
    """The variants of one path: the sets of names of their parameters, and the lines that they showed."""

    names: set[frozenset[str]] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)
    is_visited: bool = False


class Variants:
    """The variants of the paths of one site, as far as this run found and visited them."""

    def __init__(self) -> None:
        self._paths: dict[str, _PathScore] = {}
        self._by_names: dict[frozenset[str], _VariantScore] = {}
        self._unfollowed: set[str] = set()

    def cut(self, url: str) -> str:
        """Return why a variant is not followed; "" when it is, or when the address has no parameters."""
        path, names = _divided(url)
        known = self._paths.get(path) if names else None
        if known is None:
            return ""
        if known.points >= _CUT_AT:
            return "variants of its path show nothing new"
        total = self._by_names.get(names)
        if total is not None and total.points >= _SITE_CUT_AT and known.is_visited:
            return f"its parameters ({', '.join(sorted(names))}) lead to nothing new"
        return ""

    def add(self, url: str) -> None:
        """Note that an address was found."""
        path, names = _divided(url)
        if not names or (path not in self._paths and len(self._paths) >= _MOST_PATHS):
            return
        known = self._paths.setdefault(path, _PathScore())
        if len(known.names) < _COMBINED:
            known.names.add(names)

    def add_unfollowed(self, urls: Iterable[str]) -> None:
        """Note addresses that a page links with `rel=nofollow` only."""
        if len(self._unfollowed) < _MOST_PATHS:
            self._unfollowed.update(urls)

    def learn(self, url: str, record: Record, *, has_new_paths: bool) -> None:
        """Learn from a visit.

        Args:
            url: the address that was visited.
            record: what was read.
            has_new_paths: the page led to a path that this run had not found before.
        """
        path, names = _divided(url)
        known = self._paths.get(path) if names else None
        if known is None:
            return
        lines = _lines(url, record, with_title=len(known.names) < _COMBINED)
        title = hash(("title", record.content.title)) if len(known.names) < _COMBINED and not _is_dated(url) else 0
        is_known = len(lines & known.lines) >= _MOST_SEEN * len(lines) and (not title or title in known.lines)
        pages = {hash(("page", address)) for address in (url, record.canonical) if address}
        is_variant = record.canonical not in (None, url) and hash(("page", record.canonical)) in known.lines
        is_new = not is_variant and (has_new_paths or not is_known or not known.is_visited)
        weight = _HINTED if is_variant or record.noindex or url in self._unfollowed else 1
        known.add(weight, is_new=is_new)
        self._by_names.setdefault(names, _VariantScore()).add(weight, is_new=is_new)
        known.is_visited = True
        if len(known.lines) < _MOST_LINES:
            known.lines |= lines | pages | {title}


def is_action(url: str, page: str) -> bool:
    """Return whether a link with `rel=nofollow` only adds parameters to the address of the page that it is on.

    Wikis link so to the forms and tools of a page. A single number more is rather the next part of a list.
    """
    path, names = _divided(url)
    own_path, own_names = _divided(page)
    if path != own_path or not own_names < names:
        return False
    own = set(parse_qsl(urlsplit(page).query, keep_blank_values=True))
    more = [pair for pair in parse_qsl(urlsplit(url).query, keep_blank_values=True) if pair not in own]
    return len(more) == len(names) - len(own_names) and not (len(more) == 1 and more[0][1].isdigit())


def path_of(url: str) -> str:
    """Return an address without its query."""
    return url.partition("?")[0]


def _divided(url: str) -> tuple[str, frozenset[str]]:
    """Return an address without its query, and the names of its parameters."""
    path, _, query = url.partition("?")
    return path, frozenset(pair.partition("=")[0] for pair in query.split("&") if pair) if query else frozenset()


def _is_dated(url: str) -> bool:
    pairs = parse_qsl(url.partition("?")[2])
    return any(name.lower() in _DATE_NAMES or _DATE.match(value) for name, value in pairs)


def _lines(url: str, record: Record, *, with_title: bool) -> set[int]:
    """Return what a page shows, as hashes: its lines and the texts of its links; of a dated page its words."""
    content = record.content
    shown = [*(content.body or "").split("\n")[:_MOST_SHOWN], *(link.text for link in record.links[:_MOST_SHOWN])]
    if with_title or _is_dated(url):
        shown.append(content.title or "")
    if _is_dated(url):
        shown = _DIGITS.sub(" ", "\n".join(shown)).casefold().split()
    return {hash(line) for line in shown if line}
