"""Open the sample pages of a site, and label their texts: which are part of the body, by a reading without a profile.

The labels are weak: the generic reading is wrong on some pages. A rule has to agree with the labels of all pages, so
an error on one page weighs little. A text that two different articles have in common is no part of a body.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from archiver.extract.around import opened
from archiver.extract.body import line
from archiver.extract.fallback import guess_text
from archiver.extract.likely_article import is_prose
from archiver.extract.media import not_html
from archiver.extract.open_page import open_page, page_bytes
from archiver.extract.outline import Outline, is_side_named, outline_of
from archiver.extract.page import ParsedPage
from archiver.extract.read import read
from archiver.extract.rules import FoundValue
from archiver.extract.slots import types_of
from archiver.extract.tree import Node, ancestry, attribute
from archiver.model.capture import Capture
from archiver.model.profile import Profile, Rule, SiteInfo
from archiver.model.record import Content, Record
from archiver.model.rendition import RequestLogged

MOST_PAGES = 30
MOST_BYTES = 5_000_000
_MOST_RUNS = 4_000
_LEAST_PART = 25
"""Characters from which a text is part of the body when a line of the body contains it."""
_SAME_ARTICLE = 0.5
"""Share of common text from which two pages are copies of one article."""
_SIDE_TAGS = frozenset(("figure", "figcaption", "aside", "nav", "form", "footer", "button"))
_MOST_DROPPED = 0.65
_LEAST_OF_BODY = 0.25
"""Share of the body in a box from which it is the text, whatever its name is."""
_ARTICLES = re.compile(
    r"(?:News|Reportage|Analysis|Opinion|Review|Tech|Scholarly|Satirical)?Article|BlogPosting|Report"
)
_LEAST_LINK, _LEAST_TEASERS, _MOSTLY = 15, 3, 0.8
_LEAST_BODY = 300
_LEAST_KNOWN = 0.5
"""Share of the words of a known body from which a page still has it."""
_CELLS = " | "
_BLOCK = re.compile(r"<(?:p|div|li|td|dt|dd|h[1-6]|br|article|section|pre|blockquote)\b", re.IGNORECASE)
_MOST_BLOCKS = 6_000
_MARK = re.compile(r"(?:[-*#>|]+|\d+\.)\s+")


@dataclass(frozen=True, slots=True)
class SamplePage:
    """A page of the site.

    Attributes:
        capture: the evidence.
        again: a second capture of the same page: what differs are counters and tokens.
        is_listing: whether the page was given as a listing.
        requests: what the page requested in a browser; `answers`: the answers that it got and may have its data.
    """

    capture: Capture
    again: Capture | None = None
    is_listing: bool = False
    requests: tuple[RequestLogged, ...] = ()
    answers: tuple[Capture, ...] = ()


@dataclass(slots=True)
class LabelledRun:
    """A run of text of a page.

    Attributes:
        text: the text as one line.
        chain: the elements around it (`mem_id`), innermost first.
        is_prose: whether most of it is outside links.
        is_body: whether the labels say that it is part of the body.
        is_constant: whether another article has the same text.
    """

    text: str
    chain: tuple[int, ...]
    is_prose: bool
    is_body: bool = False
    is_constant: bool = False


@dataclass(eq=False)
class Sample:
    """An opened page with its generic reading.

    Attributes:
        runs: the runs of its visible text in document order.
        nodes: the elements around them, by `mem_id`.
        taken: the nodes of fields with rules, which are cut out of the body.
        protected: those and the elements around them, which cannot be ignored.
        found: what rules that were tried found in the page.
        is_known: whether the content of the record was read by good rules before, so that its labels are not weak.
    """

    given: SamplePage
    page: ParsedPage
    record: Record
    runs: list[LabelledRun] = field(default_factory=list)
    nodes: dict[int, Node] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    protected: set[int] = field(default_factory=set)
    found: dict[Rule, list[FoundValue]] = field(default_factory=dict)
    is_known: bool = False

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return self.given.capture.url

    @cached_property
    def is_article(self) -> bool:
        """Return whether the page looks like an article: it declares that, or has a date and a body that is prose."""
        body = self.record.content.body or ""
        if self.given.is_listing or len(body) < _LEAST_BODY or self.record.soft_gone:
            return False
        kinds = {kind for each in self.page.main_objects for kind in types_of(each)}
        if any(map(_ARTICLES.fullmatch, kinds)) or "article" in self.page.slots.meta("og:type"):
            return True
        holder = self.smallest_holder(0.9)
        is_listed = "website" in self.page.slots.meta("og:type") and self.record.content.published is None
        return not is_listed and holder is not None and is_prose(self.page, holder)

    @property
    def weight(self) -> int:
        """Return the number of characters of the body."""
        return sum(len(run.text) for run in self.runs if run.is_body)

    def css(self, selector: str) -> list[Node]:
        """Return the nodes that a candidate finds; candidates have their parts in common."""
        return self.page.document.css_by_parts(selector)

    def holds_most_of(self, body: str) -> bool:
        """Return whether the page prints most of the words of a body, or there is none."""
        printed = {word for run in self.runs if run.is_body for word in run.text.split()}
        words = body.split()
        return sum(word in printed for word in words) >= _LEAST_KNOWN * len(words)

    def take(self, nodes: Iterable[Node]) -> None:
        """Note the nodes of a field."""
        for node in nodes:
            self.taken.add(node.mem_id)
            self.protected.update(each.mem_id for each in ancestry(node))

    def smallest_holder(self, share: float) -> Node | None:
        """Return the smallest element with a share of the body."""
        counts: Counter[int] = Counter()
        for run in self.runs:
            if run.is_body:
                counts.update(dict.fromkeys(run.chain, len(run.text)))
        least = share * self.weight
        order = {number: place for place, number in enumerate(self.nodes)}
        holders = [number for number, count in counts.items() if count >= least > 0]
        return (
            self.nodes[min(holders, key=lambda each: (counts[each], -len(ancestry(self.nodes[each])), order[each]))]
            if holders
            else None
        )


def open_samples(pages: Sequence[SamplePage], site: SiteInfo, known: Sequence[Content | None] = ()) -> list[Sample]:
    """Open pages that are HTML, at most `MOST_PAGES`, and label their texts.

    `known`: the content of each page as good rules read it before, or None. A page without most of that text has
    changed, and gets weak labels.
    """
    profile = Profile(site)
    both = zip_longest(pages[:MOST_PAGES], known[:MOST_PAGES])
    samples = [_opened(each, profile, content) for each, content in both if _is_page(each.capture)]
    samples = [each for each in samples if each.runs]
    mark_constants(samples)
    return samples


def _is_page(capture: Capture) -> bool:
    is_sized = 0 < len(page_bytes(capture, None).capture.body) <= MOST_BYTES
    return is_sized and not not_html(capture.body, capture.media_type) and opened(capture) is not None


def _guess(html: str, url: str) -> str:
    """Return the main text of a page; "" for a page of very many blocks, which would take minutes."""
    return "" if len(_BLOCK.findall(html)) > _MOST_BLOCKS else guess_text(html, url)


def _opened(given: SamplePage, profile: Profile, known: Content | None) -> Sample:
    page, _ = open_page(given.capture, profile)
    if known is not None and (sample := labelled(given, page, Record(known))).holds_most_of(known.body or ""):
        sample.is_known = True
        return sample
    sample = labelled(given, page, read(given.capture, profile, guess=_guess, links=False))
    _drop_boxes(sample)
    return sample


def labelled(given: SamplePage, page: ParsedPage, record: Record) -> Sample:
    """Return a page with its runs of text; those of the body of a record are labelled."""
    sample = Sample(given, page, record)
    root = page.document.first("body")
    outline = outline_of(root, page.hidden, is_parted=True) if root is not None else Outline()
    chains: dict[int, tuple[int, ...]] = {}
    lines, whole = _lines_of(record.content.body or "")
    title = record.content.title or ""
    for run in outline.runs[:_MOST_RUNS]:
        block = outline.blocks[run.block].node
        chain = chains.get(run.block)
        if chain is None:
            above = ancestry(block)
            sample.nodes.update((each.mem_id, each) for each in above if each.mem_id not in sample.nodes)
            chain = chains[run.block] = tuple(each.mem_id for each in above)
        # A title that a sentence of the body repeats is no part of the body.
        is_body = run.text in lines or (run.text != title and _is_within(run.text, whole))
        sample.runs.append(LabelledRun(run.text, chain, run.is_prose, is_body))
    return sample


def _lines_of(body: str) -> tuple[AbstractSet[str], str]:
    """Return the lines of a body without marks of lists and headings, and the whole of it."""
    lines = [line(each) for each in body.split("\n")]
    cells = {cell.strip() for each in lines if _CELLS in each for cell in each.split(_CELLS)}
    return {_MARK.sub("", each, count=1) for each in lines} | {*lines, *cells} - {""}, "\n".join(lines)


def _is_within(text: str, whole: str) -> bool:
    """Return whether a text is part of a line of the body."""
    return len(text) >= _LEAST_PART and text in whole


def _drop_boxes(sample: Sample) -> None:
    """Take boxes around the text out of the body, unless they have much of it: then they are the text."""
    sides = _side_boxes(sample) | _teasers(sample)
    outside = [run for run in sample.runs if run.is_body and not (run.is_prose and sides.isdisjoint(run.chain))]
    if sum(len(run.text) for run in outside) <= _MOST_DROPPED * sample.weight:
        for run in outside:
            run.is_body = False


def _side_boxes(sample: Sample) -> set[int]:
    """Return figures, and boxes named for another purpose; what many boxes of one name hold is the text itself."""
    counts: Counter[int] = Counter()
    for run in sample.runs:
        if run.is_body:
            counts.update(dict.fromkeys(run.chain, len(run.text)))
    sides = {n for n in counts if (node := sample.nodes[n]).tag in _SIDE_TAGS or is_side_named(node)}
    names = {number: attribute(sample.nodes[number], "class") or str(number) for number in sides}
    together: Counter[str] = Counter()
    for number, name in names.items():
        together[name] += counts[number]
    least = _LEAST_OF_BODY * sum(len(run.text) for run in sample.runs if run.is_body)
    return {number for number, name in names.items() if together[name] < least}


def _teasers(sample: Sample) -> set[int]:
    """Return the items of lists of links to other pages: three or more siblings of one name with a linked text."""
    linked = {
        number for run in sample.runs if not run.is_prose and len(run.text) >= _LEAST_LINK for number in run.chain
    }
    groups: dict[tuple[int, str, str], list[int]] = {}
    for number, node in sample.nodes.items():
        if node.parent is not None:
            key = (node.parent.mem_id, node.tag or "", attribute(node, "class") or "")
            groups.setdefault(key, []).append(number)
    return {
        number
        for group in groups.values()
        if len(group) >= _LEAST_TEASERS and sum(each in linked for each in group) >= _MOSTLY * len(group)
        for number in group
    }


def mark_constants(samples: Sequence[Sample]) -> None:
    """Mark the texts that several articles have in common; they are no part of the body."""
    texts = [{run.text for run in each.runs} for each in samples]
    bodies = [{run.text for run in each.runs if run.is_body} for each in samples]
    for number, sample in enumerate(samples):
        others: set[str] = set()
        for other, known in enumerate(texts):
            if other != number and not _is_same_article(bodies[number], bodies[other]):
                others |= known
        for run in sample.runs:
            if run.text in others:
                run.is_constant, run.is_body = True, run.is_body and sample.is_known


def _is_same_article(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    return len(one & other) >= _SAME_ARTICLE * max(1, min(len(one), len(other)))
