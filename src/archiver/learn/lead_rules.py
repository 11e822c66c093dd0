"""Find the lead of articles that print it outside the node of the body: it belongs to the body."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from archiver.extract.headline import folded
from archiver.learn.samples import LabelledRun, Sample
from archiver.learn.selectors import selectors_of

_LEAST = 40
_MOST_LEADS = 3
_LEAST_PAGES = 0.5
_DESCRIPTIONS = ("description", "og:description", "twitter:description")
_LEAST_SAME = 0.7


def lead_selector(samples: Sequence[Sample], places: Sequence[AbstractSet[int]]) -> str:
    """Return the selector of the lead, which is printed before the body; "" when there is none.

    Args:
        samples: the pages.
        places: the nodes of the body of each.
    """
    counts: dict[str, set[int]] = {}
    costs: dict[str, float] = {}
    for number, (sample, place) in enumerate(zip(samples, places, strict=True)):
        for run in _leads(sample, place):
            for node_number in run.chain[:3]:
                node = sample.nodes[node_number]
                if not place.isdisjoint(_inner(sample, node_number)):
                    break
                for each in selectors_of(node):
                    counts.setdefault(each.text, set()).add(number)
                    costs[each.text] = each.cost
    good = [
        each
        for each, pages in counts.items()
        if len(pages) >= _LEAST_PAGES * len(samples)
        and all(_is_lead(sample, place, each) for sample, place in zip(samples, places, strict=True))
    ]
    return min(good, key=lambda each: (-len(counts[each]), costs[each], each), default="")


def _inner(sample: Sample, number: int) -> AbstractSet[int]:
    """Return the elements around the runs within an element."""
    return {each for run in sample.runs if number in run.chain for each in run.chain}


def _leads(sample: Sample, place: AbstractSet[int]) -> list[LabelledRun]:
    """Return the runs before the body that are part of the label or repeat the declared description."""
    first = next((at for at, run in enumerate(sample.runs) if not place.isdisjoint(run.chain)), 0)
    titles = {
        folded(each)
        for each in (sample.record.content.title or "", *map(sample.page.line, sample.page.document.css("h1")[:3]))
    }
    said = [folded(text) for name in _DESCRIPTIONS for text in sample.page.slots.meta(name)[:1]]
    return [
        run
        for run in sample.runs[:first]
        if len(run.text) >= _LEAST
        and run.is_prose
        and not run.is_constant
        and folded(run.text) not in titles
        and sample.taken.isdisjoint(run.chain)
        and (run.is_body or any(_is_same(folded(run.text), each) for each in said))
    ]


def _is_same(text: str, said: str) -> bool:
    shorter, longer = sorted((text, said), key=len)
    return len(shorter) >= _LEAST_SAME * len(longer) and longer.startswith(shorter[: int(len(shorter) * 0.9)])


def _is_lead(sample: Sample, place: AbstractSet[int], selector: str) -> bool:
    """Return whether a selector matches nothing on a page, or a few texts before the body."""
    nodes = {node.mem_id for node in sample.css(selector)}
    if len(nodes) > _MOST_LEADS:
        return False
    runs = [run for run in sample.runs if not nodes.isdisjoint(run.chain) and sample.taken.isdisjoint(run.chain)]
    is_outside = all(place.isdisjoint(run.chain) for run in runs)
    return (
        is_outside
        and all(run.is_prose and not run.is_constant for run in runs)
        and nodes.isdisjoint(sample.protected - sample.taken)
    )
