"""Which `[[page]]` table a capture is read by: its address, its day, and whether the template is really there.

The first table (in the file's order) whose `url` matches and whose dates hold the day of the capture decides the
kind. When several tables of that kind match the address, a site has had several templates, or has two at once;
dates are only estimates, so the page itself decides: the first table whose *anchor* is found wins, those valid on
the day before the others. The anchor of a table: all its required fields; else a node for its body; else for its
title.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from archiver.extract.tree import Document
from archiver.model.profile import PageKind, Profile, Rules


def choose(profile: Profile, url: str, visited_at: datetime, document: Document) -> tuple[PageKind | None, str]:
    """The table for a page, or None; and what there is to say about the choice."""
    matching = [page for page in profile.pages if page.url is None or page.url.search(url)]
    if not matching:
        return None, "" if not profile.pages else "no [[page]] of the profile matches this address"
    day = visited_at.astimezone(_zone(profile.site.timezone)).date()
    valid = [page for page in matching if _holds(page, day)]
    lead = (valid or matching)[0]
    templates = [page for page in matching if page.kind == lead.kind]
    if valid and len(templates) == 1:
        return lead, ""
    ranked = sorted(templates, key=lambda page: not _holds(page, day))
    chosen = next((page for page in ranked if is_there(page, document)), None)
    return _judged(chosen, lead if valid else None, day)


def _judged(chosen: PageKind | None, lead: PageKind | None, day: date) -> tuple[PageKind | None, str]:
    if chosen is None and lead is None:
        return None, f"no [[page]] that matches this address is valid on {day}"
    if chosen is None:
        return lead, "no template of this kind is recognised in the page"
    if _holds(chosen, day):
        return chosen, ""
    dated = f"until {chosen.until}" if chosen.until and day > chosen.until else f"since {chosen.since}"
    return chosen, f"template {chosen.template} chosen by its anchor though dated {dated}"


def is_there(page: PageKind, document: Document) -> bool:
    """Whether the template of a table is recognised in a page. A table without any such selector always is."""
    fields = dict(page.fields)
    required = [rules for rules in fields.values() if any(rule.required for rule in rules)]
    if required:
        return all(_found(_selectors(rules), document) for rules in required)
    for name in ("body", "title"):
        selectors = _selectors(fields.get(name, ()))
        if selectors:
            return _found(selectors, document)
    return True


def _found(selectors: Sequence[str], document: Document) -> bool:
    return not selectors or any(document.css(selector) for selector in selectors)


def _selectors(rules: Rules) -> list[str]:
    return [rule.selector for rule in rules if rule.kind == "css"]


def _holds(page: PageKind, day: date) -> bool:
    return (page.since is None or page.since <= day) and (page.until is None or day <= page.until)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return UTC
