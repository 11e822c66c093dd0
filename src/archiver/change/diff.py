"""Word-level differences: what a reader would mark with two pens.

A difference is a row of spans; equal and delete joined give the old text, equal and insert the new one. Cost is
bounded: what both sides share at their ends is set aside first; what is left is compared word by word when small,
else paragraph by paragraph, and only paragraphs that differ are looked into.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from archiver.model.record import FIELDS
from archiver.model.version import FieldChange, FieldValue
from archiver.text.words import words

Op = Literal["equal", "insert", "delete"]

MOST_TOKENS = 4000  # two sides of this many differ in about 50 ms; more are compared by paragraphs
_MOST_PAIRS = 2_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text that stayed, came or went."""

    op: Op
    text: str


def diff_text(old: str, new: str) -> tuple[Span, ...]:
    """The spans between two texts."""
    return tuple(_joined(_ends(words(old), words(new))))


def _ends(old: list[str], new: list[str]) -> Iterable[Span]:
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    yield Span("equal", "".join(old[:start]))
    yield from _middle(old[start : len(old) - end], new[start : len(new) - end])
    yield Span("equal", "".join(old[len(old) - end :]))


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _middle(old: list[str], new: list[str]) -> Iterable[Span]:
    if len(old) <= MOST_TOKENS and len(new) <= MOST_TOKENS and len(old) * len(new) <= _MOST_PAIRS:
        yield from _matched(old, new)
        return
    left, right = _lines("".join(old)), _lines("".join(new))
    if len(left) * len(right) > _MOST_PAIRS or max(len(left), len(right)) <= 1:
        yield Span("delete", "".join(old))
        yield Span("insert", "".join(new))
        return
    for op, gone, come in _blocks(left, right):
        if op == "equal":
            yield Span("equal", "".join(gone))
        else:
            before, after = words("".join(gone)), words("".join(come))
            small = len(before) * len(after) <= _MOST_PAIRS
            yield from _matched(before, after) if small else _replaced(before, after)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _replaced(old: list[str], new: list[str]) -> Iterable[Span]:
    yield Span("delete", "".join(old))
    yield Span("insert", "".join(new))


def _blocks(old: list[str], new: list[str]) -> Iterable[tuple[str, list[str], list[str]]]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        yield op, old[a:b], new[c:d]


def _matched(old: list[str], new: list[str]) -> Iterable[Span]:
    for op, gone, come in _blocks(old, new):
        if op == "equal":
            yield Span("equal", "".join(gone))
        else:
            yield from _replaced(gone, come)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Group what belongs together: lone white space between two edits goes with them; one delete, one insert."""
    grouped: list[Span] = []
    gone, come, gap = "", "", ""

    def flush() -> None:
        nonlocal gone, come, gap
        grouped.extend(Span(op, text) for op, text in (("delete", gone), ("insert", come), ("equal", gap)) if text)  # type: ignore[arg-type]
        gone = come = gap = ""

    for span in spans:
        if not span.text:
            continue
        if span.op == "equal":
            if (gone or come) and span.text.isspace() and "\n" not in span.text and not gap:
                gap = span.text
                continue
            flush()
            grouped.append(span)
            continue
        if gap:
            gone, come, gap = gone + gap, come + gap, ""
        gone, come = (gone + span.text, come) if span.op == "delete" else (gone, come + span.text)
    flush()
    return _merged(grouped)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].op == span.op:
            merged[-1] = Span(span.op, merged[-1].text + span.text)
        else:
            merged.append(span)
    return merged


def apply(spans: Iterable[Span], side: Literal["old", "new"]) -> str:
    """One side of a difference, whole."""
    dropped = "insert" if side == "old" else "delete"
    return "".join(span.text for span in spans if span.op != dropped)


def counts(spans: Iterable[Span]) -> tuple[int, int]:
    """Characters added and removed."""
    added = removed = 0
    for span in spans:
        added += len(span.text) if span.op == "insert" else 0
        removed += len(span.text) if span.op == "delete" else 0
    return added, removed


def as_text(value: FieldValue) -> str:
    """A field's value as one text: lists a line each."""
    return "\n".join(value) if isinstance(value, tuple) else value or ""


def diff_field(change: FieldChange) -> tuple[Span, ...]:
    """The spans of one field's change."""
    return diff_text(as_text(change.old), as_text(change.new))


def reading_order(names: Iterable[str]) -> list[str]:
    """Fields in the order people read them; the profile's own last, by name."""
    place = {name: number for number, name in enumerate(FIELDS)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))


def nature(old: str, new: str) -> str:
    """What kind of difference: whitespace, case, punctuation, accents, or text."""
    steps = (
        ("whitespace", lambda text: re.sub(r"\s+", "", text)),
        ("case", lambda text: re.sub(r"\s+", "", text).casefold()),
        ("punctuation", lambda text: re.sub(r"[\W_]+", "", text)),
        ("accents", lambda text: re.sub(r"\s+", "", _bare(text))),
    )
    return next((name for name, fold in steps if fold(old) == fold(new)), "text")


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in folded if not unicodedata.combining(char))


def compact(spans: tuple[Span, ...], context: int = 40) -> tuple[Span, ...]:
    """Long equal runs cut to their ends, for a terminal."""
    last = len(spans) - 1
    return tuple(
        Span(span.op, _cut(span.text, context, first=number == 0, last=number == last)) if span.op == "equal" else span
        for number, span in enumerate(spans)
    )


def _cut(text: str, context: int, *, first: bool, last: bool) -> str:
    if first and last:
        return text
    head = "" if first else text[:context]
    tail = "" if last else text[-context:]
    return text if len(text) <= len(head) + len(tail) + 3 else f"{head} … {tail}".lstrip(" " if first else "")
