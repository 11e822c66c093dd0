"""What a page may do to the parser: four shapes of HTML grow without bound, and are cut back before parsing.

Measured with Lexbor 3 (selectolax 1.0.2):

* depth: the time to parse n nested elements grows with n²: 100,000 nested `<div>` take 21 s, 2,000 take 6 ms;
* formatting: n `<font>` never closed, then m paragraphs, make n × m nodes: 41 kB became 1.4 GB in 4.5 s;
* attributes: the time to parse n attributes of one tag grows faster than n²: 20,000 take 0.8 s, 80,000 take 23 s;
* size: a tag costs about 300 bytes of memory.

An ordinary page never comes near these bounds; its text goes to the parser untouched.
"""

import re

MAX_CHARACTERS = 20_000_000
MAX_DEPTH = 2_000
MAX_FORMATTING = 32
MAX_GROWTH = 1_000_000
"""Most nodes that unclosed formatting may add."""
_HARMLESS_ATTRIBUTES = 10_000
"""So many in one tag take 0.13 s."""
_HARMLESS_TAGS = 1_500
"""So few tags cannot do harm, however they are nested (worst case: 0.4 s, 200 MB)."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+>?")
_BETWEEN_ATTRIBUTES = " \t\n\f\r/"
_LONG_TAG = re.compile(r"(<[a-zA-Z][^\s/>]{0,100})((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)")
_FORMATTING = frozenset(("b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u", "nobr"))
_EMPTY = "area base br col embed hr img input link meta param source track wbr"
_SELF_CLOSING = "p li dt dd td th tr tbody thead tfoot colgroup option optgroup rp rt html head body a"
_NOT_NESTING = frozenset((*_EMPTY.split(), *_SELF_CLOSING.split()))
"""Empty elements, and those whose end tag may be left out: the parser closes them by itself."""


def bounded(html: str) -> tuple[str, tuple[str, ...]]:
    """The text the parser may have, and what was done to it, in words (nothing, for nearly every page)."""
    notes = []
    if len(html) > MAX_CHARACTERS:
        html = html[:MAX_CHARACTERS]
        notes.append(f"only the first {MAX_CHARACTERS} characters were read")
    if sum(map(html.count, _BETWEEN_ATTRIBUTES)) > _HARMLESS_ATTRIBUTES:
        short = _LONG_TAG.sub(_without_attributes, html)
        if len(short) < len(html):
            html = short
            notes.append("a tag with attributes beyond reason lost them")
    if html.count("<") > _HARMLESS_TAGS:
        pruner = _Pruner(html)
        html = pruner.pruned(html)
        notes += pruner.notes
    return html, tuple(notes)


def _without_attributes(tag: re.Match[str]) -> str:
    attributes = tag[2]
    if (
        len(attributes) <= _HARMLESS_ATTRIBUTES
        or sum(map(attributes.count, _BETWEEN_ATTRIBUTES)) <= _HARMLESS_ATTRIBUTES
    ):
        return tag[0]
    return tag[1]


class _Pruner:
    """Counts open elements along the text and drops the start tags that go beyond the bounds."""

    def __init__(self, html: str) -> None:
        self._open: dict[str, int] = {}
        self._depth = 0
        self._formatting = 0
        self._most_formatting = max(3, min(MAX_FORMATTING, MAX_GROWTH // html.count("<")))
        self._dropped = 0

    @property
    def notes(self) -> list[str]:
        """What was done, in words."""
        return [f"{self._dropped} start tags nested beyond reason were ignored"] if self._dropped else []

    def pruned(self, html: str) -> str:
        """The text without the start tags that nest too deep; the very same object when there are none."""
        kept: list[str] = []
        position = 0
        for match in _TAG.finditer(html):
            if self._passes(match[2].lower(), closing=bool(match[1])):
                continue
            kept.append(html[position : match.start()])
            position = match.end()
            self._dropped += 1
        return "".join([*kept, html[position:]]) if self._dropped else html

    def _passes(self, tag: str, *, closing: bool) -> bool:
        if tag in _NOT_NESTING:
            return True
        count = self._open.get(tag, 0)
        step = (-1 if count else 0) if closing else 1
        formatting = self._formatting + (step if tag in _FORMATTING else 0)
        if step > 0 and (self._depth >= MAX_DEPTH or formatting > self._most_formatting):
            return False
        self._open[tag] = count + step
        self._depth += step
        self._formatting = formatting
        return True
