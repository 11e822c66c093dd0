"""What a listing lists: its links in their order with their headlines, each with the block that holds it."""

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
    links: tuple[Link, ...], nodes: list[Node], paging: tuple[str, ...], page: ParsedPage, kind: PageKind
) -> tuple[ListedItem, ...]:
    """Return the items of a listing.

    Args:
        links: its links: those that `follow` selects or, without it, those outside of menus, headers and footers.
        nodes: the nodes of these links, without `follow`.
        paging: the addresses of its next pages, which are no items.
        page: the page.
        kind: the rules of the page. Without `follow`, links without a letter in their text are no items.
    """
    others = set(paging) | {page.url}
    items = [link for link in links if link.url not in others]
    if kind.follow is not None:
        return tuple(ListedItem(link.url, link.text) for link in items[:MOST_ITEMS])
    items = [link for link in items if any(map(str.isalpha, link.text))][:MOST_ITEMS]
    blocks = _blocks(nodes, page)
    return tuple(ListedItem(link.url, link.text, blocks.get(link.url, "")) for link in items)


def name_of(page: ParsedPage) -> str:
    """Return the title of a page that has no field for it: `<title>`, or else the first heading; "" without both."""
    heading = None if page.title_line else page.document.first("h1")
    return (page.line(heading) if heading is not None else page.title_line)[:_LONGEST_NAME]


def _blocks(nodes: list[Node], page: ParsedPage) -> dict[str, str]:
    """Return the path of the block of each address."""
    first: dict[str, Node] = {}
    for node in nodes[: 4 * MOST_ITEMS]:
        first.setdefault(attribute(node, "href") or "", node)
    counts: dict[int, int] = {}
    above = {href: _above(node, counts) for href, node in first.items()}
    found: dict[str, str] = {}
    paths: dict[int, str] = {}
    for href, around in above.items():
        url = page.absolute(href.partition("#")[0]) if href else None
        block = next((each for each in around if counts[each.mem_id] >= _BLOCK), None)
        if url is None or block is None:
            continue
        if block.mem_id not in paths and len(paths) < _MOST_BLOCKS:
            paths[block.mem_id] = page.document.path(block)
        found.setdefault(url, paths.get(block.mem_id, ""))
    return found


def _above(node: Node, counts: dict[int, int]) -> list[Node]:
    """Return the elements around a node, innermost first, up to one that is a block already, and count it in them.

    What is around a block has as many links as the block: it needs no further count.
    """
    found: list[Node] = []
    step = node.parent
    while step is not None and step.is_element_node and len(found) < _MOST_LEVELS:
        found.append(step)
        number = step.mem_id
        counts[number] = count = counts.get(number, 0) + 1
        if count > _BLOCK:
            break
        step = step.parent
    return found
