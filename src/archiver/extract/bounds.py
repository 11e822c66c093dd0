"""Limit what HTML may cost the parser. A text within the limits is returned unchanged.

Measured with Lexbor 3 (selectolax 1.0.2):

* depth: the time to parse n nested elements grows with n²: 100,000 nested `<div>` take 21 s, 10,000 take 0.2 s;
* formatting: n `<font>` never closed, then m paragraphs, make n × m nodes: 41 kB became 1.4 GB in 4.5 s;
* attributes: the time to parse n attributes of one tag grows faster than n²: 20,000 take 0.8 s, 80,000 take 23 s;
* size: a tag costs about 300 bytes of memory.

Cheap counts over the whole text prove nearly every page harmless. In other pages the tags are read one by one
(`markup`, `open_elements`), and only what exceeds a limit is cut, with a note that counts it.
"""

import re

from archiver.extract.markup import Tag, Tokenizer, count_attributes, has_only_simple_tags
from archiver.extract.open_elements import FORMATTING, OpenElements

MAX_CHARACTERS = 20_000_000
MAX_DEPTH = 2_000
MAX_GROWTH = 1_000_000
"""The maximum number of nodes that unclosed formatting may add."""
MAX_ATTRIBUTES = 10_000
"""This number in one tag takes 0.13 s."""
_HARMLESS_STARTS = 14_000
"""Start tags: this number of nested ones takes 0.3 s, whatever end tags follow."""
_SHORT = 2 * MAX_ATTRIBUTES
"""The number of characters in which `MAX_ATTRIBUTES` attributes do not fit."""
_LEAST_FORMATTING = 3

_NAMES = "|".join(sorted(FORMATTING - {"a", "nobr"}))  # the parser keeps one of these two active
_LEFT_OPEN = re.compile(
    rf"<(?i:{_NAMES})(?=[\t\n\f\r /])"
    r"(?!(?<=<i)(?:[\t\n\f\r ]++[a-zA-Z-]++=\"[^\"<>]*+\")*+[\t\n\f\r ]*+>[^<]*+</i>)"
    r"(?!(?<=<em)(?:[\t\n\f\r ]++[a-zA-Z-]++=\"[^\"<>]*+\")*+[\t\n\f\r ]*+>[^<]*+</em>)"
    r"(?!(?<=<strong)(?:[\t\n\f\r ]++[a-zA-Z-]++=\"[^\"<>]*+\")*+[\t\n\f\r ]*+>[^<]*+</strong>)"
    r"(?!(?<=<b)(?:[\t\n\f\r ]++[a-zA-Z-]++=\"[^\"<>]*+\")*+[\t\n\f\r ]*+>[^<]*+</b>)"
    r"[^>]{0,200}"
)
"""Formatting elements with attributes, except those that clearly end directly after their text."""


def bounded(html: str) -> tuple[str, tuple[str, ...]]:
    """Return the text for the parser, and notes on what was cut (none, for nearly every page).

    A text within the limits is returned as the same object. Start tags that nest too deep are left out, their content
    stays; a tag with too many attributes loses all of them.
    """
    notes = []
    if len(html) > MAX_CHARACTERS:
        html = html[:MAX_CHARACTERS]
        notes.append(f"only the first {MAX_CHARACTERS} characters were read")
    if not _is_harmless(html):
        cutter = _Cutter(html)
        html = cutter.cut()
        notes += cutter.notes
    return html, tuple(notes)


def _is_harmless(html: str) -> bool:
    """Return whether counts alone prove that no limit is exceeded."""
    starts = html.count("<")  # one count is enough for most pages
    if starts * starts > MAX_GROWTH:
        starts -= html.count("</")
    if starts > _HARMLESS_STARTS:
        return False
    if starts * starts > MAX_GROWTH:
        kinds = len(set(_LEFT_OPEN.findall(html))) + len(FORMATTING)
        if 3 * kinds * starts > MAX_GROWTH:  # the parser keeps three equal ones
            return False
    return len(html) < _SHORT or has_only_simple_tags(html)


class _Cutter:
    """Reads the tags of a text and leaves out what exceeds a limit."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._open = OpenElements()
        self._most_formatting = max(_LEAST_FORMATTING, MAX_GROWTH // max(1, html.count("<") - html.count("</")))
        self._left_out = 0
        self._stripped = 0

    @property
    def notes(self) -> list[str]:
        """Return what was cut, with counts."""
        notes = []
        if self._left_out:
            notes.append(f"{self._left_out} start tags nested deeper than {MAX_DEPTH} elements were ignored")
        if self._stripped:
            notes.append(f"{self._stripped} tags with more than {MAX_ATTRIBUTES} attributes lost them")
        return notes

    def cut(self) -> str:
        """Return the text without what exceeds a limit; the same object when nothing does."""
        kept: list[str] = []
        position = end = 0
        tokenizer = Tokenizer(self._html)
        for tag in tokenizer.tags():
            if tag.start > end:
                self._open.text()
            end = tag.end
            shown = self._allowed(tag)
            if shown is not None:
                kept += [self._html[position : tag.start], shown]
                position = tag.end
            tokenizer.is_foreign = self._open.is_foreign
        return "".join([*kept, self._html[position:]]) if kept else self._html

    def _allowed(self, tag: Tag) -> str | None:
        """Return the replacement of a tag that exceeds a limit; None when the tag stays."""
        if tag.is_end:
            self._open.end(tag.name)
        elif not self._starts(tag):
            self._left_out += 1
            return ""
        if tag.end - tag.start > _SHORT and count_attributes(self._html, tag, 2 * MAX_ATTRIBUTES) >= 2 * MAX_ATTRIBUTES:
            self._stripped += 1
            return self._html[tag.start : tag.attributes[0]] + ">"
        return None

    def _starts(self, tag: Tag) -> bool:
        """Open an element, unless it would nest too deep or keep too much formatting active."""
        if self._open.depth >= MAX_DEPTH:
            return False
        is_formatting = tag.name in FORMATTING
        if is_formatting and self._open.active_formatting >= self._most_formatting:
            return False
        attributes = self._html[slice(*tag.attributes)] if is_formatting else ""
        self._open.start(tag.name, attributes, is_self_closing=tag.is_self_closing)
        return True
