"""Find the printed titles of articles that all declare the same one: the name of the portal, or of a section."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from archiver.extract.headline import folded
from archiver.extract.links import links_of
from archiver.extract.tree import Node, ancestry, attribute
from archiver.learn.samples import Sample
from archiver.text.url import canonical

HEADINGS = (
    "h1, h2, h3, [itemprop~='headline'], [class*='title' i], [class*='headline' i], [class*='tieude' i], "
    "[class*='tieu-de' i], h1 *"
)
MOST_HEADINGS = 80
_NOT_HERE = frozenset(("nav", "footer", "aside"))
_LEAST, _MOST, _LEAST_WORDS = 8, 300, 2


def is_shared(titles: Sequence[str]) -> frozenset[str]:
    """Return the titles that many pages have, folded: they name the portal or a section."""
    least = max(2, min(3, len(titles) // 2))
    return frozenset(title for title, count in Counter(map(folded, titles)).items() if count >= least)


def printed_titles(samples: Sequence[Sample]) -> dict[int, str]:
    """Return by the `id` of a page the first heading, before the text, that is printed on no other page."""
    headings = {id(sample): [(node, sample.page.line(node)) for node in _headings(sample)] for sample in samples}
    counts = Counter(text for found in headings.values() for text in {folded(text) for _, text in found})
    titles = {}
    for sample in samples:
        for node, text in headings[id(sample)]:
            if counts[folded(text)] == 1 and _is_title(text, sample) and not _leads_elsewhere(node, sample):
                titles[id(sample)] = text
                break
    return titles


def _headings(sample: Sample) -> list[Node]:
    """Return the visible headings before the second paragraph of the body: the first may be the title itself."""
    page = sample.page
    starts = [place for place, run in enumerate(sample.runs) if run.is_body]
    end = starts[1] if len(starts) > 1 else len(sample.runs)
    before = {number for run in sample.runs[:end] for number in run.chain}
    nodes = (
        node
        for node in page.document.css(HEADINGS)
        if node.mem_id in before
        and node.mem_id not in page.hidden
        and _NOT_HERE.isdisjoint(each.tag for each in ancestry(node))
    )
    return list(islice(nodes, MOST_HEADINGS))


def _is_title(text: str, sample: Sample) -> bool:
    is_text = _LEAST <= len(text) <= _MOST and len(folded(text).split()) >= _LEAST_WORDS
    return is_text and sample.page.date(text).local is None


def _leads_elsewhere(node: Node, sample: Sample) -> bool:
    """Return whether a heading, or an element around it, is a link to another page: then it is that one's title."""
    inner = [each for each in node.css("a[href]") if attribute(each, "href")]
    links = links_of([*inner, *(each for each in ancestry(node) if each.tag == "a")], sample.page)
    here = canonical(sample.url)
    return any(canonical(link.url) != here for link in links)
