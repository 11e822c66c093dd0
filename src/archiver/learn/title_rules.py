"""Find the rules of the title: the title that the pages declare as it is, else the printed heading that agrees.

Where both are given and differ, the printed heading is a field of its own, so that none of its edits is lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from urllib.parse import urlsplit

from archiver.extract.entities import shown
from archiver.extract.headline import folded, without_site
from archiver.extract.headline import site_names as declared_names
from archiver.extract.slots import types_of
from archiver.extract.tree import Node, ancestry, attribute
from archiver.learn.declared_titles import labels_of, other_titles, usable_slots
from archiver.learn.field_rules import FieldRules, best_rules, value_of
from archiver.learn.likely_parts import escaped
from archiver.learn.printed_titles import HEADINGS, MOST_HEADINGS, is_shared, printed_titles
from archiver.learn.samples import Sample
from archiver.learn.selectors import selectors_of
from archiver.model.profile import Rule
from archiver.text.patterns import Pattern

_METAS = ("og:title", "twitter:title", "dc.title", "title")
_SAME, _NEAR, _DECLARED, _PART = 1.0, 0.95, 0.9, 0.5
_NOT_HERE = frozenset(("nav", "footer", "aside"))
_PATH = "breadcrumb"
_COSTS = {"jsonld": 6.0, "meta": 7.0}
"""The costs of declared titles that need a pattern, or are missing on many pages: what is printed is preferred."""
_LEAST_NAME = 3


def title_rules(samples: Sequence[Sample], names: Sequence[str]) -> FieldRules:
    """Return the rules of the title. `names`: the names of the site, which no title ends with."""
    said = {id(sample): titles_of(sample, names) for sample in samples}
    usable = usable_slots(samples, names)
    labels = labels_of(samples, usable)
    if shared := is_shared(list(labels.values())):
        own = printed_titles([sample for sample in samples if folded(labels[id(sample)]) in shared])
        labels.update(own)
        said = {key: [each for each in texts if folded(each) not in shared] for key, texts in said.items()}
    patterns = {name: _ending(samples, name, names) for name in _METAS[:2]}
    declared = [(replace(rule, pattern=patterns.get(rule.selector)), place / 10) for place, rule in enumerate(usable)]
    general = (Rule("css", "h1"), Rule("meta", "og:title", pattern=patterns["og:title"]))
    return best_rules(
        samples,
        [*declared, *_candidates(samples, names, labels, said)],
        lambda sample, values: _fit(values, labels[id(sample)], said[id(sample)]),
        general,
    )


def heading_rules(samples: Sequence[Sample], names: Sequence[str], title: FieldRules) -> FieldRules:
    """Return the rules of the printed heading; none if the title is read from it."""
    if not title.rules or title.rules[0].kind == "css":
        return FieldRules()
    said = {id(sample): titles_of(sample, names) for sample in samples}
    nodes = {id(sample): _heading(sample, names, said[id(sample)]) for sample in samples}
    texts = {id(s): s.page.line(node) if (node := nodes[id(s)]) is not None else "" for s in samples}
    candidates = [
        (Rule("css", each.text), each.cost)
        for node in nodes.values()
        for each in (selectors_of(node) if node is not None else ())
    ]
    rules = best_rules(samples, candidates, lambda sample, values: float(values[0] == texts[id(sample)]))
    is_sure = all(each in (None, 1.0) for each in rules.fits)
    return replace(rules, rules=rules.rules[:1]) if is_sure else FieldRules()


def differs(heading: FieldRules, title: FieldRules, samples: Sequence[Sample]) -> bool:
    """Return whether the heading that is printed on a page is not its title."""
    values = (("".join(value_of(each.rules, sample)) for each in (heading, title)) for sample in samples)
    return any(printed and folded(printed) != folded(declared) for printed, declared in values)


def _heading(sample: Sample, names: Sequence[str], said: Sequence[str]) -> Node | None:
    """Return the first heading of a page that is not the name of the site, or that agrees with a declared title."""
    page = sample.page
    known = {"", *map(folded, (*names, *declared_names(page)))}
    wanted = set(map(folded, said))
    first = next((each for each in page.document.css("h1") if _is_shown(sample, each, known)), None)
    others = (each for each in page.document.css(HEADINGS)[:MOST_HEADINGS] if _is_shown(sample, each, known))
    return first or next((each for each in others if folded(page.line(each)) in wanted), None)


def _is_shown(sample: Sample, node: Node, known: AbstractSet[str]) -> bool:
    above = ancestry(node)
    is_here = node.mem_id not in sample.page.hidden and _NOT_HERE.isdisjoint(each.tag for each in above)
    is_path = any(_PATH in f"{attribute(each, 'class')} {attribute(each, 'id')}".lower() for each in above)
    return is_here and not is_path and folded(sample.page.line(node)) not in known


def titles_of(sample: Sample, names: Sequence[str]) -> list[str]:
    """Return the titles that a page declares, without the name of the site."""
    slots = sample.page.slots
    said = [shown(text) for each in sample.page.main_objects for text in slots.of(each, "headline")[:1]]
    said += [shown(text) for name in _METAS[:2] for text in slots.meta(name)]
    known = [*names, *declared_names(sample.page)]
    said.append(sample.page.title_line)
    return list(dict.fromkeys(text for each in said if (text := without_site(each, known))))


def _fit(values: list[str], label: str, said: Sequence[str]) -> float:
    text = values[0]
    words = folded(text)
    if text == label:
        return _SAME
    if words and words == folded(label):
        return _NEAR
    if text in said or words in map(folded, said):
        return _DECLARED
    return _PART if any(_is_part(words, folded(each)) for each in (label, *said) if folded(each)) else 0.0


def _is_part(one: str, other: str) -> bool:
    return 2 * min(len(one), len(other)) >= max(len(one), len(other)) and (one in other or other in one)


def _candidates(
    samples: Sequence[Sample], names: Sequence[str], labels: Mapping[int, str], said: Mapping[int, Sequence[str]]
) -> Iterator[tuple[Rule, float]]:
    for sample in samples:
        yield from _printed(sample, labels[id(sample)], said[id(sample)])
        for kind in dict.fromkeys(kind for each in sample.page.main_objects for kind in types_of(each)):
            if sample.page.slots.jsonld(f"{kind}.headline"):
                yield Rule("jsonld", f"{kind}.headline"), _COSTS["jsonld"]
        for place, name in enumerate(_METAS[:2]):
            if sample.page.slots.meta(name):
                yield Rule("meta", name, pattern=_ending(samples, name, names)), _COSTS["meta"] + place


def _printed(sample: Sample, label: str, said: Sequence[str]) -> Iterator[tuple[Rule, float]]:
    """Yield rules of the headings that agree with the title of a page."""
    page = sample.page
    for node in page.document.css(HEADINGS)[:MOST_HEADINGS]:
        tags = [each.tag for each in ancestry(node)]
        text = page.line(node)
        if text and node.mem_id not in page.hidden and _NOT_HERE.isdisjoint(tags) and _fit([text], label, said) > 0:
            level = 0.0 if "h1" in tags[:2] else 1.0
            yield from ((Rule("css", each.text), each.cost + level) for each in selectors_of(node))


def _ending(samples: Sequence[Sample], name: str, names: Sequence[str]) -> Pattern:
    """Return a pattern that leaves out what follows the title in a declared one: a mark and the name of the site."""
    known = {each for each in names if len(each) >= _LEAST_NAME}
    endings = set()
    for sample in samples:
        host = (urlsplit(sample.url).hostname or "").removeprefix("www.")
        known |= {host, host.partition(".")[0], *map(shown, sample.page.slots.meta("og:site_name"))} - {""}
        whole = {folded(each) for each in other_titles(sample)}
        for text in map(shown, sample.page.slots.meta(name)[:1]):
            if folded(text) in whole:
                continue
            title = without_site(text, [*names, *declared_names(sample.page)])
            if title != text and text.startswith(title) and len(text) - len(title) >= _LEAST_NAME:
                endings.add(text[len(title) :].strip())
    spelt = "|".join(map(escaped, sorted(known, key=lambda each: (-len(each), each))))
    ways = [*map(escaped, sorted(endings)), rf"[-–—|:·]\s*(?:{spelt})"]
    return Pattern(rf"(?i)^(.+?)(?:\s*(?:{'|'.join(ways)}))?$")
