"""Show a hit of a search with a few words around it."""

import re

BEFORE, AFTER = 60, 100  # characters shown around the first hit

_SPACES = re.compile(r"\s+")
_MARKED = re.compile("\x02([^\x02\x03]*)\x03")


def spans_of(marked: str) -> list[tuple[int, int]]:
    """Return the positions of the marks U+0002 … U+0003 of a text, in the text without them."""
    spans = []
    for number, match in enumerate(_MARKED.finditer(marked)):
        start = match.start() - 2 * number
        spans.append((start, start + len(match[1])))
    return spans


def excerpt(text: str, spans: list[tuple[int, int]]) -> str:
    """Return one line around the first span, each span in [ ], cut at words, with … where the text goes on."""
    return "".join(f"[{part}]" if is_hit else part for is_hit, part in excerpt_parts(text, spans))


def excerpt_parts(text: str, spans: list[tuple[int, int]]) -> list[tuple[bool, str]]:
    """Return the same line in parts, each with whether it is a hit."""
    first, last = spans[0]
    start, end = max(0, first - BEFORE), min(len(text), max(last, first + AFTER))
    if start and (gap := text.find(" ", start, first)) >= 0:
        start = gap + 1
    if end < len(text) and (gap := text.rfind(" ", last, end)) >= 0:
        end = gap
    parts = parts_between(text, spans, (start, end))
    return [*([(False, "… ")] if start else []), *parts, *([(False, " …")] if end < len(text) else [])]


def parts_between(text: str, spans: list[tuple[int, int]], ends: tuple[int, int]) -> list[tuple[bool, str]]:
    """Return the text between two places as one line in parts, each with whether it is a hit."""
    at, end = ends
    parts: list[tuple[bool, str]] = []
    for left, right in spans:
        if right <= end:
            parts += [(False, text[at:left]), (True, text[left:right])]
            at = right
    return _one_line([*parts, (False, text[at:end])])


def _one_line(parts: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Return parts with single spaces, none at the ends of the whole."""
    shown: list[tuple[bool, str]] = []
    is_space = True  # no space at the beginning
    for is_hit, part in parts:
        line = _SPACES.sub(" ", part)
        line = line.removeprefix(" ") if is_space else line
        if line:
            shown.append((is_hit, line))
            is_space = line.endswith(" ")
    if shown and is_space:
        shown[-1] = (shown[-1][0], shown[-1][1][:-1])
    return shown
