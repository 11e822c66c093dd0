"""A word difference as paragraphs, as lines, and in parts of a bounded size. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from archiver.text.word_diff import Span, apply

PARAGRAPH, LINE = "\n\n", "\n"
_MARK = "¶"
_PIECE = 6_000  # characters of a paragraph that are shown as one
_PER_SPAN, _PER_PARAGRAPH = 12, 30  # characters that their markup counts for


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a difference, or a piece of a long one.

    Attributes:
        spans: equal, deleted and inserted text.
        skipped: instead of a paragraph, how many unchanged ones are left out.
        old_line, new_line: of a line, its number before and after.
    """

    spans: tuple[Span, ...] = ()
    skipped: int = 0
    old_line: int = 0
    new_line: int = 0

    @property
    def is_changed(self) -> bool:
        """Return whether anything in it differs."""
        return any(span.op != "equal" for span in self.spans)

    def side(self, name: str) -> tuple[Span, ...]:
        """Return the spans of one side: `old` or `new`."""
        dropped = "insert" if name == "old" else "delete"
        return tuple(span for span in self.spans if span.op != dropped)

    @property
    def cost(self) -> int:
        """Return the size that counts in a part."""
        return sum(len(span.text) + _PER_SPAN for span in self.spans) + _PER_PARAGRAPH


def paragraphs(spans: Iterable[Span], between: str = PARAGRAPH) -> list[Paragraph]:
    """Return the paragraphs of a difference. A paragraph mark is shown where an edit joined or parted paragraphs.

    Args:
        spans: the difference of two texts.
        between: what parts paragraphs; of a list field, whose items are lines, a line break.
    """
    found: list[list[Span]] = [[]]
    for op, text in _rotated(list(spans), between):
        for index, part in enumerate(text.split(between)):
            if index:
                if op != "equal" and any(each.op != op for each in found[-1]):
                    found[-1].append(Span(op, _MARK))
                found.append([])
            if part:
                found[-1].append(Span(op, part))
    return [Paragraph(tuple(each)) for each in found if each]


def _rotated(spans: Sequence[Span], between: str) -> Iterator[Span]:
    """Yield the same difference; a whole new or deleted paragraph ends with its break instead of beginning with it."""
    pending = ""
    for index, (op, text) in enumerate(spans):
        if pending:
            text, pending = text.removeprefix(pending), ""  # noqa: PLW2901
        after = spans[index + 1] if index + 1 < len(spans) else None
        is_whole = op != "equal" and after is not None and after.op == "equal" and after.text.startswith(between)
        before = spans[index - 1] if index else None
        if is_whole and text.startswith(between) and before is not None and before.op == "equal":
            yield Span("equal", between)
            yield Span(op, text.removeprefix(between) + between)
            pending = between
        elif text:
            yield Span(op, text)


def lines(spans: Iterable[Span]) -> list[Paragraph]:
    """Return the lines of a difference. Lines that an edit joined or parted stay together."""
    found: list[Paragraph] = []
    current: list[Span] = []
    old = new = 1
    for op, text in spans:
        if op != "equal":
            current.append(Span(op, text))
            continue
        *whole, rest = text.split(LINE)
        for part in whole:
            line = Paragraph((*current, Span("equal", part)) if part else tuple(current), 0, old, new)
            found.append(line)
            old += 1 + apply(line.spans, "old").count(LINE)
            new += 1 + apply(line.spans, "new").count(LINE)
            current = []
        if rest:
            current.append(Span("equal", rest))
    if current:
        found.append(Paragraph(tuple(current), 0, old, new))
    return found


def folded(items: Sequence[Paragraph], around: int) -> list[Paragraph]:
    """Return paragraphs without those that are further than `around` from a change; a count stands for them."""
    changed = [index for index, each in enumerate(items) if each.is_changed]
    kept = {near for index in changed for near in range(index - around, index + around + 1)}
    found: list[Paragraph] = []
    for index, each in enumerate(items):
        if index in kept:
            found.append(each)
        elif found and found[-1].skipped:
            found[-1] = replace(found[-1], skipped=found[-1].skipped + 1)
        else:
            found.append(Paragraph(skipped=1))
    return found


def pieces(item: Paragraph, size: int = _PIECE) -> Iterator[Paragraph]:
    """Yield a paragraph in pieces of at most `size` characters."""
    if sum(len(span.text) for span in item.spans) <= size:
        yield item
        return
    piece: list[Span] = []
    room = size
    for op, text in item.spans:
        at = 0
        while at < len(text):
            part = text[at : at + room]
            piece.append(Span(op, part))
            at += len(part)
            room -= len(part)
            if not room:
                yield replace(item, spans=tuple(piece))
                piece, room = [], size
    if piece:
        yield replace(item, spans=tuple(piece))


def parts(sections: Sequence[tuple[str, Sequence[Paragraph]]], budget: int) -> list[list[tuple[str, list[Paragraph]]]]:
    """Return sections cut into parts of a bounded size: each part has sections with the paragraphs that fit.

    Args:
        sections: each with its name.
        budget: the most characters of a part.
    """
    found: list[list[tuple[str, list[Paragraph]]]] = [[]]
    room = budget
    for name, items in sections:
        found[-1].append((name, []))
        for item in items:
            for piece in pieces(item):
                if piece.cost > room and room < budget:
                    found.append([(name, [])])
                    room = budget
                found[-1][-1][1].append(piece)
                room -= piece.cost
    return found


def unified(name: str, spans: Iterable[Span], around: int = 3) -> Iterator[str]:
    """Yield a difference as the lines of a patch: `--- old`, `+++ new`, and hunks."""
    items = lines(spans)
    shown = folded(items, around)
    yield f"--- old/{name}"
    yield f"+++ new/{name}"
    hunk: list[Paragraph] = []
    for item in (*shown, Paragraph(skipped=1)):
        if not item.skipped:
            hunk.append(item)
        elif hunk:
            yield from _hunk(hunk)
            hunk = []


def _hunk(items: Sequence[Paragraph]) -> Iterator[str]:
    told = [line for item in items for line in _patch_lines(item)]
    counts = [sum(line[0] in sign for line in told) for sign in (" -", " +")]
    yield f"@@ -{items[0].old_line},{counts[0]} +{items[0].new_line},{counts[1]} @@"
    yield from told


def _patch_lines(item: Paragraph) -> Iterator[str]:
    if not item.is_changed:
        yield " " + apply(item.spans, "old")
        return
    old, new = (_split(apply(item.spans, side)) for side in ("old", "new"))
    same = 0
    while same < min(len(old), len(new)) and old[-1 - same] == new[-1 - same]:
        same += 1
    yield from (f"-{line}" for line in old[: len(old) - same])
    yield from (f"+{line}" for line in new[: len(new) - same])
    yield from (f" {line}" for line in old[len(old) - same :])


def _split(text: str) -> list[str]:
    return text.split(LINE) if text else []
