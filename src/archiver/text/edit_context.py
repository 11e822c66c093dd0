r"""A difference as text: `… Điều 4 [-278-]{+337+} người …`, the changed words with some around them.

Removed text is in `[-` `-]`, added text in `{+` `+}`, ` … ` is equal text that is left out, ¶ ends a paragraph and ⏎ a
line. Where the text itself has such a mark, a backslash is put into it: `[\-`. Changed text that begins or ends with
`-` or `+` has a space more there: `[- - -]` is a removed hyphen. `parts_of` reads all of it back.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archiver.text.clean import printable
from archiver.text.edit_nature import is_typographic
from archiver.text.word_diff import Op, Span, cut

MOST = 400
"""The maximum length of a context, in characters."""

_AROUND = 40  # characters of equal text on each side of an edit
_MOST_CHANGED = 120  # characters of a removed or an added text
_GAP = " … "
_MOST_TYPOGRAPHIC = 1000  # characters of an edit that is looked at for typography
_MOST_WEIGHED = 1000  # edits of which typography is set aside, when not all fit
_MARKS = {"insert": ("{+", "+}"), "delete": ("[-", "-]"), "equal": ("", "")}
_PARAGRAPH = re.compile(r"\n{2,}")
_MARK = re.compile(r"(\[\\*)(?=-)|(-\\*)(?=\])|(\{\\*)(?=\+)|(\+\\*)(?=\})")
_ESCAPED = re.compile(r"(\[\\*)\\(?=-)|(-\\*)\\(?=\])|(\{\\*)\\(?=\+)|(\+\\*)\\(?=\})")
_BARE = re.compile(r"\A(?= *[-+])|(?<=[-+])(?= *\Z)")
_PADDED = re.compile(r"\A (?= *[-+])|(?<=[-+]) (?= *\Z)")
_PART = re.compile(r"\[-(?P<delete>.*?)-\]|\{\+(?P<insert>.*?)\+\}", re.DOTALL)


class _Hunk(NamedTuple):
    """A change: its place among the changes, the equal text around it, and whether it is the last."""

    place: int
    before: str
    changed: tuple[Span, ...]
    after: str
    is_last: bool


def marked(span: Span, paragraph: str = " ¶ ", line: str = " ⏎ ") -> str:
    """Return a span as text with its marks, without control characters.

    Args:
        span: the span.
        paragraph: what replaces the end of a paragraph.
        line: what replaces another line break.
    """
    return _in_marks(span.op, _readable(span.text, paragraph, line))


def context_of(spans: Sequence[Span], most: int = MOST) -> str:
    """Return the changed words of a difference with some around them, in one line; "" when nothing differs.

    The line has at most `most` characters, except for one edit that needs more. When not all edits fit, those of
    typography are left out first.
    """
    hunks = _hunks(spans)
    shown = _line(hunks) if len(hunks) < most else ""
    if hunks and not 0 < len(shown) <= most:
        read = [each for each in hunks[:_MOST_WEIGHED] if not _is_typographic(each)]
        return _line_of_some(read or hunks[_MOST_WEIGHED:] or hunks, most)
    return shown


def parts_of(context: str) -> Iterator[tuple[Op, str]]:
    """Yield the parts of a context: equal, deleted and inserted text, without marks."""
    for op, part in marked_parts_of(context):
        before, after = _MARKS[op]
        inner = part[len(before) : len(part) - len(after)]
        shown = inner if op == "equal" else _PADDED.sub("", inner)
        yield op, _ESCAPED.sub(lambda found: found[found.lastindex or 0], shown)


def marked_parts_of(context: str) -> Iterator[tuple[Op, str]]:
    """Yield the parts of a context with their marks; joined they are the context."""
    at = 0
    for found in _PART.finditer(context):
        if found.start() > at:
            yield "equal", context[at : found.start()]
        yield "insert" if found["delete"] is None else "delete", found[0]
        at = found.end()
    if at < len(context):
        yield "equal", context[at:]


def _in_marks(op: Op, text: str) -> str:
    """Return text in the marks of an operation, with a space next to a `-` or `+` that would touch them."""
    before, after = _MARKS[op]
    return text if op == "equal" else f"{before}{_BARE.sub(' ', text)}{after}"


def _readable(text: str, paragraph: str = " ¶ ", line: str = " ⏎ ") -> str:
    """Return text without control characters, with signs for its breaks, and with its own marks escaped."""
    parts = (line.join(printable(part, len(part)) for part in one.split("\n")) for one in _PARAGRAPH.split(text))
    return _MARK.sub(lambda found: found[0] + "\\", paragraph.join(parts))


def _hunks(spans: Sequence[Span]) -> list[_Hunk]:
    """Return the changes, each with the equal text around it."""
    hunks: list[_Hunk] = []
    before, changed = "", list[Span]()
    for span in (*spans, Span("equal", "")):
        if span.op != "equal":
            changed.append(span)
            continue
        if changed:
            hunks.append(_Hunk(len(hunks), before, tuple(changed), span.text, is_last=False))
        before, changed = span.text, []
    return [*hunks[:-1], *(each._replace(is_last=True) for each in hunks[-1:])]


def _is_typographic(hunk: _Hunk) -> bool:
    before, after = hunk.before[-_AROUND:], hunk.after[:_AROUND]
    old, new = ("".join(each.text for each in hunk.changed if each.op == op) for op in ("delete", "insert"))
    if len(old) + len(new) > _MOST_TYPOGRAPHIC:
        return False
    return is_typographic(f"{before}{old}{after}", f"{before}{new}{after}")


def _line_of_some(hunks: Sequence[_Hunk], most: int) -> str:
    """Return as many of the changes as fit, from the first, as one line."""
    shown = _line(hunks[:1])
    for count in range(2, len(hunks) + 1):
        longer = _line(hunks[:count])
        if len(longer) > most:
            break
        shown = longer
    return shown


def _line(hunks: Sequence[_Hunk]) -> str:
    parts: list[str] = []
    for number, hunk in enumerate(hunks):
        last = hunks[number - 1] if number else None
        if last is not None and hunk.place == last.place + 1:
            parts.append(_ends(hunk.before, _AROUND, _AROUND))
        else:
            parts.append(_ends(last.after, _AROUND, 0).removesuffix(_GAP) if last is not None else "")
            tail = _ends(hunk.before, 0, _AROUND)
            parts += (_GAP, tail.removeprefix(_GAP)) if hunk.place else (tail,)
        for span in hunk.changed:
            parts.append(_in_marks(span.op, _ends(span.text, _MOST_CHANGED // 2, _MOST_CHANGED // 2)))
    if hunks:
        tail = _ends(hunks[-1].after, _AROUND, 0)
        parts.append(tail if hunks[-1].is_last else tail.removesuffix(_GAP) + _GAP)
    return "".join(parts).strip()


def _ends(text: str, head: int, tail: int) -> str:
    """Return a text for a line, shortened to about its first `head` and last `tail` characters."""
    most = 2 * max(head, tail)  # of each end, because invisible characters are removed
    if len(text) > 2 * most:
        text = f"{text[:most]}{text[len(text) - most :]}"
    return cut(_readable(text), head, tail)
