"""Find the rules of bylines, tags, captions and the section: nodes that print what the pages declare."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from archiver.extract.headline import folded
from archiver.extract.tree import ancestry
from archiver.learn.field_rules import FieldRules, best_rules
from archiver.learn.samples import Sample
from archiver.learn.selectors import selectors_of
from archiver.model.profile import Rule

_BYLINES = (
    "[rel~='author'], [itemprop~='author'], [class*='author' i], [class*='byline' i], [class*='autor' i], "
    "[class*='writer' i], [class*='tacgia' i], [data-testid*='author' i], [data-testid*='byline' i]"
)
_TAGS = "[rel~='tag'], [class*='tag' i] a, [class*='topic' i] a, [class*='keyword' i] a, a[class*='tag' i]"
_TAG_LINKS = ", ".join(f"a[href*='/{word}/' i]" for word in ("tag", "tags", "topic", "topics", "tu-khoa", "keyword"))
_MOST_TAGS = 30
_SECTIONS = (
    "[class*='breadcrumb' i] *, [aria-label*='breadcrumb' i] *, [class*='section' i], [class*='category' i], "
    "[class*='rubri' i], [class*='kicker' i], [itemprop~='articleSection']"
)
_CAPTIONS = "figcaption, [itemprop~='caption'], .wp-caption-text, [class*='caption' i]"
_MOST_NODES = 200
_LONGEST = 1_000
_LEAST = 0.7
_NOTHING = "no page declares or prints it"
_NOT_HERE = frozenset(("nav", "footer"))

Label = Callable[[Sample], Sequence[str]]


def byline_rules(samples: Sequence[Sample]) -> FieldRules:
    """Return the rule of the bylines: nodes with only the name of a declared author."""
    return _list_rules(samples, _BYLINES, lambda sample: sample.record.content.bylines)


def tag_rules(samples: Sequence[Sample]) -> FieldRules:
    """Return the rule of the tags: links with declared keywords as their texts, else links to pages of tags."""
    if any(sample.record.content.tags for sample in samples):
        return _list_rules(samples, _TAGS, lambda sample: sample.record.content.tags)
    linked = {id(sample): _linked_tags(sample) for sample in samples}
    if len({tuple(texts) for texts in linked.values()}) == 1 < len(samples):
        return FieldRules(reason=_NOTHING)
    counts = Counter(text for texts in linked.values() for text in set(texts))
    own = {key: [each for each in texts if counts[each] < len(samples)] for key, texts in linked.items()}
    every = _list_rules(samples, _TAG_LINKS, lambda each: linked[id(each)])
    return every if every.rules else _list_rules(samples, _TAG_LINKS, lambda each: own[id(each)])


def _linked_tags(sample: Sample) -> list[str]:
    """Return the texts of the links to pages of tags outside of menus."""
    page = sample.page
    nodes = [
        node
        for node in page.document.css(_TAG_LINKS)[:_MOST_TAGS]
        if node.mem_id not in page.hidden and _NOT_HERE.isdisjoint(each.tag for each in ancestry(node))
    ]
    return list(filter(None, map(page.line, nodes)))


def caption_rules(samples: Sequence[Sample]) -> FieldRules:
    """Return the rule of the captions."""
    return _list_rules(samples, _CAPTIONS, lambda sample: sample.record.content.captions)


def section_rules(samples: Sequence[Sample]) -> FieldRules:
    """Return the rule of the section: a node with the declared section as its text."""
    return _list_rules(
        samples, _SECTIONS, lambda s: [s.record.content.section] if s.record.content.section else [], take="first"
    )


def _list_rules(samples: Sequence[Sample], where: str, label: Label, take: str = "all") -> FieldRules:
    labels = {id(sample): {folded(each) for each in label(sample) if folded(each)} for sample in samples}
    known = [sample for sample in samples if labels[id(sample)]]
    if not known:
        return FieldRules(reason=_NOTHING)

    def fit(sample: Sample, values: list[str]) -> float:
        wanted, found = labels[id(sample)], {folded(each) for each in values}
        if not wanted:
            return 0.0
        if take == "first":
            return float(bool(found & wanted))
        return len(found & wanted) / len(found | wanted)

    found = best_rules(known, _candidates(known, where, labels, take), fit)
    if not found.rules or found.confidence < _LEAST:
        return FieldRules(reason="no selector agrees with what the pages declare")
    return FieldRules(found.rules[:1], found.fits)


def _candidates(
    samples: Sequence[Sample], where: str, labels: dict[int, set[str]], take: str
) -> Iterator[tuple[Rule, float]]:
    for sample in samples:
        page, wanted = sample.page, labels[id(sample)]
        for node in page.document.css(where)[:_MOST_NODES]:
            if node.mem_id in page.hidden or folded(page.beginning(node, _LONGEST)) not in wanted:
                continue
            if any(each.tag in _NOT_HERE for each in ancestry(node)) and "breadcrumb" not in where:
                continue
            for each in selectors_of(node):
                yield Rule("css", each.text, take="all" if take == "all" else "first"), each.cost
