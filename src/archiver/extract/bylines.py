"""Find the authors of a page without rules: people that it declares, else people that it prints near its heading."""

import re
from collections.abc import Iterable, Iterator

from archiver.extract.body import line
from archiver.extract.discussion import posts_of
from archiver.extract.entities import shown
from archiver.extract.gathered import Gathered
from archiver.extract.headline import folded, site_names
from archiver.extract.page import ParsedPage
from archiver.extract.shown import DOCUMENT, JSONLD, META, Slot, fill_from
from archiver.extract.tree import Node, ancestry, attribute
from archiver.text.names import declared_name, has_byline_label, is_byline_label, person_name

_METAS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author")
_MOST_PEOPLE = 20
_MOST_NODES = 60
_LONGEST = 120
"""Characters. A longer text is not a list of names."""
_SURE = "[itemprop~='author'], [rel~='author']"
_LIKELY = (
    "[class*='byline' i], [class*='author' i], [class*='writer' i], [class*='tacgia' i], [class*='tac-gia' i], "
    "[class*='autor' i], [class*='auteur' i], [id*='byline' i], [id*='author' i], [data-testid*='author' i]"
)
_NOT_HERE = (
    "aside, footer, nav, blockquote, [class*='comment' i], [id*='comment' i], [class*='related' i], "
    "[class*='sidebar' i], [itemtype$='Comment'], [itemtype$='Review'], [class*='recommend' i], "
    "[class*='popular' i], [class*='more-from' i], [itemprop~='comment'], [itemprop~='review'], [class*='replies' i], "
    "[id*='disqus' i], [class*='disqus' i], figcaption, [class*='authorit' i], [class*='authoriz' i]"
)
_POSTERS = "[class*='username' i], [class*='poster' i], [class*='creator' i]"
_MOST_AUTHORS = 3
_MOST_RUNS = 400
_MOST_PIECES = 12
_MOST_TRIED = 4
_SURE_LABEL = re.compile(r"[:：]\Z|.{5}|\Aby\Z", re.IGNORECASE)
"""A label that, alone, may be a word with another meaning in its language."""


def fill_bylines(page: ParsedPage, into: Gathered) -> None:
    """Fill the bylines: declared people, else printed ones; the site's own name only when there is no other."""
    site = {folded(name) for name in site_names(page)}
    declared = _declared(page)
    people = [slot for slot in declared if folded(slot.text) not in site]
    chosen = people or ([] if page.is_ruled else _printed(page, site)) or declared
    if chosen:
        names = tuple(dict.fromkeys(slot.text for slot in chosen if slot.rule == chosen[0].rule))
        fill_from("bylines", chosen[0], names[:_MOST_PEOPLE], page, into)


def _declared(page: ParsedPage) -> list[Slot]:
    """Return the names in JSON-LD, then those in `<meta>`."""
    objects = page.main_objects
    stated = [text for each in objects for text in page.slots.of(each, "author") or page.slots.of(each, "creator")]
    metas = [text for name in _METAS for text in page.slots.meta(name)]
    slots = [*(Slot(JSONLD, shown(text)) for text in stated), *(Slot(META, shown(text)) for text in metas)]
    return [Slot(slot.rule, name) for slot in slots if (name := declared_name(slot.text))]


def _printed(page: ParsedPage, site: set[str]) -> list[Slot]:
    """Return the names in elements marked for them, else after a label such as "By"; in a discussion the first one."""
    heading = page.document.first("h1")
    around = {node.mem_id for node in ancestry(heading)} if heading is not None else set()
    skip = {node.mem_id for node in page.document.css(_NOT_HERE)} - around
    is_thread = bool(posts_of(page))
    for selector, sure in ((_SURE, True), (_LIKELY, False), *([(_POSTERS, True)] if is_thread else ())):
        slots = list(_names_of(page, page.document.css(selector)[:_MOST_NODES], skip, sure=sure))
        slots = [slot for slot in slots if folded(slot.text) not in site]
        if slots:
            several = sure and not is_thread and len({folded(slot.text) for slot in slots}) <= _MOST_AUTHORS
            return slots if several else slots[:1]
    return list(_labelled(page, site, skip))[:1]


def _labelled(page: ParsedPage, site: set[str], skip: set[int]) -> Iterator[Slot]:
    """Return the names after a label, in lines of their own. The label may be the line before."""
    outline = page.outline()
    label = ""
    for run in outline.runs[:_MOST_RUNS]:
        block = outline.blocks[run.block]
        if len(run.text) > _LONGEST or block.is_side_box:
            label = ""
            continue
        text = f"{label} {run.text}" if label else run.text
        label = run.text if is_byline_label(run.text) and _SURE_LABEL.search(run.text) else ""
        name = person_name(text) if has_byline_label(text) else ""
        if name and folded(name) not in site and skip.isdisjoint(each.mem_id for each in ancestry(block.node)):
            yield Slot(DOCUMENT, name, block.node)


def _names_of(page: ParsedPage, nodes: Iterable[Node], skip: set[int], *, sure: bool) -> Iterator[Slot]:
    for node in nodes:
        above = {each.mem_id for each in ancestry(node)}
        if above & skip or above & page.hidden:
            continue
        named = [each for each in node.css("[itemprop~='name']") if each.mem_id != node.mem_id][:1]
        chosen = (named or [node])[0]
        stated = (
            person_name(line((attribute(chosen, "content") or "")[:_LONGEST]), is_marked=True)
            if chosen.tag == "meta"
            else ""
        )
        name = stated or _first_name(chosen, is_marked=bool(named) or sure)
        if name:
            yield Slot(DOCUMENT, name, chosen)


def _first_name(node: Node, *, is_marked: bool) -> str:
    """The name in the first texts of a node: "By" may be in an element of its own, and a date or office may follow."""
    pieces = [
        text for piece in node.text(separator="\0").split("\0", _MOST_PIECES)[:_MOST_PIECES] if (text := line(piece))
    ]
    for number, piece in enumerate(pieces[:_MOST_TRIED]):
        if len(piece) > _LONGEST:
            return ""
        label = is_byline_label(piece)
        text = f"{piece} {pieces[number + 1]}" if label and number + 1 < len(pieces) else piece
        name = person_name(text, is_marked=is_marked or label)
        if name:
            return name
    return ""
