"""The visible text of an HTML text, with the place of each word, for a difference that is marked in the page.

Only text between tags counts: not what is in scripts, styles, titles, form fields and drawings. White space is joined
as a browser does; a block element begins a new line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from archiver.extract.markup import Tag
from archiver.extract.still import read_tags

_RAW = frozenset("script style textarea title xmp iframe noembed noframes plaintext".split())  # noqa: SIM905
_CLOSED = frozenset("select svg math template datalist canvas object audio video head".split())  # noqa: SIM905
"""Elements in which no word is marked: a mark would be lost there, or break them."""
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i ins del kbd label mark nobr q rp rt ruby s samp small "  # noqa: SIM905
    "span strike strong sub sup time tt u var wbr".split()
)
_OTHER = re.compile(r"<!---?>|<!--.*?(?:--!?>|\Z)|<[!?/][^>]*>?", re.DOTALL)
"""A comment or a declaration between tags."""
_WORD = re.compile(r"\S+")


class Run(NamedTuple):
    """A piece of text between two tags: where it is in the HTML, and what it says."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class PageWords:
    """The words of a page.

    Attributes:
        runs: the pieces of text that have words.
        text: all words; a line for each block.
    """

    runs: list[Run] = field(default_factory=list)
    text: str = ""
    _begins: list[int] = field(default_factory=list)
    _places: list[tuple[int, int, int]] = field(default_factory=list)

    def within(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the parts of runs that are between two positions of the text: run, start, end."""
        number = max(bisect_right(self._begins, start) - 1, 0)
        while number < len(self._begins) and self._begins[number] < end:
            run, offset, length = self._places[number]
            first, last = max(start - self._begins[number], 0), min(end - self._begins[number], length)
            if first < last:
                yield run, offset + first, offset + last
            number += 1

    def after(self, position: int) -> tuple[int, int] | None:
        """Return the run and the offset of the first word that does not end before a position."""
        number = max(bisect_right(self._begins, position) - 1, 0)
        while number < len(self._begins):
            run, offset, length = self._places[number]
            if position < self._begins[number] + length:
                return run, offset + max(position - self._begins[number], 0)
            number += 1
        return None

    def before(self, position: int) -> tuple[int, int] | None:
        """Return the run and the offset at the end of the last word that begins before a position."""
        number = bisect_right(self._begins, position - 1) - 1
        if number < 0:
            return None
        run, offset, length = self._places[number]
        return run, offset + min(length, position - self._begins[number])


def page_words(html: str) -> PageWords:
    """Return the words of a page."""
    found, size = PageWords(), 0
    parts: list[str] = []
    for start, end, is_line in _texts(html):
        text = unescape(html[start:end])
        words = list(_WORD.finditer(text))
        if not words:
            continue
        number = len(found.runs)
        found.runs.append(Run(start, end, text))
        for place, word in enumerate(words):
            gap = _gap(text, found, parts, is_line=is_line) if not place else " "
            parts += [gap, word[0]]
            found._begins.append(size + len(gap))  # noqa: SLF001  (it is being made)
            found._places.append((number, word.start(), len(word[0])))  # noqa: SLF001
            size += len(gap) + len(word[0])
    found.text = "".join(parts)
    return found


def _gap(text: str, found: PageWords, parts: list[str], *, is_line: bool) -> str:
    """Return what separates the first word of a run from the word before it."""
    if not parts:
        return ""
    if is_line:
        return "\n"
    is_apart = text[:1].isspace() or found.runs[-2].text[-1:].isspace()
    return " " if is_apart else ""


def _texts(html: str) -> Iterator[tuple[int, int, bool]]:
    """Yield the start and end of each piece of text, and whether a block begins or ends before it."""
    position, closed, is_line, is_raw = 0, _Closed(), True, False
    for tag, _ in read_tags(html):
        if not is_raw and not closed.depth:
            for start, end in _plain(html, position, tag.start):
                yield start, end, is_line
                is_line = is_line and not html[start:end].strip()
        closed.pass_by(tag)
        is_line = is_line or tag.name not in _INLINE
        position, is_raw = tag.end, tag.name in _RAW and not tag.is_end
    if not is_raw and not closed.depth:
        yield from ((start, end, is_line) for start, end in _plain(html, position, len(html)))


def _plain(html: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the text between two tags, without comments and declarations."""
    for other in _OTHER.finditer(html, start, end):
        if other.start() > start:
            yield start, other.start()
        start = other.end()
    if start < end:
        yield start, end


class _Closed:
    """Counts the open elements in which no word is marked."""

    def __init__(self) -> None:
        self.depth = 0
        self._open: list[str] = []

    def pass_by(self, tag: Tag) -> None:
        """Take note of a tag."""
        if tag.name == "body":
            self._open.clear()
        elif tag.name in _CLOSED and not tag.is_end and not tag.is_self_closing:
            self._open.append(tag.name)
        elif tag.is_end and tag.name in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag.name) :]
        self.depth = len(self._open)
