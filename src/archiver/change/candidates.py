"""Infers the transformations that one change may consist of. Other pages decide which of them a redesign made."""

import re

from archiver.change.diff import diff_text
from archiver.change.transformation import (
    LONGEST_SHOWN,
    PRECISION,
    TIMED,
    Items,
    Transformation,
    Way,
    block_head,
    letters,
    shift_of,
)
from archiver.change.typographic_fold import typographic_fold
from archiver.text.words import words


def candidates(old: Items, new: Items) -> set[Transformation]:
    """Return the transformations that explain a change or a part of it."""
    if not old or not new:
        return {Transformation(Way.APPEARS if new else Way.GOES)}
    if len(old) != len(new):
        added = {Transformation(Way.ADDS, after=item) for item in new if item not in old}
        return added | {Transformation(Way.DROPS, item) for item in old if item not in new}
    found: set[Transformation] = set()
    for left, right in zip(old, new, strict=True):
        if left != right:
            found |= _of_texts(left, right)
    if len(old) == 1 and max(len(old[0]), len(new[0])) <= 2 * LONGEST_SHOWN:
        found.add(Transformation(Way.RENAMED, old[0], new[0]))
    return found


def _of_texts(old: str, new: str) -> set[Transformation]:
    if TIMED.fullmatch(old) and TIMED.fullmatch(new):
        return _of_moments(old, new)
    found: set[Transformation] = set()
    if kind := typographic_fold(old, new):
        found.add(Transformation(Way.FOLD, after=kind))
    if letters((old,), str.casefold) == letters((new,), str.casefold) and letters((old,)) != letters((new,)):
        how = next((name for name in ("upper", "lower", "title") if getattr(new, name)() == new), "other")
        return found | {Transformation(Way.CASE, after=how)}
    found |= {Transformation(Way.ADDS, after=piece) for piece in _affixes(new, old)}
    found |= {Transformation(Way.DROPS, piece) for piece in _affixes(old, new)}
    gone = ""
    for op, text in (*diff_text(old, new), ("equal", "")):
        if op == "delete":
            gone = text
            continue
        found |= _of_edit(gone, text if op == "insert" else "")
        gone = ""
    return found


def _of_moments(old: str, new: str) -> set[Transformation]:
    size = min(len(old), len(new))
    if old[:size] == new[:size]:
        return {Transformation(Way.ROUNDED, after=PRECISION.get(size, "the day"))}
    return {Transformation(Way.SHIFTED, after=shift_of(old, new))} if shift_of(old, new) else set()


def _of_edit(gone: str, come: str) -> set[Transformation]:
    if gone.strip() and come.strip():
        whole, least = (gone.strip(), come.strip()), _trimmed(gone, come)
        pairs = {whole, least} if not any(map(str.isalnum, "".join(least))) else {whole}
        return {Transformation(Way.BECOMES, before, after) for before, after in pairs if before and after}
    found = set()
    if come.strip():
        found = {Transformation(Way.ADDS, after=come), Transformation(Way.ADDS_BLOCK, after=block_head(come))}
    elif gone.strip():
        found = {Transformation(Way.DROPS, gone), Transformation(Way.DROPS_BLOCK, block_head(gone))}
    return {each for each in found if not each.is_loose or each.before or each.after}


def _trimmed(old: str, new: str) -> tuple[str, str]:
    """Return two texts without their common start and end."""
    size = min(len(old), len(new))
    start = next((at for at in range(size) if old[at] != new[at]), size)
    size -= start
    end = next((at for at in range(size) if old[-1 - at] != new[-1 - at]), size)
    return old[start : len(old) - end].strip(), new[start : len(new) - end].strip()


def _affixes(text: str, other: str) -> set[str]:
    """Return the parts of a short text before its first mark or after its last that another text lacks: ` | Portal`."""
    if len(text) > 10 * LONGEST_SHOWN:
        return set()
    found = {text[: match.end()] for match in re.finditer(r"^[^\s].{0,40}?[:|–—·»-]\s+", text)}
    found |= {text[match.start() :] for match in re.finditer(r"\s+[|–—·»-]\s+[^|–—·»]{1,60}$", text)}
    known = set(words(other.casefold()))
    return {piece for piece in found if piece != text and not _words_in(piece) <= known}


def _words_in(text: str) -> set[str]:
    return {word for word in words(text.casefold()) if any(map(str.isalnum, word))}
