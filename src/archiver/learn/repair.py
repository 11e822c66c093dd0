"""Mend a profile after a redesign: tables for the new templates, learned from what was known of the misread pages.

    open the misread pages → group them by template → a table for each group (`repair_table`)
        → next to the table that read them before: after it if the pages then are read right, else before it

Everything here is pure: captures in, text out. A field that is nowhere in the new pages is reported as lost. Nothing is
learned from a page without most of its known text: a notice in its place, or another article.
"""

from collections.abc import Sequence
from dataclasses import replace

from archiver.errors import ProfileError
from archiver.extract.choose import site_zone
from archiver.extract.profile import parse_profile
from archiver.extract.read import read
from archiver.learn.body_rules import fit, inside, matched
from archiver.learn.doubtful_pages import Case, DoubtfulPage, common_table, first_day, open_cases, unlabelled
from archiver.learn.fit import mean
from archiver.learn.known_agreement import agreement
from archiver.learn.repair_bench import is_read, read_differently
from archiver.learn.repair_listing import mended_listings, open_listings
from archiver.learn.repair_table import Draft, anchored, known_table, weak_table
from archiver.learn.repaired import MendedTable, Repair, fields_of
from archiver.learn.repaired_text import table_text, with_table
from archiver.learn.samples import Sample
from archiver.learn.templates import LEVELS, skeleton, templates_of
from archiver.model.capture import Capture
from archiver.model.profile import Profile

_MENDED, _MENDED_BODY = 0.4, 0.75
"""Agreement of all fields, and of the body, from which a table is proposed."""
_COVERED = 0.9
_NEVER_LOST = ("title", "body", "file")
_MOST_GOOD = 20
"""Earlier captures on which each draft is tried, of other pages and of these; the bench reads all."""


def repair_profile(profile: Profile, pages: Sequence[DoubtfulPage], good: Sequence[Capture] = ()) -> Repair:
    """Propose tables for the templates of misread pages.

    Args:
        profile: the profile that misreads them.
        pages: the misread pages, at most thirty of them are learned from.
        good: earlier captures, of other pages, too, which must be read as before.
    """
    good = [*good[:_MOST_GOOD], *[each.good for each in pages if each.good is not None][:_MOST_GOOD]]
    cases = open_cases(profile, pages)
    unlike = [case for case in cases if case.page.known is not None and case.known is None]
    cases = [case for case in cases if case.page.known is None or case.known is not None]
    others = [unlabelled(each, profile) for each in good[:_MOST_GOOD]]
    tables: list[MendedTable] = []
    mended = profile
    waiting = [(group, 0) for group in _groups(cases, LEVELS[0])]
    while waiting:
        group, level = waiting.pop(0)
        left = [case for case in group if not _is_read(mended, case)]
        table = _table(profile, left, others) if left else None
        if table is not None and table.agreement >= _MENDED and table.body >= _MENDED_BODY:
            mended, table = _added(mended, table, left, good, profile)
        elif level + 1 < len(LEVELS) and len(finer := _groups(left, LEVELS[level + 1])) > 1:
            waiting += [(each, level + 1) for each in finer]
            table = None
        tables += [table] if table is not None else []
    for table in mended_listings(profile, open_listings(profile, pages)):
        since = min(each.since for each in pages if each.capture.url in table.urls)
        day = since.astimezone(site_zone(profile.site.timezone)).date()
        mended, new = _added_listing(mended, replace(table, table=replace(table.table, since=day)))
        tables.append(new)
    return Repair(mended.text, mended, tuple(tables), tuple(case.page.capture.url for case in unlike))


def _groups(cases: Sequence[Case], level: float) -> list[list[Case]]:
    """Return the pages by the table that read them and by their new template. `level`: see `templates_of`."""
    by_sample = {id(case.sample): case for case in cases}
    groups = []
    for line in dict.fromkeys(case.table.line for case in cases):
        samples = [case.sample for case in cases if case.table.line == line]
        skeletons = [skeleton(each) for each in samples]
        groups += [[by_sample[id(each)] for each in group] for group in templates_of(samples, skeletons, level)]
    return sorted(groups, key=lambda group: (-sum(case.known is not None for case in group), -len(group)))


def _is_read(profile: Profile, case: Case) -> bool:
    """Return whether a profile reads what is known of a page."""
    record = read(case.page.capture, profile, links=False)
    if case.known is None:
        return is_read(case.page, record)
    return agreement(case.known, record.content) >= _COVERED


def _table(profile: Profile, cases: Sequence[Case], others: Sequence[Sample]) -> MendedTable:
    """Return the table of a group of pages, and how well it reads them."""
    old = common_table(cases)
    draft = Draft(old, cases, profile.site)
    if draft.known:
        known_table(draft, others)
        agreed, body = draft.agreement(), draft.body_agreement()
    else:
        weak_table(draft, others)
        agreed = body = _fit(draft)
    since = first_day(cases, site_zone(profile.site.timezone))
    table = anchored(replace(draft.table(), since=since), cases)
    urls = tuple(case.page.capture.url for case in cases)
    fields = fields_of(draft, table)
    lost = [each.name for each in fields if each.is_lost and each.name not in _NEVER_LOST]
    table = replace(table, lost=tuple(dict.fromkeys((*old.lost, *lost))))
    return MendedTable(table, old, urls, agreed, body, fields)


def _fit(draft: Draft) -> float:
    """Return how well the body fits the labels."""
    body = draft.body
    if body is None:
        return 0.0
    return mean([fit(each, inside(each, matched(each, body.css, body.take))) for each in draft.samples])


def _added(
    profile: Profile, table: MendedTable, cases: Sequence[Case], good: Sequence[Capture], first: Profile
) -> tuple[Profile, MendedTable]:
    """Return the profile with a table at the place where most captures are read right."""
    old = next(each for each in profile.pages if replace(each, line=0) == replace(table.old, line=0))
    text = table_text(table.table, [_note(table)])
    ways: list[tuple[int, float, int, Profile]] = []
    for is_before in (False, True):
        try:
            found = with_table(profile, text, old, is_before=is_before)
        except ProfileError:
            continue
        made = parse_profile(found, profile.source)
        ways.append((len(read_differently(first, made, good)), -_read_right(made, cases, table), len(ways), made))
    if not ways:
        return profile, replace(table, agreement=0.0)
    return min(ways, key=lambda way: way[:3])[3], replace(table, text=text)


def _added_listing(profile: Profile, table: MendedTable) -> tuple[Profile, MendedTable]:
    """Return the profile with a table for listings before the old one: no anchor tells them apart, only their dates."""
    old = next(each for each in profile.pages if replace(each, line=0) == replace(table.old, line=0))
    text = table_text(table.table, [f"The links of this template, since {table.table.since}."])
    try:
        found = with_table(profile, text, old, is_before=True)
    except ProfileError:
        return profile, table
    return parse_profile(found, profile.source), replace(table, text=text)


def _note(table: MendedTable) -> str:
    known = sum(each.known for each in table.fields if each.name == "body")
    return f"The template since {table.table.since}, from {len(table.urls)} pages, {known} of them with a known text."


def _read_right(profile: Profile, cases: Sequence[Case], table: MendedTable) -> float:
    """Return on how many pages a profile uses a table that was added to it."""
    wanted = replace(table.table, line=0)
    by_name = {each.template: replace(each, line=0) for each in profile.pages}
    records = [read(case.page.capture, profile, links=False) for case in cases]
    return sum(by_name.get(record.template) == wanted for record in records)
