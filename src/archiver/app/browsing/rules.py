"""The elements of a capture and, for a picked one, the rules that find it.

Each rule is tried on the newest captures of other pages of the kind, and shown as a difference of the profile.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from archiver.app import profiles
from archiver.app.reading.page import Page
from archiver.app.reading.questions import ArchiveReader
from archiver.crawl.site import first_kind
from archiver.errors import ArchiveDamaged, BodyPruned, NotInArchive, UsageError
from archiver.extract.media import not_html
from archiver.extract.open_page import page_bytes
from archiver.learn.picking import PickedPage, PickedRule
from archiver.learn.set_rule import with_rule
from archiver.model.capture import Capture
from archiver.model.profile import Profile
from archiver.model.record import CONTENT_FIELDS, LIST_FIELDS
from archiver.store.sample_captures import SampleVersion

MOST_PAGES = 20
"""Captures of other pages on which a rule is tried."""
_SEARCHED = 300
_MOST_BYTES = 3_000_000
_MOST_VALUE = 300
_LARGEST = 2**62  # SQLite accepts no larger number
_NOT_PICKED = ("images", "files", "language", "file")


@dataclass(frozen=True, slots=True)
class Pick:
    """What is picked in a capture.

    Attributes:
        element: the number of the element; `up`: how many steps around it the node is that the rule finds.
        field: the field that gets the rule; "" for the likely one.
        choice: which of the rules is shown with its values.
    """

    element: int
    up: int = 0
    field: str = ""
    choice: int = 0


def rules_of(archive: ArchiveReader, page: Page, visit_id: int, pick: Pick | None) -> dict[str, Any]:
    """Return what can be picked in a capture or, when an element is picked, the rules that find it.

    Raises:
        NotInArchive: the page has no such visit, or the visit has no bytes.
        UsageError: it is no HTML, or there is no such element or field.
    """
    visit = _visit(archive, page, visit_id)
    profile = profiles.stored(archive.store, page.site)
    picked = PickedPage(_capture(archive, visit_id, profile), profile)
    if picked.kind is not None and picked.kind.kind == "api":
        raise UsageError(f"visit {visit_id}: the answer of an API; its rules are paths into JSON, and not picked")
    data: dict[str, Any] = {
        "page": {"page_id": page.page_id, "url": page.url, "site": page.site},
        "visit": {"visit_id": visit_id, "visited_at": visit["visited_at"]},
        "table": picked.kind.template if picked.kind else None,
        "note": picked.note or None,
        "element": None if pick is None else pick.element,
        "elements": [],
        "picked": None,
    }
    if pick is None:
        return data | {"elements": [asdict(each) for each in picked.elements()]}
    if pick.element >= len(picked.nodes):
        raise UsageError(f"{pick.element}: the capture has no such element; it has {len(picked.nodes)}")
    return data | {"picked": _picked(archive, page, profile, picked, pick)}


def _visit(archive: ArchiveReader, page: Page, visit_id: int) -> dict[str, Any]:
    known = archive.store.browsing.page_facts.visit(page.page_id, visit_id) if visit_id < _LARGEST else None
    if known is None:
        raise NotInArchive(f"visit {visit_id}: {page.url} has no such visit")
    if not known["has_bytes"]:
        raise NotInArchive(f"visit {visit_id}: it has no bytes to read; the list of visits shows others")
    return known


def _capture(archive: ArchiveReader, visit_id: int, profile: Profile | None) -> Capture:
    capture = archive.store.evidence.visit(visit_id).capture
    what = not_html(capture.body, capture.media_type)
    if what:
        raise UsageError(f"visit {visit_id}: not a page but {what}; rules are picked in pages")
    if len(page_bytes(capture, profile).capture.body) > _MOST_BYTES:
        raise UsageError(f"visit {visit_id}: more than {_MOST_BYTES:,} bytes; pick rules in a smaller page")
    return capture


def _picked(
    archive: ArchiveReader, page: Page, profile: Profile | None, picked: PickedPage, pick: Pick
) -> dict[str, Any]:
    element, up, fields = pick.element, pick.up, _fields(picked)
    field = pick.field or picked.likely_field(element, up)
    if field not in fields:
        raise UsageError(f"{field}: no field of this name; known: {', '.join(fields)}")
    samples = list(_samples(archive, page, profile))
    others = [PickedPage(capture, profile) for _, capture in samples]
    rules = picked.rules(element, up, field, others)
    chosen = rules[min(pick.choice, len(rules) - 1)] if rules else None
    return {
        "field": field,
        "fields": fields,
        "up": up,
        "above": picked.above(element),
        "text": picked.text(element, up),
        "rules": [
            {"rule": each.toml, "value": each.value, "pages": each.pages, "of": len(each.values)} for each in rules
        ],
        "choice": rules.index(chosen) if chosen else None,
        "values": _values(archive, samples, field, chosen) if chosen else [],
        "difference": _difference(profile, picked, field, chosen) if chosen else None,
        "toml": f"{field.removeprefix('readings.')} = {chosen.toml}" if chosen else None,
    }


def _fields(picked: PickedPage) -> list[str]:
    known = [each.name for each in CONTENT_FIELDS if each.name not in _NOT_PICKED]
    table = picked.kind
    extra = [name for name, _ in table.fields if name not in known and name not in _NOT_PICKED] if table else []
    readings = [f"readings.{name}" for name, _ in table.readings] if table else []
    return list(dict.fromkeys((*known, "modified", *extra, *(readings or ["readings.views"]))))


def _samples(archive: ArchiveReader, page: Page, profile: Profile | None) -> Iterable[tuple[SampleVersion, Capture]]:
    """Yield captures of other pages of the same kind, those that were visited last."""
    kind = first_kind(profile.pages, page.url) if profile else None
    found = 0
    for each in archive.store.sample_captures.versions(page.site, _SEARCHED):
        is_other = each.page_id != page.page_id and not archive.is_embargoed(each.url)
        if not is_other or (profile and first_kind(profile.pages, each.url) is not kind):
            continue
        try:
            capture = archive.store.evidence.visit(each.visit_id).capture
        except (ArchiveDamaged, BodyPruned):
            continue
        if len(page_bytes(capture, profile).capture.body) <= _MOST_BYTES and not not_html(
            capture.body, capture.media_type
        ):
            yield each, capture
            found += 1
        if found >= MOST_PAGES:
            return


def _values(
    archive: ArchiveReader, samples: Sequence[tuple[SampleVersion, Capture]], field: str, chosen: PickedRule
) -> list[dict[str, Any]]:
    """Return for each page what the archive has for the field, and what the rule gives."""
    rows = []
    for (each, _), value in zip(samples, chosen.values, strict=True):
        version = archive.store.history.version(each.page_id, each.version)
        now = _stored(version.content.flat(), field) if version else None
        rows.append(
            {
                "page_id": each.page_id,
                "url": each.url,
                "title": version.content.title if version else None,
                "visit_id": each.visit_id,
                "seen_from": each.seen_from,
                "now": now,
                "picked": value,
                "is_same": _folded(now) == _folded(value),
            }
        )
    return rows


def _stored(values: dict[str, Any], field: str) -> str | None:
    value = values.get(field, values.get(f"extra.{field}"))
    text = "; ".join(value or ()) if field in LIST_FIELDS else value
    return text[:_MOST_VALUE] if text else None


def _folded(value: str | None) -> str:
    return " ".join((value or "").split())[: _MOST_VALUE - 20]


def _difference(profile: Profile | None, picked: PickedPage, field: str, chosen: PickedRule) -> str | None:
    """Return the difference of the profile with the rule as the first one of its field; None: the profile has it."""
    if profile is None or picked.kind is None:
        return None
    text = with_rule(profile, picked.kind, field, chosen.toml)
    if text is None:
        return None
    old, new = (each.replace("\r\n", "\n").splitlines() for each in (profile.text, text))
    name = f"{profile.name}.toml"
    return "\n".join(difflib.unified_diff(old, new, name, name, lineterm=""))
