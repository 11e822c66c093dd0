"""Divide a part by its words: text that only flows differently, because a word before it is longer, is no difference.

A word is what stands between blank columns of a line, and a line what stands between blank rows. Nothing is read:
words are compared by their pixels (`same_word`), in reading order.
"""

from collections import Counter
from typing import NamedTuple

from PIL import Image

from archiver.render.difference.picture import Picture, row_keys
from archiver.render.difference.region import Box, DifferingPart
from archiver.render.difference.row_alignment import DifferingRun, Key, differing_runs
from archiver.render.difference.same_word import SameWords

_SPACE = 4
"""The least space between words, in pixels. Where letters stand apart, they are compared alone: no harm."""
_MOST_WORDS = 2_000
_MOST_OF_ALL = 3_000
"""After so many words, parts are not divided by words any more."""
_HIGHEST_LINE = 80


class _PlacedWord(NamedTuple):
    """The box of a word, and a number that all words have which look like it."""

    box: Box
    key: int


def differing_words(known: SameWords, before: Picture, after: Picture, part: DifferingPart) -> list[DifferingPart]:
    """Return the parts that differ; the part itself when most of it is not the same words on both sides."""
    if known.seen > _MOST_OF_ALL:
        return [part]
    old, new = _words(before, part.before, known), _words(after, part.after, known)
    if not old or not new:
        return [part]
    runs = differing_runs([each.key for each in old], [each.key for each in new])
    equal = len(old) - sum(run.old_end - run.old_start for run in runs)
    if 2 * equal < max(len(old), len(new)):
        return [part]
    parts = [_of_words(part, old, new, run) for run in runs]
    return [each for each in parts if not _is_one_word(before, after, each, known)]


def _of_words(part: DifferingPart, old: list[_PlacedWord], new: list[_PlacedWord], run: DifferingRun) -> DifferingPart:
    was, came = old[run.old_start : run.old_end], new[run.new_start : run.new_end]
    return DifferingPart(
        _around(was) or _place(part.before, old, run.old_start),
        _around(came) or _place(part.after, new, run.new_start),
    )


def _is_one_word(before: Picture, after: Picture, part: DifferingPart, known: SameWords) -> bool:
    """Tell whether a part looks the same on both sides, but letters that stand apart were divided differently."""
    old, new = part
    if not old.area or old.height != new.height or abs(old.width - new.width) > _SPACE:
        return False
    pictures = before.crop(old), after.crop(new)
    ground = _ground(row_keys(pictures[0].transpose(Image.Transpose.TRANSPOSE)))
    return ground is not None and len({known.number(each, tuple(ground)) for each in pictures}) == 1


def _ground(columns: list[Key]) -> bytes | None:
    """Return the most frequent colour of columns that have one, None when none has."""
    colours = Counter(key for key in columns if isinstance(key, bytes))
    return colours.most_common(1)[0][0] if colours else None


def _around(words: list[_PlacedWord]) -> Box | None:
    """Return the smallest box that has these words, None of none."""
    if not words:
        return None
    box = words[0].box
    for word in words:
        box = box.joined(word.box)
    return box


def _place(whole: Box, words: list[_PlacedWord], number: int) -> Box:
    """Return the place before a word, without area."""
    if number < len(words):
        left, top, _, bottom = words[number].box
        return Box(left, top, left, bottom)
    last = words[-1].box if words else Box(whole.left, whole.top, whole.left, whole.bottom)
    return Box(last.right, last.top, last.right, last.bottom)


def _words(picture: Picture, whole: Box, known: SameWords) -> list[_PlacedWord]:
    """Return the words of a box in reading order; none when it does not look like text."""
    found: list[_PlacedWord] = []
    for top, bottom in _filled(row_keys(picture.crop(whole)), None, 1):
        if bottom - top > _HIGHEST_LINE or len(found) > _MOST_WORDS:
            return []
        line = Box(whole.left, whole.top + top, whole.right, whole.top + bottom)
        found += _words_of_line(picture, line, known)
    return found


def _words_of_line(picture: Picture, line: Box, known: SameWords) -> list[_PlacedWord]:
    """Return the words of a line. A column of one colour may be the stem of a letter; the most frequent is empty."""
    columns = row_keys(picture.crop(line).transpose(Image.Transpose.TRANSPOSE))
    ground = _ground(columns)
    if ground is None:
        return []
    words = []
    for left, right in _filled(columns, ground, _SPACE):
        column = picture.crop((line.left + left, line.top, line.left + right, line.bottom))
        ends = _filled(row_keys(column), ground, line.height)[0]
        box = Box(line.left + left, line.top + ends[0], line.left + right, line.top + ends[1])
        words.append(_PlacedWord(box, known.number(column.crop((0, ends[0], box.width, ends[1])), tuple(ground))))
    return words


def _filled(keys: list[Key], ground: bytes | None, space: int) -> list[tuple[int, int]]:
    """Return the runs of rows (or columns) that are not blank; runs with less space between them are one.

    Args:
        keys: of the rows.
        ground: the colour of a blank row; None: any.
        space: how many blank rows are between two runs at least.
    """
    found: list[tuple[int, int]] = []
    for place, key in enumerate(keys):
        if isinstance(key, bytes) and key == (ground or key):
            continue
        if found and place - found[-1][1] < space:
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found
