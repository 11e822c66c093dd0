"""Explain how a page is read: which table was chosen and why, what was ignored, what each rule gave, which one won."""

from dataclasses import dataclass
from datetime import date

from archiver.extract.choose import anchor_of, choose, day_of, holds, is_there
from archiver.extract.explain import RuleTrial, shortened, tried_rules
from archiver.extract.open_page import open_page
from archiver.extract.page import ParsedPage
from archiver.extract.read import read
from archiver.extract.testing import comparable
from archiver.extract.tree import Node, ancestry
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile
from archiver.model.record import Record


@dataclass(frozen=True, slots=True)
class TableTrial:
    """One `[[page]]` table, and why it was chosen or not.

    Attributes:
        template: its name, `article@12`, with its line.
        reasons: what its address pattern, its dates and its anchor say, in words.
    """

    template: str
    is_chosen: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IgnoredNodes:
    """A selector of `ignore`: how many nodes it matches, and how many characters of text they have."""

    selector: str
    nodes: int
    characters: int


@dataclass(frozen=True, slots=True)
class FieldExplanation:
    """One field: its value, the rule that gave it, and every rule that was tried.

    Attributes:
        value: shortened; "" without one.
        characters: the length of the whole value.
        rule: the rule or the fallback that gave it; "" without a value.
        rank: 0 for a fallback.
        raw: the text in the page.
        node_path: the path of the node.
    """

    name: str
    value: str
    characters: int
    rule: str
    rank: int
    raw: str
    node_path: str
    tried: tuple[RuleTrial, ...]


@dataclass(frozen=True, slots=True)
class PageExplanation:
    """How a page is read.

    Attributes:
        kind: of the record.
        note: about the choice of the table; "" when there is nothing to say.
        no_article: why the page is none: a soft 404, or a wall; "" otherwise.
        notes: those of the record.
    """

    kind: str
    tables: tuple[TableTrial, ...]
    note: str
    no_article: str
    ignored: tuple[IgnoredNodes, ...]
    fields: tuple[FieldExplanation, ...]
    notes: tuple[str, ...]


def explain_page(capture: Capture, profile: Profile) -> PageExplanation:
    """Return how a capture is read with a profile. The slow fallbacks are used, too."""
    record = read(capture, profile, slow=True, links=False)
    no_article = "a soft 404: the page says that it does not exist" if record.soft_gone else record.blocked
    if record.kind == "file" or not capture.body:
        return PageExplanation(record.kind, (), "", no_article, (), _fields(record, []), record.notes)
    page, _ = open_page(capture, profile)
    chosen, note = choose(profile, capture.url, capture.visited_at, page)
    day = day_of(profile, capture.visited_at)
    tables = tuple(_table(each, chosen, capture.url, day, page, profile) for each in profile.pages)
    ignored = tuple(_ignored(selector, page) for selector in (chosen.ignore if chosen is not None else ()))
    tried = tried_rules(page, chosen, record) if chosen is not None else []
    return PageExplanation(record.kind, tables, note, no_article, ignored, _fields(record, tried), record.notes)


def _table(
    kind: PageKind, chosen: PageKind | None, url: str, day: date, page: ParsedPage, profile: Profile
) -> TableTrial:
    """Return the reasons for and against a table, in the order in which `choose` asks for them."""
    if kind.url is not None and not kind.url.search(url):
        return TableTrial(kind.template, is_chosen=False, reasons=("its url does not match the address",))
    reasons = ["its url matches the address" if kind.url is not None else "it is for every address"]
    if not holds(kind, day):
        dates = " ".join(f"{name} {value}" for name, value in (("since", kind.since), ("until", kind.until)) if value)
        reasons.append(f"it is dated {dates}, and the capture is of {day}")
    elif kind.since or kind.until:
        reasons.append(f"it is valid on {day}")
    if chosen is not None and kind.kind != chosen.kind:
        reasons.append(f"a table of the kind {chosen.kind} comes first")
        return TableTrial(kind.template, is_chosen=False, reasons=tuple(reasons))
    anchor = "; ".join(f"{name}: {', '.join(rule.text for rule in rules)}" for name, rules in anchor_of(kind))
    if anchor:
        reasons.append(f"its anchor is {'found' if is_there(kind, page) else 'not found'} ({anchor})")
    if kind is not chosen and chosen is not None and profile.pages.index(chosen) < profile.pages.index(kind):
        reasons.append("an earlier table was chosen")
    return TableTrial(kind.template, kind is chosen, tuple(reasons))


def _ignored(selector: str, page: ParsedPage) -> IgnoredNodes:
    nodes = page.document.css(selector)
    numbers = {node.mem_id for node in nodes}
    outer = [node for node in nodes if _is_outermost(node, numbers)]
    return IgnoredNodes(selector, len(nodes), sum(len(page.line(node)) for node in page.bounded(outer)))


def _is_outermost(node: Node, numbers: set[int]) -> bool:
    return numbers.isdisjoint(above.mem_id for above in ancestry(node)[1:])


def _fields(record: Record, tried: list[RuleTrial]) -> tuple[FieldExplanation, ...]:
    """Return the fields with rules in the order of the table, then the others that have a value."""
    sources, values = dict(record.sources), comparable(record)
    names = dict.fromkeys([*(each.field for each in tried), *sources])
    found = []
    for name in names:
        source, text = sources.get(name), _text(values.get(name))
        found.append(
            FieldExplanation(
                name,
                shortened(text),
                len(text),
                source.rule if source is not None else "",
                source.rank if source is not None else 0,
                shortened(source.raw) if source is not None else "",
                source.node_path if source is not None else "",
                tuple(each for each in tried if each.field == name),
            )
        )
    return tuple(found)


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return " | ".join(map(str, value))
    return "" if value is None else str(value)
