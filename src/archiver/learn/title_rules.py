"""Find the rules of the title: the printed heading that agrees with the declared titles of each page."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from archiver.extract.headline import folded, without_site
from archiver.extract.headline import site_names as declared_names
from archiver.extract.shown import shown
from archiver.extract.slots import types_of
from archiver.extract.tree import ancestry
from archiver.learn.field_rules import FieldRules, best_rules
from archiver.learn.likely_parts import escaped
from archiver.learn.samples import Sample
from archiver.learn.selectors import selectors_of
from archiver.model.profile import Rule
from archiver.text.patterns import Pattern

_HEADINGS = "h1, h2, h3, [itemprop~='headline'], [class*='title' i], [class*='headline' i], [class*='tieude' i], h1 *"
_MOST_HEADINGS = 80
_METAS = ("og:title", "twitter:title", "dc.title", "title")
_SAME, _DECLARED, _NEAR, _PART = 1.0, 0.95, 0.9, 0.5
_NOT_HERE = frozenset(("nav", "footer", "aside"))
_COSTS = {"jsonld": 6.0, "meta": 7.0}
"""What is printed is preferred; a declared title is often another one, for search engines."""
_LEAST_NAME = 3


def title_rules(samples: Sequence[Sample], names: Sequence[str]) -> FieldRules:
    """Return the rules of the title. `names`: the names of the site, which no title ends with."""
    general = (Rule("css", "h1"), Rule("meta", "og:title", pattern=_ending(samples, "og:title", names)))
    said = {id(sample): titles_of(sample, names) for sample in samples}
    return best_rules(
        samples,
        _candidates(samples, names, said),
        lambda sample, values: _fit(sample, values, said[id(sample)]),
        general,
    )


def titles_of(sample: Sample, names: Sequence[str]) -> list[str]:
    """Return the titles that a page declares, without the name of the site."""
    slots = sample.page.slots
    said = [shown(text) for each in sample.page.main_objects for text in slots.of(each, "headline")[:1]]
    said += [shown(text) for name in _METAS[:2] for text in slots.meta(name)]
    known = [*names, *declared_names(sample.page)]
    said.append(sample.page.title_line)
    return list(dict.fromkeys(text for each in said if (text := without_site(each, known))))


def _fit(sample: Sample, values: list[str], said: Sequence[str]) -> float:
    text = values[0]
    label = sample.record.content.title or ""
    words = folded(text)
    if text == label:
        return _SAME
    if text in said:
        return _DECLARED
    known = [folded(each) for each in (label, *said) if folded(each)]
    if words in known:
        return _NEAR
    return _PART if any(_is_part(words, each) for each in known) else 0.0


def _is_part(one: str, other: str) -> bool:
    return 2 * min(len(one), len(other)) >= max(len(one), len(other)) and (one in other or other in one)


def _candidates(
    samples: Sequence[Sample], names: Sequence[str], said: Mapping[int, Sequence[str]]
) -> Iterator[tuple[Rule, float]]:
    for sample in samples:
        yield from _printed(sample, said[id(sample)])
        for kind in dict.fromkeys(kind for each in sample.page.main_objects for kind in types_of(each)):
            if sample.page.slots.jsonld(f"{kind}.headline"):
                yield Rule("jsonld", f"{kind}.headline"), _COSTS["jsonld"]
        for place, name in enumerate(_METAS[:2]):
            if sample.page.slots.meta(name):
                yield Rule("meta", name, pattern=_ending(samples, name, names)), _COSTS["meta"] + place


def _printed(sample: Sample, said: Sequence[str]) -> Iterator[tuple[Rule, float]]:
    """Yield rules of the headings that agree with a declared title."""
    page = sample.page
    for node in page.document.css(_HEADINGS)[:_MOST_HEADINGS]:
        tags = [each.tag for each in ancestry(node)]
        text = page.line(node)
        if text and node.mem_id not in page.hidden and _NOT_HERE.isdisjoint(tags) and _fit(sample, [text], said) > 0:
            level = 0.0 if "h1" in tags[:2] else 1.0
            yield from ((Rule("css", each.text), each.cost + level) for each in selectors_of(node))


def _ending(samples: Sequence[Sample], name: str, names: Sequence[str]) -> Pattern:
    """Return a pattern that leaves out what follows the title in a declared one: a mark and the name of the site."""
    known = {each for each in names if len(each) >= _LEAST_NAME}
    endings = set()
    for sample in samples:
        host = (urlsplit(sample.url).hostname or "").removeprefix("www.")
        known |= {host, host.partition(".")[0], *map(shown, sample.page.slots.meta("og:site_name"))} - {""}
        for text in map(shown, sample.page.slots.meta(name)[:1]):
            title = without_site(text, [*names, *declared_names(sample.page)])
            if title != text and text.startswith(title) and len(text) - len(title) >= _LEAST_NAME:
                endings.add(text[len(title) :].strip())
    spelt = "|".join(map(escaped, sorted(known, key=lambda each: (-len(each), each))))
    ways = [*map(escaped, sorted(endings)), rf"[-–—|:·]\s*(?:{spelt})"]
    return Pattern(rf"(?i)^(.+?)(?:\s*(?:{'|'.join(ways)}))?$")
