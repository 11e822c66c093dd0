"""The changed words of an edit with some around them: as one line of text, and as HTML."""

from collections.abc import Iterable, Iterator
from html import escape

from archiver.change.diff import Span, as_text, compact, diff_field, nature
from archiver.model.version import FieldChange
from archiver.text.clean import printable

LONGEST_LINE, LONGEST_HTML = 600, 8_000
"""The most characters of an edit that a line of text and that HTML show."""

_MARKS = {"insert": ("{+", "+}"), "delete": ("[-", "-]")}
_TAGS = {"insert": ("<ins>", "</ins>"), "delete": ("<del>", "</del>")}
_TYPOGRAPHY = ("whitespace", "case", "punctuation", "tone placement")


def changed_words(change: FieldChange) -> tuple[Span, ...]:
    """Return the difference, with long unchanged text cut to what is next to a change."""
    return compact(diff_field(change))


def as_line(spans: Iterable[Span], most: int = LONGEST_LINE) -> str:
    """Return changed words in one line: `… [-278-]{+337+} …`. A text of more than `most` characters is cut."""
    return "".join(
        f"{before}{printable(text, most)}{after}" for text, (before, after) in _marked(_bounded(spans, most), _MARKS)
    )


def as_html(spans: Iterable[Span], most: int = LONGEST_HTML) -> str:
    """Return changed words as HTML with `ins` and `del`. All markup in them is escaped."""
    return "".join(
        f"{before}{'<br>'.join(escape(printable(line, most)) for line in text.split(chr(10)))}{after}"
        for text, (before, after) in _marked(_bounded(spans, most), _TAGS)
    )


def _marked(spans: Iterable[Span], marks: dict[str, tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    return ((span.text, marks.get(span.op, ("", ""))) for span in spans)


def _bounded(spans: Iterable[Span], most: int) -> Iterator[Span]:
    """Yield spans until they have `most` characters, and say how many characters are left out."""
    left, cut = most, 0
    for span in spans:
        kept = span.text[:left]
        left -= len(kept)
        cut += len(span.text) - len(kept)
        if kept:
            yield Span(span.op, kept)
    if cut:
        yield Span("equal", f" … ({cut} characters more)")


def nature_of(change: FieldChange) -> str:
    """Return the nature of an edit for which the archive stores none: words, figures, typography or media."""
    if change.field in ("images", "files", "file"):
        return "media"
    old, new = as_text(change.old), as_text(change.new)
    if nature(old, new) in _TYPOGRAPHY:
        return "typography"
    return "figures" if old and new and _without_figures(old) == _without_figures(new) else "words"


def _without_figures(text: str) -> str:
    return "".join(char for char in text if not char.isdigit() and char not in ".,")
