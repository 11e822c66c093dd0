"""Which part of a page is its main text, given what a generic extractor took from it.

trafilatura is precise and often stops early: it drops lists, tables, questions of an FAQ, and all but the first of
several sibling sections. So its text only says *where* the main text is: the smallest block that holds nearly all of
it. The whole block is then read as a reader sees it, without navigation, link lists and boxes named for what they are
(comments, related articles, share buttons). Siblings of the block that hold as much running text belong to it.
"""

import re
from collections.abc import Iterable

from archiver.extract.outline import Block, Outline, Run, ids_of, is_aside
from archiver.extract.tree import Node

_WORD = re.compile(r"\w+")
_SHINGLE = 4
"""Words in a row that are looked for in the extractor's text."""
_LEAST_SAME = 0.75
_NEARLY_ALL = 0.9
_LEAST_MARKED = 0.5
_LONG = 60
"""Characters from which a run of text is running text, if it is not made of links."""
_LEAST_CHARACTERS = 25
_MOST_UP = 4
_LEAST_QUALITY = 0.5

_LISTED = ids_of("li td th dd dt h1 h2 h3 h4 h5 h6 caption summary")
_COUNTER = re.compile(r"(?=.{1,40}\Z).*\d", re.DOTALL)
"""A short line with a figure, which may be another one at the next visit: a counter, a date, a number of comments."""


def find_main_text(outline: Outline, text: str, marked: Node | None = None) -> tuple[Node, frozenset[int]] | None:
    """Find the block that holds the main text, and the nodes in it (`mem_id`) that are not part of it.

    Args:
        outline: the runs of text of the page.
        text: what a generic extractor took for the main text.
        marked: the element that the page marks as its article body. It counts if it holds half of the text.

    Returns:
        None when the text cannot be found in the page.
    """
    _mark_covered(outline.runs, text)
    _count(outline)
    place = _marked(outline.blocks, marked)
    if place is None:
        place = _container(outline.blocks)
        if place is None:
            return None
        place = _with_siblings(outline, place)
    return outline.blocks[place].node, _left_out(outline, place)


def _mark_covered(runs: Iterable[Run], text: str) -> None:
    """Mark the runs that stand in the extractor's text, by the words they have in a row with it."""
    known: set[tuple[str, ...]] = set()
    for part in text.split("\n"):
        words = _WORD.findall(part.lower())
        known.update(_shingles(words))
        known.add(tuple(words[:_SHINGLE]))
    for run in runs:
        words = _WORD.findall(run.text.lower())
        if words:
            shingles = _shingles(words)
            run.is_covered = sum(map(known.__contains__, shingles)) >= _LEAST_SAME * len(shingles)


def _shingles(words: list[str]) -> list[tuple[str, ...]]:
    if len(words) <= _SHINGLE:
        return [tuple(words)]
    return list(zip(*(words[start:] for start in range(_SHINGLE)), strict=False))


def _count(outline: Outline) -> None:
    """Give each block the characters that stand in it, at any depth."""
    blocks = outline.blocks
    for run in outline.runs:
        block, length = blocks[run.block], len(run.text)
        block.text += length
        if run.is_covered and run.is_prose and length >= _LEAST_CHARACTERS:
            block.covered += length
        if length >= _LONG and run.is_prose and not block.is_beside:
            block.good += length
    for block in reversed(blocks):
        if block.parent >= 0:
            above = blocks[block.parent]
            above.covered += block.covered
            above.text += block.text
            above.good += block.good


def _marked(blocks: list[Block], marked: Node | None) -> int | None:
    number = None if marked is None else marked.mem_id
    least = _LEAST_MARKED * blocks[0].covered if blocks else 0
    places = (at for at, each in enumerate(blocks) if each.node.mem_id == number and each.covered >= least > 0)
    return next(places, None)


def _container(blocks: list[Block]) -> int | None:
    """The smallest block that holds nearly all of the covered text."""
    if not blocks or not blocks[0].covered:
        return None
    least = _NEARLY_ALL * blocks[0].covered
    place = 0
    for number, block in enumerate(blocks):
        if block.parent == place and block.covered >= least:
            place = number
    return place


def _with_siblings(outline: Outline, place: int) -> int:
    """The block around several siblings, if those without covered text hold as much running text as this one."""
    blocks = outline.blocks
    best, child = place, place
    for _ in range(_MOST_UP):
        parent = blocks[child].parent
        if parent < 0:
            break
        others = [
            block
            for number, block in enumerate(blocks)
            if block.parent == parent and number != child and not block.is_beside and not is_aside(block.node)
        ]
        good, text = sum(block.good for block in others), sum(block.text for block in others)
        if good >= blocks[child].good and good >= _LEAST_QUALITY * text and good:
            best = parent
        child = parent
    return best


def _left_out(outline: Outline, place: int) -> frozenset[int]:
    """The outermost blocks inside a block none of whose runs belong to the main text."""
    blocks = outline.blocks
    inside = [False] * len(blocks)
    inside[place] = True
    aside = [False] * len(blocks)
    for number in range(place + 1, len(blocks)):
        block = blocks[number]
        inside[number] = block.parent >= 0 and inside[block.parent]
        if inside[number]:
            aside[number] = aside[block.parent] or block.is_beside or is_aside(block.node)
    for run in outline.runs:
        if inside[run.block] and (run.is_covered or (not aside[run.block] and _is_text(run, blocks[run.block].node))):
            blocks[run.block].kept += 1
    for number in range(len(blocks) - 1, place, -1):
        if inside[number]:
            blocks[blocks[number].parent].kept += blocks[number].kept
    return frozenset(
        blocks[number].node.mem_id
        for number in range(place + 1, len(blocks))
        if inside[number] and not blocks[number].kept
    )


def _is_text(run: Run, node: Node) -> bool:
    """Whether a run that the extractor left out is part of the text: no list of links, and no counter."""
    return run.is_prose and (node.tag_id in _LISTED or not _COUNTER.match(run.text))
