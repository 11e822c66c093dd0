"""Make a regex for the addresses of a site's articles from one of them, and test it on the links of the site's pages.

Candidates are made from specific to general: by a date or an id in the path, in any folder; by
the length of its slug; by its own folder. The first that fits the links is used, else the one that fits best.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import urlsplit

from archiver.learn.likely_evidence import HostAddresses
from archiver.learn.likely_parts import (
    Folder,
    NamePattern,
    Parts,
    any_name,
    escaped,
    name_patterns,
    parts_of,
    slug_pattern,
    word_count,
)
from archiver.learn.likely_query import query_patterns

_LEAST_WORDS = 4
_LEAST_SYLLABLES = 5
"""Vietnamese slugs have a word for each syllable."""
_HOST = "^https?://[^/]+/"
_LONG_SLUG = "(?:[^/?#]+/)*(?:[^/?#.-]*-){4,}[^/?#.-]*/?"
"""When no article was seen."""
_SESSION = r"(?:\(S\([^/]*\)\)/)?"
_CASELESS = frozenset(("asp", "aspx", "ashx", "cfm"))
_INDEX = r"(?!(?:index|default|home)\.)"
_NO_LIST = r"(?!\d+(?:[/;?#]|$))"
_SEVERAL = 2
_LANGUAGE = 2
"""Letters of a folder that is likely a language: `/vi/tin-tuc/`."""
_STRUCTURE = ("year", "month", "number", "id")


class ArticlePattern(NamedTuple):
    """A regex that the addresses of articles match.

    Attributes:
        regex: to be searched in an address.
        section: the folder of all addresses that it matches, such as `/tin-tuc/`; "" when it is not bound to one.
    """

    regex: str
    section: str = ""

    def matches(self, url: str) -> bool:
        """Return whether an address matches."""
        return re.search(self.regex, url) is not None


def article_pattern(
    evidence: HostAddresses, key: Sequence[str] = (), *, language: str = "", fold_case: bool = False
) -> ArticlePattern:
    """Return the pattern that fits best. It matches its sample, and no listing that was opened.

    Args:
        evidence: an article, and the sorted other addresses.
        key: the parameters that distinguish articles; empty when the path does.
        language: of the site: a slug has more words in some than in others.
        fold_case: whether case does not count in paths.
    """
    candidates = list(dict.fromkeys(candidates_of(evidence, key, language, fold_case=fold_case)))
    fitting = next((each for each in candidates if evidence.fits(each.regex, is_bound=bool(each.section))), None)
    if fitting is not None:
        return fitting
    possible = [each for each in candidates if evidence.is_possible(each.regex)]
    best = max(possible, key=lambda each: evidence.score(each.regex), default=None)
    return best or ArticlePattern(_HOST + (escaped(urlsplit(evidence.sample).path[1:]) or _LONG_SLUG) + "(?:[;?#]|$)")


def candidates_of(
    evidence: HostAddresses, key: Sequence[str], language: str, *, fold_case: bool
) -> Iterator[ArticlePattern]:
    """Yield the patterns that an address suggests, the preferred ones first."""
    parts = parts_of(evidence.sample)
    literal = "".join(each.text for each in parts.folders) + parts.ending
    folded = fold_case or parts.ending.lower() in _CASELESS or literal != literal.lower()
    start = "(?i)" if folded else ""
    for query in query_patterns(evidence.sample, key, parts):
        yield ArticlePattern(start + query)
    paths = _Paths(evidence, parts, language)
    for regex, section in paths.all():
        yield ArticlePattern(start + regex, section)


class _Paths:
    """The candidates for an address whose path distinguishes articles."""

    def __init__(self, evidence: HostAddresses, parts: Parts, language: str) -> None:
        self._evidence = evidence
        self._parts = parts
        self._least = _LEAST_SYLLABLES if language.lower().partition("-")[0] == "vi" else _LEAST_WORDS
        self._guard = "(?!(?:" + "|".join(map(escaped, evidence.lists)) + ")/)" if evidence.lists else ""
        ending = rf"\.{escaped(parts.ending)}" if parts.ending else "/?"
        self._end = (f"(?:/(?:{escaped(parts.tail[1:])})?)?" if parts.tail else ending) + "(?:[;?#]|$)"

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield every candidate with the section it is bound to, the preferred ones first."""
        names = name_patterns(self._parts)
        strong = [name for name in names if name.strength == "strong"]
        yield from self._after(self._structure())
        yield from ((self._any_folders() + name.regex + self._end, "") for name in strong if name.is_id)
        yield from self._after(self._marker())
        for name in names:
            start, section = self._starts()[0 if name.strength == "medium" else -1]
            if name.strength != "weak":
                yield from ((start + last, section) for last in self._lasts(name))
        if strong and self._section():
            yield self._either(next(self._lasts(strong[0]))), ""
        elif self._section() and self._are_named_elsewhere():
            yield self._either(slug_pattern(self._parts, self._least) + self._end), ""
        for start, section in self._starts():
            yield from ((start + last, section) for name in names for last in self._lasts(name))

    def _after(self, place: int | None) -> Iterator[tuple[str, str]]:
        """Yield candidates that keep the folders from `place` on; any sections may follow a date."""
        if place is None:
            return
        folders = self._parts.folders[place:]
        dated = max((at + 1 for at, each in enumerate(folders) if each.form in ("year", "month")), default=0)
        is_sorted = 0 < dated < len(folders) and all(each.form == "word" for each in folders[dated:])
        start = self._any_folders() + self._spelt(folders[:dated] if is_sorted else folders, names=False)
        last = self._after_structure(is_dated=dated > 0)
        yield start + ("(?:[^/?#]+/){1,5}" if is_sorted else "") + last + self._end, ""

    def _are_named_elsewhere(self) -> bool:
        """Return whether several other articles have names of many words, although this one does not."""
        seen = (*self._evidence.known, *self._evidence.likely)
        return sum(word_count(url, self._parts.separator) >= self._least for url in seen) >= _SEVERAL

    def _either(self, last: str) -> str:
        """Return a candidate that matches either the form of the name in any folder, or any name in this folder."""
        home = self._home()
        here = self._spelt(self._parts.folders, names=True) + any_name(self._parts)
        anywhere = self._any_folders().removeprefix(home) + last.removesuffix(self._end)
        return f"{home}(?:{here}|{anywhere}){self._end}"

    def _starts(self) -> list[tuple[str, str]]:
        """Return beginnings of candidates, the most literal first, each with the section it is bound to."""
        folders, home = self._parts.folders, self._home()
        starts = [(home + self._spelt(folders, names=True), self._section())]
        first = next((place + 1 for place, each in enumerate(folders) if each.form == "word"), 0)
        if first:
            first += len(folders[first - 1].text) == _LANGUAGE and first < len(folders)
            above = "/" + "".join(f"{each.text}/" for each in folders[:first])
            starts.append((f"{home}{self._spelt(folders[:first], names=True)}(?:{self._guard}[^/?#]+/)*", above))
            starts.append((home + self._spelt(folders, names=False), ""))
        return [*starts, (self._any_folders(), "")]

    def _home(self) -> str:
        return _HOST + (_SESSION if "/(S(" in self._evidence.sample else "")

    def _any_folders(self) -> str:
        folders = self._parts.folders
        program = max((place + 1 for place, each in enumerate(folders) if each.form == "file"), default=0)
        return self._home() + self._spelt(folders[:program], names=True) + f"(?:{self._guard}[^/?#]+/)*"

    def _section(self) -> str:
        """Return the leading folders that are words, such as `/vi/tin-tuc/`."""
        words = takewhile(lambda each: each.form in ("word", "slug"), self._parts.folders)
        named = "".join(f"{each.text}/" for each in words)
        return f"/{named}" if named else ""

    def _structure(self) -> int | None:
        """Return the place of the first date or id among the folders, or of the marker before it."""
        folders = self._parts.folders
        place = next((at for at, each in enumerate(folders) if each.form in _STRUCTURE), None)
        while place and folders[place - 1].form == "marker":
            place -= 1
        return place

    def _marker(self) -> int | None:
        """Return the place of a marker such as `node` directly before the last part, or before a slug and a number."""
        folders, last = self._parts.folders, len(self._parts.folders) - 1
        if last > 0 and self._parts.last.isdecimal() and folders[last].form == "slug":
            last -= 1
        return last if last >= 0 and folders[last].form == "marker" else None

    def _spelt(self, folders: Sequence[Folder], *, names: bool) -> str:
        """Return folders as a regex; with `names`, words are kept as they are."""
        is_number = self._parts.last.isdecimal()
        patterns = []
        for each in folders:
            is_any = (each.form == "word" and not names) or (each.form == "slug" and is_number)
            literal = escaped(each.text) if each.form == "slug" and names else each.pattern
            patterns.append("[^/?#]+" if is_any else literal)
        return "".join(f"{pattern}/" for pattern in patterns)

    def _after_structure(self, *, is_dated: bool) -> str:
        """A regex of the last part for folders that are certain enough: a number, or any name that is not one."""
        number = self._parts.last
        if number.isdecimal():
            return r"\d{3,}" if is_dated and len(number) > 3 else r"\d+"  # noqa: PLR2004  (05 is the list of a day)
        return (_INDEX if self._parts.ending else _NO_LIST) + self._any_last()

    def _any_last(self) -> str:
        parts = self._parts
        if parts.folders and parts.folders[-1].text == "wiki" and not re.search(r"(?::|%3A)(?!_)", parts.last):
            return "(?:[^/?#:]|:_)+"  # "Help:Editing" is a page of the wiki itself, "Dune: Part Two" is an article
        return any_name(parts)

    def _lasts(self, name: NamePattern) -> Iterator[str]:
        """Yield regexes of the last part and the end of the address, for one way to describe the name."""
        if name.regex and name.strength != "weak":
            yield name.regex + self._end
        elif name.regex:
            least = min(self._parts.words, self._least)
            slug = [slug_pattern(self._parts, least)] if least > 1 and self._parts.separator == "-" else []
            anything = (_INDEX if self._parts.ending else "") + self._any_last()
            is_flat = not any(each.form == "word" for each in self._parts.folders)
            for last in [*slug, anything] if is_flat and not self._parts.ending else [anything, *slug]:
                yield last + self._end
        else:
            for least in self._thresholds():
                yield slug_pattern(self._parts, least) + self._end

    def _thresholds(self) -> list[int]:
        """Return minimum numbers of words for a slug, the likeliest first."""
        parts, evidence = self._parts, self._evidence
        seen = sorted(word_count(url, parts.separator) for url in (*evidence.known, *evidence.likely))
        menus = max((word_count(url, parts.separator) for url in evidence.others), default=0)
        shortest = seen[len(seen) // 10] if seen else parts.words
        usual = min(self._least, parts.words)
        ways = [usual, min(max(usual, menus + 1), parts.words), max(2, min(usual, shortest))]
        return list(dict.fromkeys(ways))
