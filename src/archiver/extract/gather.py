"""Read the fields of a page by the rules of its `[[page]]` table. The body is read last, without cut nodes."""

from collections.abc import Callable

from archiver.extract.attached import body_files, body_images, read_files, read_images
from archiver.extract.gathered import Gathered
from archiver.extract.moment import read_moment
from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, RuleResult, evaluate, first_yield, matched, source_of, taken, typed
from archiver.extract.tree import ancestry
from archiver.extract.unread import UNREAD_WITH_BODY, note_timeout
from archiver.model.profile import Rule, Rules
from archiver.model.record import FIELDS, LIST_FIELDS, missed_by_rules
from archiver.text.clean import paragraphs
from archiver.text.patterns import PatternTimeout

_EXPECTED = ("title", "body")
"""Fields of every article: a rule that gives nothing is noted even when it is not `required`."""

_BY_FALLBACK = "; read by the fallback"

FieldRules = tuple[tuple[str, Rules], ...]


def gather_readings(rules: FieldRules, page: ParsedPage, into: Gathered) -> tuple[tuple[str, int], ...]:
    """Return the counters. Their nodes are never part of the body."""
    readings = []
    for name, ways in rules:
        try:
            yielded = first_yield(ways, page)
        except PatternTimeout as timeout:
            note_timeout(timeout, f"readings.{name}", page)
            into.unread |= UNREAD_WITH_BODY  # the node of the counter, which is not known, may be in the body
            continue
        if yielded is None:
            if any(rule.required for rule in ways):
                page.notes.append(f"readings.{name}: none of its rules gave a number")
            continue
        readings.append((name, int(yielded.values[0])))
        into.sources[f"readings.{name}"] = yielded.reading_source(page)
        into.cut_out(yielded.found, f"readings.{name}")
    return tuple(readings)


def gather_fields(rules: FieldRules, page: ParsedPage, into: Gathered, *, fallback: bool = False) -> None:
    """Read the content by its rules, the body last: by then the nodes to cut out of it are known.

    `fallback`: when its rules find no body, or no date of publication that can be read, the fallback may, as for a
    field without a rule.
    """
    for name, ways in sorted(rules, key=lambda each: each[0] == "body"):
        into.ruled.add(name)
        reader = _READERS.get(name, _read_list if name in LIST_FIELDS else _read_single)
        try:
            reader(name, ways, page, into)
        except PatternTimeout as timeout:
            _leave_unread(name, ways, timeout, page, into)
            continue
        if name == "published" and fallback:
            _leave_to_fallback(into)
        if name in into.sources:
            continue
        if name == "body" and fallback:
            into.ruled.discard(name)
            into.missed_body = True
        elif name in _EXPECTED or any(rule.required for rule in ways):
            page.notes.append(missed_by_rules(name))
    if into.bodies:
        body_images(page, into)
        body_files(page, into)


def _leave_unread(name: str, rules: Rules, timeout: PatternTimeout, page: ParsedPage, into: Gathered) -> None:
    """Mark a field whose pattern ran out of time, and the body if the field's nodes would be cut out of it."""
    note_timeout(timeout, name, page)
    into.unread.add(name if name in (*FIELDS, "modified") else f"extra.{name}")
    if name == "body" or any(rule.cut for rule in rules):
        into.unread |= UNREAD_WITH_BODY


def _leave_to_fallback(into: Gathered) -> None:
    """Let the fallback find the date when the rules gave none; the text that they gave instead is set aside."""
    value = into.values.get("published")
    if value is None or value.local is None:
        into.ruled.discard("published")
        into.values.pop("published", None)
        source = into.sources.pop("published", None)
        into.undated = (value, source) if value is not None and source is not None else None
        into.missed_date = True


def settle_date(page: ParsedPage, into: Gathered) -> None:
    """Note that the fallback gave a date that no rule gave; where it gave none, the text of the rules is the value."""
    if not into.missed_date:
        return
    found = into.values.get("published")
    if found is not None and found.local is not None:
        note = missed_by_rules("published")
        page.notes = [each for each in page.notes if each != note] + [note + _BY_FALLBACK]
    elif into.undated is not None:
        into.fill("published", *into.undated)


def note_missed_body(page: ParsedPage, into: Gathered) -> None:
    """Note that no rule of the body gave one, and whether the fallback did."""
    if into.missed_body:
        page.notes.append(missed_by_rules("body") + (_BY_FALLBACK if "body" in into.values else ""))


def split_words(values: list[str]) -> tuple[str, ...]:
    """Return keywords as pages declare them: several in one value, with commas or semicolons between."""
    parts = (part.strip() for value in values for part in value.replace(";", ",").split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def _yield(name: str, rules: Rules, page: ParsedPage, into: Gathered) -> RuleResult | None:
    """Return the field's values; keep their source and, if the rule says so, cut them out of the body."""
    yielded = first_yield(rules, page)
    if yielded is not None:
        into.sources[name] = yielded.source(page)
        into.field_nodes += [each.node for each in yielded.found if each.node is not None]
        if yielded.rule.cut:
            into.cut_out(yielded.found, name)
    return yielded


def _read_single(name: str, rules: Rules, page: ParsedPage, into: Gathered) -> None:
    yielded = _yield(name, rules, page, into)
    if yielded is None:
        return
    if name in FIELDS:
        into.values[name] = " ".join(yielded.values)
    else:
        into.extra[name] = "\n".join(yielded.values)


def _read_list(name: str, rules: Rules, page: ParsedPage, into: Gathered) -> None:
    yielded = _yield(name, rules, page, into)
    if yielded is None:
        return
    if name == "tags" and yielded.rule.kind in ("meta", "jsonld"):
        into.values[name] = split_words(yielded.values)
    else:
        into.values[name] = tuple(dict.fromkeys(yielded.values))
        if len(yielded.values) == len(yielded.found) > 1:
            items = zip(yielded.values, yielded.found, strict=True)
            into.fill_items(name, items, yielded.rule.text, yielded.rank, page)


def _read_body(name: str, rules: Rules, page: ParsedPage, into: Gathered) -> None:
    for rank, rule in enumerate(rules, 1):
        found = _body_found(rule, page, into)
        if not found:
            continue
        joint = "\n\n" if rule.join is None else rule.join
        into.values[name] = joint.join(each.text for each in found)
        into.sources[name] = source_of(found[0], rule.text, rank, page)
        into.bodies = [each.node for each in found if each.node is not None]
        _note_uncut(page, into)
        return


def _body_found(rule: Rule, page: ParsedPage, into: Gathered) -> list[FoundValue]:
    """Like `evaluate`, but with paragraphs."""
    if rule.kind == "json":
        return _json_body(rule, page, into)
    if rule.kind != "css" or rule.attr or rule.type != "text":
        found = evaluate(rule, page)
        return [each._replace(text=text) for each, text in zip(found, typed(rule, found, page), strict=False)]
    skip = into.cut.keys()
    texts = (FoundValue(page.paragraphs(node, skip), node) for node in page.bounded(page.document.css(rule.selector)))
    if rule.pattern is not None:
        texts = (each._replace(text=matched(rule, each.text, page).strip()) for each in texts)
    return taken(rule, (each for each in texts if each.text))


def _json_body(rule: Rule, page: ParsedPage, into: Gathered) -> list[FoundValue]:
    """Return the text of HTML in the answer of an API, or a text with its line breaks."""
    body = page.document.first("body") if rule is page.html_rule else None
    if body is not None:
        text = page.paragraphs(body, into.cut.keys())
        kept = matched(rule, text, page).strip()
        return [FoundValue(kept, body, None, page.html_pointer)] if kept else []
    found = evaluate(rule, page)
    if rule.type != "text" or rule.pattern is not None:
        return found
    return [each._replace(text=paragraphs((each.raw or "").split("\n\n"))) for each in found]


def _note_uncut(page: ParsedPage, into: Gathered) -> None:
    """Note each node that was not cut out because it contains the whole body."""
    if not into.cut:
        return
    around = {above.mem_id for node in into.bodies for above in ancestry(node)}
    for name in sorted({into.cut[number] for number in around & into.cut.keys()}):
        page.notes.append(f"{name}: its node contains the whole body and was not cut out of it")


_READERS: dict[str, Callable[[str, Rules, ParsedPage, Gathered], None]] = {
    "published": read_moment,
    "modified": read_moment,
    "body": _read_body,
    "images": read_images,
    "files": read_files,
}
