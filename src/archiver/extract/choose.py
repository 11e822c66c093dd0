"""Choose the `[[page]]` table for a capture: by address, by day, and by whether the page has its template.

The first table (in the file's order) whose `url` matches and whose dates include the day of the capture decides the
kind. When several tables of that kind match the address, the site has had several templates, or has two at once.
Dates are only estimates, so the page decides: the first table whose *anchor* is found wins, tables valid on
the day before the others. The anchor of a table: all its required fields; else a node (of an API, a member) for its
body; else for its title. A list of an API has its `items`, too.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from archiver.extract.json_path import Found, find
from archiver.extract.page import ParsedPage
from archiver.extract.rules import evaluate
from archiver.extract.unread import note_timeout
from archiver.model.profile import PageKind, Profile, Rule, Rules
from archiver.text.patterns import PatternTimeout


def choose(profile: Profile, url: str, visited_at: datetime, page: ParsedPage) -> tuple[PageKind | None, str]:
    """Return the table for a page, or None, and a note about the choice."""
    matching, day = matching_tables(profile, url), day_of(profile, visited_at)
    if not matching:
        return None, "" if not profile.pages else "no [[page]] of the profile matches this address"
    valid = [kind for kind in matching if holds(kind, day)]
    lead = (valid or matching)[0]
    templates = [kind for kind in matching if kind.kind == lead.kind]
    if valid and len(templates) == 1:
        return lead, ""
    ranked = sorted(templates, key=lambda kind: not holds(kind, day))
    chosen = next((kind for kind in ranked if is_there(kind, page)), None)
    return _choice_note(chosen, lead if valid else None, day)


def matching_tables(profile: Profile, url: str) -> list[PageKind]:
    """Return the tables whose pattern matches an address, in the order of the file."""
    return [kind for kind in profile.pages if kind.url is None or kind.url.search(url)]


def is_api(profile: Profile | None, url: str, visited_at: datetime) -> bool:
    """Return whether the kind of the table for a capture is `api`: then it is read as JSON, whatever its type."""
    matching = matching_tables(profile, url) if profile is not None else []
    if profile is None or not any(kind.kind == "api" for kind in matching):
        return False
    day = day_of(profile, visited_at)
    return next((kind for kind in matching if holds(kind, day)), matching[0]).kind == "api"


def _choice_note(chosen: PageKind | None, lead: PageKind | None, day: date) -> tuple[PageKind | None, str]:
    if chosen is None and lead is None:
        return None, f"no [[page]] that matches this address is valid on {day}"
    if chosen is None:
        return lead, "no template of this kind is recognised in the page"
    if holds(chosen, day):
        return chosen, ""
    dated = f"until {chosen.until}" if chosen.until and day > chosen.until else f"since {chosen.since}"
    return chosen, f"template {chosen.template} chosen by its anchor though dated {dated}"


def is_there(kind: PageKind, page: ParsedPage) -> bool:
    """Return whether the template of a table is found in a page; always true for a table without an anchor."""
    if kind.items and not any(isinstance(each.value, list) for each in _in_answer(kind.items, page)):
        return False
    anchor = anchor_of(kind)
    if any(rule.required for _, rules in anchor for rule in rules):
        return all(any(_finds(rule, page) for rule in rules) for _, rules in anchor)
    return all(any(_has_place(rule, page) for rule in rules) for _, rules in anchor)


def _has_place(rule: Rule, page: ParsedPage) -> bool:
    """Return whether a page has the node or the member of a rule, whatever is in it."""
    return any(_in_answer(rule.selector, page)) if rule.kind == "json" else bool(page.document.css(rule.selector))


def _in_answer(path: str, page: ParsedPage) -> Iterator[Found]:
    return find(page.answer.value, path) if page.answer is not None else iter(())


def anchor_of(kind: PageKind) -> tuple[tuple[str, Rules], ...]:
    """Return the fields whose rules recognise the template of a table, with those rules; () without an anchor."""
    required = tuple((name, rules) for name, rules in kind.fields if any(rule.required for rule in rules))
    if required:
        return required
    fields = dict(kind.fields)
    anchors = (
        (name, tuple(rule for rule in fields.get(name, ()) if rule.kind in ("css", "json")))
        for name in ("body", "title")
    )
    return next((((name, rules),) for name, rules in anchors if rules), ())


def _finds(rule: Rule, page: ParsedPage) -> bool:
    """Return whether a rule finds anything. A pattern that runs out of time finds nothing, and is noted."""
    try:
        return bool(evaluate(rule, page))
    except PatternTimeout as timeout:
        note_timeout(timeout, f"a required rule ({rule.text})", page)
        return False


def holds(kind: PageKind, day: date) -> bool:
    """Return whether a day is within the dates of a table."""
    return (kind.since is None or kind.since <= day) and (kind.until is None or day <= kind.until)


def day_of(profile: Profile, visited_at: datetime) -> date:
    """Return the day of a capture at the site, which the dates of tables are compared with."""
    return visited_at.astimezone(site_zone(profile.site.timezone)).date()


def site_zone(name: str) -> tzinfo:
    """Return the time zone of a site; UTC when it is unknown."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return UTC
