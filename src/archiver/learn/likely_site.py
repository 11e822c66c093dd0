"""Guess the name, the language and the time zone of a site."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from archiver.extract.body import line
from archiver.extract.page import ParsedPage
from archiver.extract.tree import attribute
from archiver.extract.values import LANGUAGE

_ZONES = {
    "vi": ("Asia/Ho_Chi_Minh", 7),
    "th": ("Asia/Bangkok", 7),
    "ja": ("Asia/Tokyo", 9),
    "ko": ("Asia/Seoul", 9),
}
"""Languages spoken in one time zone only, and its offset in hours."""
_OFFSET = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s*([+-]\d\d):?(\d\d)\s*$")
_WHOLE_HOURS = frozenset(range(-12, 15)) - {0}
_MARKS = re.compile(r"\s+[-–—|·•:»]+\s+|\s*[|·•»]\s*")

_EDGE = re.compile(r"\A[\s\-–—|·•:»]+|[\s\-–—|·•:»]+\Z")


def language_of(page: ParsedPage) -> str | None:
    """Return the language that a page declares, if it is a language tag."""
    root = page.document.root
    declared = attribute(root, "lang") if root is not None else None
    try:
        return str(LANGUAGE.read((declared or "").strip().replace("_", "-")))
    except ValueError:
        return None


def site_names(page: ParsedPage, others: Iterable[ParsedPage | None]) -> list[str]:
    """Return the names of a site: those declared, then the parts that the titles of its pages have in common."""
    named = [line(name) for name in page.slots.meta("og:site_name")]
    own = _titles(page)
    for other in others:
        for title in _titles(other) if other is not None else []:
            named += [_common_end(each, title) for each in own]
    return list(dict.fromkeys(name for name in named if name))


def rest_of_title(page: ParsedPage, heading: str) -> str:
    """Return the part of `<title>` that is not the heading: often the site's name."""
    for title in _titles(page):
        for rest in (title.removeprefix(heading), title.removesuffix(heading)):
            if rest not in (title, ""):
                return _EDGE.sub("", rest)
    return ""


def _titles(page: ParsedPage | None) -> list[str]:
    return [page.title_line] if page is not None and page.title_line else []


def _common_end(one: str, other: str) -> str:
    """Return the first or last part that two titles share, parts being separated by dashes or bars."""
    if one == other:
        return ""
    parts, others = _MARKS.split(one), _MARKS.split(other)
    if len(parts) > 1 and parts[-1] == others[-1]:
        return parts[-1]
    if len(parts) > 1 and parts[0] == others[0]:
        return parts[0]
    return ""


def timezone_of(language: str | None, moments: Sequence[str]) -> tuple[str | None, str]:
    """Return a time zone by the language and by the offsets of the site's dates, and the reason for it."""
    stated = [(int(match[1]), match[2]) for match in map(_OFFSET.search, moments) if match]
    offsets = Counter(each for each in stated if each != (0, "00"))
    primary = (language or "").split("-")[0].lower()
    for (hours, minutes), _ in offsets.most_common(1):
        shown = f"{hours:+03d}:{minutes}"
        zone, offset = _ZONES.get(primary, ("", None))
        if offset == hours and minutes == "00":
            return zone, f"a guess: its dates are {shown}"
        if minutes == "00" and hours in _WHOLE_HOURS:
            return f"Etc/GMT{-hours:+d}", f"its dates are {shown}; name the place, as in 'Asia/Bangkok'"
    if not offsets and primary in _ZONES:
        zone, offset = _ZONES[primary]
        return zone, f"a guess by the language ({offset:+03d}:00): it states no offset"
    return None, "not stated: name the place, so that times without an offset become moments"
