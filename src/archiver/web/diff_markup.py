"""Their words as markup: changed words with `ins` and `del`. Everything of theirs is escaped."""

from collections.abc import Iterable

from markupsafe import Markup

from archiver.text.clean import printable
from archiver.text.edit_context import parts_of

_TAGS = {"insert": "ins", "delete": "del"}
_ELEMENT = Markup("{0}<{1}>{2}</{1}>{3}")
_BREAK = Markup("<br>")
_CUT = Markup("…")


def context_markup(context: str | None, most: int = 400) -> Markup:
    """Return the changed words of an edit, as the archive stores them: `… [-278-]{+337+} …`.

    Args:
        context: the stored text.
        most: the most characters that are shown.
    """
    return spans_markup(parts_of(context or ""), most)


def spans_markup(spans: Iterable[tuple[str, str]], most: int = 10**9) -> Markup:
    """Return spans of text (equal, insert, delete) as markup, cut after `most` characters."""
    drawn: list[Markup] = []
    left = most
    for op, text in spans:
        if left <= 0:
            drawn.append(_CUT)
            break
        drawn.append(_span(op, text[:left] + (str(_CUT) if len(text) > left else "")))
        left -= len(text)
    return Markup().join(drawn)


def _span(op: str, text: str) -> Markup:
    """Return one span. A space at its ends stays outside of `ins` and `del`, so that the mark stands at a word."""
    if op not in _TAGS:
        return _lines(text)
    bare = text.strip(" ")
    if not bare:
        return _ELEMENT.format("", _TAGS[op], "␣" if text else "", "")
    before = text[: len(text) - len(text.lstrip(" "))]
    after = text[len(text.rstrip(" ")) :]
    return _ELEMENT.format(before, _TAGS[op], _lines(bare), after)


def _lines(text: str) -> Markup:
    """Return text without control characters, with its line breaks."""
    return _BREAK.join(printable(line, len(line)) for line in text.split("\n"))
