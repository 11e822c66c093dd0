"""The changed words of an edit with some around them, as HTML."""

from collections.abc import Iterable, Iterator
from html import escape

from archiver.change.diff import Span, compact, diff_field
from archiver.model.version import FieldChange
from archiver.text.clean import printable

MOST = 8_000
"""The most characters of an edit that HTML shows."""

_TAGS = {"insert": ("<ins>", "</ins>"), "delete": ("<del>", "</del>"), "equal": ("", "")}


def changed_words(change: FieldChange) -> tuple[Span, ...]:
    """Return the difference, with long unchanged text cut to what is next to a change."""
    return compact(diff_field(change))


def as_html(change: FieldChange, most: int = MOST) -> str:
    """Return changed words as HTML with `ins`, `del` and `br`. All markup in them is escaped."""
    return "".join(map(_marked, _bounded(changed_words(change), most)))


def _marked(span: Span) -> str:
    before, after = _TAGS[span.op]
    lines = (escape(printable(line, len(line))) for line in span.text.split("\n"))
    return f"{before}{'<br>'.join(lines)}{after}"


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
