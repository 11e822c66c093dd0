"""Find the captions of pictures without rules: of figures in the main content, inside and before the body."""

from archiver.extract.gathered import Gathered
from archiver.extract.page import ParsedPage
from archiver.extract.shown import Slot, fill_from
from archiver.extract.tree import Node, ancestry

_CAPTIONS = "figcaption, [itemprop~='caption'], .wp-caption-text"
_NOT_HERE = frozenset(("aside", "nav", "footer"))
_COMMENTS = ".comment, .comments, .comment-list, #comments, [itemtype$='Comment']"
_MOST = 200
_LONGEST = 1_000


def fill_captions(page: ParsedPage, into: Gathered) -> None:
    """Fill the captions, each once, in the order of the page."""
    texts: dict[str, Node] = {}
    outside = page.hidden | {node.mem_id for node in page.document.css(_COMMENTS)}
    taken: set[int] = set()
    for node in page.document.css(_CAPTIONS)[:_MOST]:
        above = ancestry(node)
        if any(each.tag in _NOT_HERE or each.mem_id in outside or each.mem_id in taken for each in above):
            continue
        taken.add(node.mem_id)
        text = page.line(node)
        if text and len(text) <= _LONGEST:
            texts.setdefault(text, node)
    if texts:
        first = next(iter(texts.items()))
        fill_from("captions", Slot("document", *first), tuple(texts), page, into)
        into.caption_nodes = list(texts.values())
