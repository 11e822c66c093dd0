"""What a listing lists: its links in their order with their headlines, each with the block that holds it."""

from collections import Counter
from itertools import islice

from archiver.extract.links import nodes_outside_frame
from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, attribute
from archiver.model.profile import PageKind
from archiver.model.record import Link, ListedItem

MOST_ITEMS = 1_000
"""The maximum number of items of a listing; the archive holds the first ones."""
_LONGEST_NAME = 300
_BLOCK = 3
"""The innermost element with so many different links is the block of each of them."""
_MOST_BLOCKS = 100
_MOST_LEVELS = 30
"""The most blocks of a page, and the most levels of a block above its links; a page with more is made to cost time."""


def listed_items(
    links: tuple[Link, ...], paging: tuple[str, ...], page: ParsedPage, kind: PageKind
) -> tuple[ListedItem, ...]:
    """Return the items of a listing.

    Args:
        links: its links: those that `follow` selects or, without it, those outside of menus, headers and footers.
        paging: the addresses of its next pages, which are no items.
        page: the page.
        kind: the rules of the page. Without `follow`, links without a letter in their text are no items.
    """
    others = set(paging) | {page.url}
    items = [link for link in links if link.url not in others]
    if kind.follow is not None:
        return tuple(ListedItem(link.url, link.text) for link in items[:MOST_ITEMS])
    items = [link for link in items if any(map(str.isalpha, link.text))][:MOST_ITEMS]
    blocks = _blocks(page, kind)
    return tuple(ListedItem(link.url, link.text, blocks.get(link.url, "")) for link in items)


def name_of(page: ParsedPage) -> str:
    """Return the title of a page that has no field for it: `<title>`, or else the first heading; "" without both."""
    headings = page.document.css("h1")[:1]
    return next(filter(None, (page.title_line, *map(page.line, headings))), "")[:_LONGEST_NAME]


def _blocks(page: ParsedPage, kind: PageKind) -> dict[str, str]:
    """Return the path of the block of each address."""
    first: dict[str, Node] = {}
    for node in islice(nodes_outside_frame(page, kind.ignore), 4 * MOST_ITEMS):
        first.setdefault(attribute(node, "href") or "", node)
    above = {href: _above(node) for href, node in first.items()}
    counts = Counter(each.mem_id for nodes in above.values() for each in nodes)
    found: dict[str, str] = {}
    paths: dict[int, str] = {}
    for href, nodes in above.items():
        url = page.absolute(href.partition("#")[0]) if href else None
        block = next((each for each in nodes if counts[each.mem_id] >= _BLOCK), None)
        if url is None or block is None:
            continue
        if block.mem_id not in paths and len(paths) < _MOST_BLOCKS:
            paths[block.mem_id] = page.document.path(block)
        found.setdefault(url, paths.get(block.mem_id, ""))
    return found


def _above(node: Node) -> list[Node]:
    """Return the elements around a node, innermost first."""
    found: list[Node] = []
    step = node.parent
    while step is not None and step.is_element_node and len(found) < _MOST_LEVELS:
        found.append(step)
        step = step.parent
    return found
