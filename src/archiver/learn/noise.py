"""Find what a rule of the body has to ignore: named boxes in it, over all pages, with hardly any text of the body.

The selectors around each run are the same for every candidate of the body, so they are made once (`NoiseNames`).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import takewhile

from archiver.extract.outline import is_side_named
from archiver.extract.tree import Node
from archiver.learn.samples import LabelledRun, Sample
from archiver.learn.selectors import names_of

_MOST = 25
_MOST_BODY = 0.12
"""Share of a box's text that may be part of the body: the labels are weak."""
_LEAST_GAIN, _LEAST_KNOWN_GAIN = 15, 1
"""Characters that a box must have on all pages; where the body is known, each that does not belong to it counts."""
_SIDE_TAGS = ("figcaption", "aside", "nav", "form", "footer", "header", "iframe")
_TEXT_TAGS = frozenset("p h2 h3 h4 h5 h6 ul ol li table blockquote pre dl strong em b i tr td".split())  # noqa: SIM905
_GENERAL = (
    "aside",
    "nav",
    "form",
    "[class*='related' i]",
    "[class*='newsletter' i]",
    "[class*='teaser' i]",
    "[class*='recommend' i]",
    "[class*='caption' i]",
    "[class*='share' i]",
    "[class*='social' i]",
    "[class*='promo' i]",
    "[class*='advert' i]",
)
_BARE = frozenset(("article", "main", "h1", "h2", "h3", "time"))
_LONG = 60
"""Characters of a paragraph that is text even if the generic reading left it out of one page."""


@dataclass(slots=True)
class _Box:
    """What the nodes that a selector matches hold: characters of the body, other ones, their runs (page, place)."""

    body: int = 0
    other: int = 0
    runs: list[tuple[int, int]] = field(default_factory=list)


def noise_in(names: "NoiseNames", inner: Sequence[Sequence[LabelledRun]]) -> tuple[list[str], list[list[LabelledRun]]]:
    """Return selectors of boxes to ignore, and the runs that are left.

    Args:
        names: the selectors of the boxes of the pages.
        inner: for each page the runs of text within its body.
    """
    boxes = _Boxes(names, inner)
    chosen: list[str] = []
    while len(chosen) < _MOST and (best := boxes.best()) is not None:
        chosen.append(best)
        boxes.drop(best)
    return chosen, [[run for place, run in enumerate(runs) if (n, place) in boxes.left] for n, runs in enumerate(inner)]


def general_noise(samples: Sequence[Sample], places: Sequence[AbstractSet[int]], scope: str) -> list[str]:
    """Return names of boxes that are no part of any body, unless one in `scope` on these pages has text of it."""
    kept = []
    for selector in _GENERAL:
        nodes = [{node.mem_id for node in sample.css(f"{scope} {selector}")} for sample in samples]
        if all(_is_harmless(*each) for each in zip(samples, places, nodes, strict=True)):
            kept.append(selector)
    return kept


def _is_harmless(sample: Sample, place: AbstractSet[int], nodes: AbstractSet[int]) -> bool:
    if not nodes:
        return True
    is_lost = any(run.is_body and not nodes.isdisjoint(run.chain) for run in sample.runs)
    return not is_lost and nodes.isdisjoint(sample.protected) and nodes.isdisjoint(place)


def _is_noise(box: _Box, least: int) -> bool:
    return box.other >= least and box.body <= _MOST_BODY * (box.body + box.other)


class _Boxes:
    """What each selector matches within the bodies, and the runs (page, place) that are left."""

    def __init__(self, names: "NoiseNames", inner: Sequence[Sequence[LabelledRun]]) -> None:
        self._names = names
        self._least = names.least_gain
        self._boxes: dict[str, _Box] = {}
        self.left: dict[tuple[int, int], tuple[AbstractSet[str], bool, int]] = {}
        for page, runs in enumerate(inner):
            for place, run in enumerate(runs):
                is_text = run.is_body or names.is_text(page, run)
                selectors = names.of(page, run.chain)
                self.left[page, place] = (selectors, is_text, len(run.text))
                for selector in selectors:
                    self._boxes.setdefault(selector, _Box()).runs.append((page, place))
                self._count(selectors, len(run.text), is_text=is_text)

    def best(self) -> str | None:
        """Return the selector of the box with most text that is no part of a body."""
        return min(
            (each for each, box in self._boxes.items() if _is_noise(box, self._least)),
            key=lambda each: (-self._boxes[each].other, self._names.cost(each), each),
            default=None,
        )

    def drop(self, selector: str) -> None:
        """Take the runs of a box out of all boxes."""
        for key in self._boxes[selector].runs:
            if key in self.left:
                selectors, is_text, size = self.left.pop(key)
                self._count(selectors, -size, is_text=is_text)

    def _count(self, selectors: AbstractSet[str], size: int, *, is_text: bool) -> None:
        for each in selectors:
            box = self._boxes[each]
            if is_text:
                box.body += size
            else:
                box.other += size


class NoiseNames:
    """The selectors of the elements around the runs of the pages of a template."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        """Note the pages, whose labels and fields (`Sample.take`) do not change any more."""
        self._samples = samples
        self._known: list[dict[tuple[int, ...], AbstractSet[str]]] = [{} for _ in samples]
        self._holders: list[AbstractSet[int]] = [_holders(each) for each in samples]
        self._costs: dict[str, float] = {}
        self._kept = {
            selector
            for sample in samples
            for number in sample.protected
            if number in sample.nodes
            for selector in (*(each.text for each in names_of(sample.nodes[number])), sample.nodes[number].tag or "")
        }

    @property
    def least_gain(self) -> int:
        """Return the characters from which a box is worth a rule; one where the labels are known values."""
        return _LEAST_KNOWN_GAIN if all(each.is_known for each in self._samples) else _LEAST_GAIN

    def cost(self, selector: str) -> float:
        """Return the cost of a selector."""
        return self._costs[selector]

    def of(self, page: int, chain: tuple[int, ...]) -> AbstractSet[str]:
        """Return the selectors of the elements of a chain that do not hold most of the body."""
        known = self._known[page].get(chain)
        if known is None:
            sample, holders = self._samples[page], self._holders[page]
            inner = takewhile(lambda number: number not in holders, chain)
            nodes = (sample.nodes[number] for number in inner if number not in sample.protected)
            known = self._known[page][chain] = frozenset(each for node in nodes for each in self._selectors(node))
        return known

    def _selectors(self, node: Node) -> list[str]:
        named = [
            (each.text, each.cost) for each in names_of(node) if each.text not in _BARE and each.text not in self._kept
        ]
        if node.tag in _SIDE_TAGS and node.tag not in self._kept:
            named.append((node.tag, 0.2))
        self._costs.update(named)
        return [text for text, _ in named]

    def is_text(self, page: int, run: LabelledRun) -> bool:
        """Return whether a run that is not in the label is text all the same: a paragraph that no box holds."""
        if run.is_constant or not run.is_prose or len(run.text) < _LONG:
            return False
        nodes = self._samples[page].nodes
        for number in run.chain:
            if number in self._holders[page]:
                return True
            node = nodes[number]
            if node.tag not in _TEXT_TAGS or is_side_named(node):
                return False
        return True


def _holders(sample: Sample) -> AbstractSet[int]:
    """Return the elements that hold at least a third of the body."""
    counts: dict[int, int] = {}
    for run in sample.runs:
        if run.is_body:
            for number in run.chain:
                counts[number] = counts.get(number, 0) + len(run.text)
    weight = sample.weight
    return {number for number, count in counts.items() if 3 * count >= weight}
