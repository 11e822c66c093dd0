"""Find the part of a page that is its main text, given the text of a generic extractor.

trafilatura is precise and often stops early: it drops lists, tables, questions of an FAQ, and all but the first of
several sibling sections. So its text only shows *where* the main text is: the smallest block with nearly all of
it. The visible text of the whole block is then read, without navigation, link lists and boxes named for their purpose
(comments, related articles, share buttons). Siblings of the block with as much running text belong to it.
"""

import re
from collections.abc import Iterable

from archiver.extract.outline import BlockElement, Outline, Run, ids_of, is_side_named
from archiver.extract.tree import Node, tag_id
from archiver.text.clean import without_joiners

_WORD = re.compile(r"\w+")
_SHINGLE = 4
"""The number of consecutive words that are looked for in the extractor's text."""
_LEAST_SAME = 0.75
_MOST_COMPARED = 400
"""Characters of a run that are compared."""
_NEARLY_ALL = 0.9
_LEAST_MARKED = 0.5
_LONG = 60
"""Characters from which a run of text is running text, if it is not made of links."""
_LEAST_CHARACTERS = 25
_MOST_UP = 4
_MOST_LEADS = 2
"""The maximum number of paragraphs of a lead; more of them are a summary, or another text."""
_MOST_LEAD = 15
"""The number of runs between the heading and the text in which a lead is looked for."""
_LEAST_BEYOND = 1.0
"""Running text before or after the extractor's, as a share of that, from which it is part of the text."""
_LEAST_MORE = 0.2
"""Text that the extractor left out, as a share of its text, from which it stopped early."""
_LEAST_QUALITY = 0.5

_H1 = tag_id("h1")
_NOT_LEAD = ids_of("nav footer aside form figcaption")
_LISTED = ids_of("li td th dd dt h1 h2 h3 h4 h5 h6 caption summary")
_COUNTER = re.compile(r"(?=.{1,40}\Z).*\d", re.DOTALL)
"""A short line with a figure that may change at each visit: a counter, a date, a number of comments."""


def find_main_text(outline: Outline, text: str, marked: Node | None = None) -> tuple[Node, frozenset[int]] | None:
    """Find the block of the main text, and the nodes in it (`mem_id`) that are not part of it.

    Args:
        outline: the runs of text of the page.
        text: the text of a generic extractor.
        marked: the element that the page marks as its article body. It counts if it contains half of the text.

    Returns:
        None when the text cannot be found in the page.
    """
    _mark_covered(outline.runs, text)
    _count(outline)
    place = _marked(outline.blocks, marked)
    is_marked = place is not None
    if place is None:
        place = _container(outline.blocks)
        if place is None:
            return None
        place = _with_siblings(outline, place)
    around = _holder(outline.blocks, outline.blocks[0].covered, place)
    left_out = _left_out(outline, place, around, is_marked=is_marked)
    return (outline.blocks[around].node, left_out) if left_out is not None else None


def find_lead(outline: Outline) -> list[str]:
    """Return the paragraphs between the heading and the extractor's text, which it often leaves out."""
    runs, blocks = outline.runs, outline.blocks
    first = next((number for number, run in enumerate(runs) if run.is_covered and run.is_prose), 0)
    headings = (
        number
        for number in range(first - 1, max(-1, first - _MOST_LEAD), -1)
        if blocks[runs[number].block].node.tag_id == _H1
    )
    heading = next(headings, first)
    found = [
        run.text
        for run in runs[heading + 1 : first]
        if len(run.text) >= _LONG and run.is_prose and not _is_is_side(blocks, run.block)
    ]
    return found if len(found) <= _MOST_LEADS else []


def _is_is_side(blocks: list[BlockElement], number: int) -> bool:
    """Return whether a block is, or is inside, a box that is not part of the text."""
    while number >= 0:
        if is_side_named(blocks[number].node) or blocks[number].node.tag_id in _NOT_LEAD:
            return True
        number = blocks[number].parent
    return False


def _mark_covered(runs: Iterable[Run], text: str) -> None:
    """Mark the runs that occur in the extractor's text, by consecutive words."""
    known: set[tuple[str, ...]] = set()
    lines = text.split("\n")
    whole = set(lines)
    for part in lines:
        words = _words(part)
        known.update(_shingles(words))
        known.add(tuple(words[:_SHINGLE]))
    for run in runs:
        run.is_covered = run.text in whole
        words = [] if run.is_covered else _words(run.text[:_MOST_COMPARED])
        if words:
            shingles = _shingles(words)
            run.is_covered = sum(map(known.__contains__, shingles)) >= _LEAST_SAME * len(shingles)


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case, without joiners: extractors remove those that are orthography, too."""
    return _WORD.findall(without_joiners(text).lower())


def _shingles(words: list[str]) -> list[tuple[str, ...]]:
    if len(words) <= _SHINGLE:
        return [tuple(words)]
    return list(zip(*(words[start:] for start in range(_SHINGLE)), strict=False))


def _count(outline: Outline) -> None:
    """Count for each block the characters in it, at any depth."""
    blocks = outline.blocks
    for block in blocks:
        block.headings = block.node.tag_id == _H1
    for run in outline.runs:
        block, length = blocks[run.block], len(run.text)
        block.text += length
        if run.is_covered and run.is_prose and length >= _LEAST_CHARACTERS:
            block.covered += length
        if length >= _LONG and run.is_prose and not block.is_side_box:
            block.good += length
    for block in reversed(blocks):
        if block.parent >= 0:
            above = blocks[block.parent]
            above.covered += block.covered
            above.text += block.text
            above.good += block.good
            above.headings += block.headings


def _marked(blocks: list[BlockElement], marked: Node | None) -> int | None:
    number = None if marked is None else marked.mem_id
    least = _LEAST_MARKED * blocks[0].covered if blocks else 0
    places = (at for at, each in enumerate(blocks) if each.node.mem_id == number and each.covered >= least > 0)
    return next(places, None)


def _container(blocks: list[BlockElement]) -> int | None:
    """Return the smallest block with nearly all of the covered text."""
    if not blocks or not blocks[0].covered:
        return None
    return _smallest(blocks, _NEARLY_ALL * blocks[0].covered)


def _smallest(blocks: list[BlockElement], least: float) -> int:
    """Return the smallest block with this much covered text."""
    place = 0
    for number, block in enumerate(blocks):
        if block.parent == place and block.covered >= least:
            place = number
    return place


def _holder(blocks: list[BlockElement], covered: int, place: int) -> int:
    """Return the smallest block around another that contains all covered text."""
    while place > 0 and blocks[place].covered < covered:
        place = blocks[place].parent
    return max(place, 0)


def _with_siblings(outline: Outline, place: int) -> int:
    """Return the block around several siblings, if those without covered text have as much running text as this one.

    Siblings of a block that contains the heading of the page are other articles.
    """
    blocks = outline.blocks
    best, child = place, place
    for _ in range(_MOST_UP):
        parent = blocks[child].parent
        if parent < 0 or blocks[child].headings:
            break
        others = [
            block
            for number, block in enumerate(blocks)
            if block.parent == parent and number != child and not block.is_side_box and not is_side_named(block.node)
        ]
        good, text = sum(block.good for block in others), sum(block.text for block in others)
        if good >= blocks[child].good and good >= _LEAST_QUALITY * text and good:
            best = parent
        child = parent
    return best


def _left_out(outline: Outline, place: int, around: int, *, is_marked: bool) -> frozenset[int] | None:
    """Return the outermost blocks inside a block none of whose runs belong to the main text.

    Args:
        outline: the runs of text of the page.
        place: the block of the main text.
        around: a block around it with the rest of the extractor's text; of the part outside of `place` only that is
            kept.
        is_marked: whether the page marks the block, so that it counts even if the extractor left out little of it.
    """
    blocks = outline.blocks
    inside, is_side = [False] * len(blocks), [False] * len(blocks)
    for number in range(place, len(blocks)):
        block = blocks[number]
        inside[number] = number == place or (block.parent >= 0 and inside[block.parent])
        if inside[number] and number != place:
            is_side[number] = is_side[block.parent] or block.is_side_box or is_side_named(block.node)
    kept = _kept(outline.runs, blocks, inside, is_side, least_more=0 if is_marked else _LEAST_MORE)
    if not kept:
        return None
    for run in kept:
        blocks[run.block].kept += 1
    for number in range(len(blocks) - 1, around, -1):
        if blocks[number].parent >= 0:
            blocks[blocks[number].parent].kept += blocks[number].kept
    return frozenset(block.node.mem_id for block in blocks[around + 1 :] if not block.kept)


def _kept(
    runs: list[Run], blocks: list[BlockElement], inside: list[bool], is_side: list[bool], *, least_more: float
) -> list[Run]:
    """The runs of the main text: those of the extractor, and those that it left out between them or in large number."""
    covered = [number for number, run in enumerate(runs) if run.is_covered and run.is_prose and inside[run.block]]
    if not covered:
        return []
    others = [
        number
        for number, run in enumerate(runs)
        if inside[run.block] and not run.is_covered and not is_side[run.block] and _is_text(run, blocks[run.block].node)
    ]
    between = [number for number in others if covered[0] < number < covered[-1]]
    least = sum(len(runs[number].text) for number in covered)
    beyond = sum(len(runs[number].text) for number in set(others) - set(between) if len(runs[number].text) >= _LONG)
    if beyond < _LEAST_BEYOND * least:
        others = between
    if sum(len(runs[number].text) for number in others) < least_more * least:
        return []
    kept = {*covered, *others}
    return [
        run
        for number, run in enumerate(runs)
        if number in kept or (run.is_covered and (run.is_prose or inside[run.block]))
    ]


def _is_text(run: Run, node: Node) -> bool:
    """Return whether a run that the extractor left out is part of the text: not a list of links, and not a counter."""
    return run.is_prose and (node.tag_id in _LISTED or not _COUNTER.match(run.text))
