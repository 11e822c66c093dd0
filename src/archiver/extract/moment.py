"""When a page says it was published: the first date that can be read; else what is printed, without a value."""

from archiver.extract.gathered import Gathered
from archiver.extract.page import Page
from archiver.extract.rules import Yielded, evaluate
from archiver.model.profile import Rule, Rules
from archiver.model.record import Published
from archiver.text.dates import SaidMoment, read_date


def read_published(name: str, rules: Rules, page: Page, into: Gathered) -> None:
    """The field by its rules, in order, until one gives a date."""
    unread: tuple[Yielded, SaidMoment] | None = None
    for rank, rule in enumerate(rules, 1):
        found = evaluate(rule, page)
        if not found:
            continue
        text = (" " if rule.join is None else rule.join).join(each.text for each in found)
        said = _said(rule, text, page)
        if said.local is not None:
            _settle(name, Yielded(rule, rank, [text], found), said, page, into)
            return
        unread = unread or (Yielded(rule, rank, [text], found), said)
    if unread is not None:
        _settle(name, *unread, page, into)


def _settle(name: str, yielded: Yielded, said: SaidMoment, page: Page, into: Gathered) -> None:
    into.fill(name, as_published(said), yielded.source(page))
    if yielded.rule.cut:
        into.cut_out(yielded.found, name)
    if said.problem:
        page.notes.append(f"{name}: {said.problem}")


def _said(rule: Rule, text: str, page: Page) -> SaidMoment:
    site = page.site
    return read_date(
        text, language=site.language, timezone=site.timezone, format=rule.format, day_only=rule.type == "date"
    )


def as_published(said: SaidMoment) -> Published:
    """A date as the record holds it; what was printed is kept even when it says no date."""
    return Published(said.local, said.utc, said.raw, said.precision)
