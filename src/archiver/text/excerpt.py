"""Show a hit of a search with a few words around it."""

import re

BEFORE, AFTER = 60, 100  # characters shown around the first hit

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
    first, last = spans[0]
    start, end = max(0, first - BEFORE), min(len(text), max(last, first + AFTER))
    if start and (gap := text.find(" ", start, first)) >= 0:
        start = gap + 1
    if end < len(text) and (gap := text.rfind(" ", last, end)) >= 0:
        end = gap
    parts, at = [], start
    for left, right in spans:
        if right <= end:
            parts += [text[at:left], "[", text[left:right], "]"]
            at = right
    shown = " ".join("".join([*parts, text[at:end]]).split())
    return ("… " if start else "") + shown + (" …" if end < len(text) else "")
