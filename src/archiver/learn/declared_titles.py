"""Find the slots that declare the title of an article as it is: whole, and without the name of the site."""

from collections import Counter
from collections.abc import Sequence

from archiver.extract.entities import shown
from archiver.extract.headline import folded, is_address, without_site
from archiver.extract.headline import site_names as declared_names
from archiver.extract.slots import types_of
from archiver.extract.tree import ancestry
from archiver.learn.field_rules import found_by
from archiver.learn.samples import Sample
from archiver.model.profile import Rule

_OG, _MICRODATA = Rule("meta", "og:title"), Rule("meta", "headline")
_LEAST_PAGES = 0.5
_CUT = ("...", "…")
_MOST_HEADINGS = 5
_NOT_HERE = frozenset(("nav", "footer", "aside"))
_LEAST_WORD = 4
_MOST_KINDS = 2
_LEAST_NAME = 3


def usable_slots(samples: Sequence[Sample], names: Sequence[str]) -> list[Rule]:
    """Return rules of the slots that give the whole title on most pages, and nothing else on any, the best first."""
    found: list[Rule] = []
    for slot in slots_of(samples):
        titles = [(sample, text) for sample in samples if (text := declared_by(slot, sample))]
        texts = {text for _, text in titles}
        is_on_most = len(titles) >= max(1.0, _LEAST_PAGES * len(samples))
        if is_on_most and len(texts) == len(titles) and all(_is_whole(*each, names) for each in titles):
            found.append(slot)
    return found


def slots_of(samples: Sequence[Sample]) -> list[Rule]:
    """Return the slots of titles, in the order in which parsers that people write and review prefer them."""
    kinds = Counter(kind for each in samples for kind in {k for o in each.page.main_objects for k in types_of(o)})
    likeliest = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
    named = [Rule("jsonld", f"{kind}.headline") for kind in likeliest]
    named = [rule for rule in named if any(declared_by(rule, each) for each in samples)]
    return [_OG, *named[:_MOST_KINDS], _MICRODATA]


def labels_of(samples: Sequence[Sample], usable: Sequence[Rule]) -> dict[int, str]:
    """Return the title of each page: that of the first usable slot, else that of the reading without a profile."""
    return {
        id(sample): next(
            filter(None, (declared_by(slot, sample) for slot in usable)), sample.record.content.title or ""
        )
        for sample in samples
    }


def declared_by(slot: Rule, sample: Sample) -> str:
    """Return the title that a slot declares; "" for none."""
    return next((each.text for each in found_by(slot, sample)), "")


def other_titles(sample: Sample) -> list[str]:
    """Return the titles of a page that need no cleaning: its headings and the headlines of its JSON-LD."""
    page = sample.page
    nodes = [
        node
        for node in page.document.css("h1")[:_MOST_HEADINGS]
        if node.mem_id not in page.hidden and _NOT_HERE.isdisjoint(each.tag for each in ancestry(node))
    ]
    return [text for text in (*map(page.line, nodes), *_headlines(sample)) if text]


def _headlines(sample: Sample) -> list[str]:
    slots = sample.page.slots
    return [shown(text) for each in sample.page.main_objects for text in slots.of(each, "headline")[:1]]


def _is_whole(sample: Sample, text: str, names: Sequence[str]) -> bool:
    """Return whether a declared title is a title, is not cut off, and does not contain the name of the site."""
    others = other_titles(sample)
    known = [*names, *declared_names(sample.page)]
    words = folded(text)
    if not words or words in map(folded, known) or is_address(text):
        return False
    if text.endswith(_CUT) or any(len(each) > len(text) and each.startswith(text) for each in _headlines(sample)):
        return False
    if any(words.endswith(f" {folded(each)}") for each in known if len(each) >= _LEAST_NAME):
        return False
    is_repeated = words in map(folded, others)
    return is_repeated or (without_site(text, known) == text and _is_related(sample, text, others))


def _is_related(sample: Sample, text: str, others: Sequence[str]) -> bool:
    """Return whether a title has a word in common with another title of the page, or with its text."""
    known = " ".join(map(folded, (*others, sample.page.title_line, sample.record.content.body or "")))
    words = [each for each in folded(text).split() if len(each) >= _LEAST_WORD] or folded(text).split()
    return any(each in known for each in words)
