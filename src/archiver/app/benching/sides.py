"""What one profile gives for a capture: the values, by which way each was found, and what was not read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from archiver.crawl.judge import has_content
from archiver.crawl.read_capture import ReadResult
from archiver.extract.unread import UNREAD_WITH_BODY
from archiver.model.profile import PageKind, Profile
from archiver.model.record import FIELDS, Content, Record
from archiver.store.reinterpretations import shown_values

NONE, OTHER, RULE = 0, 1, 2
"""How a field has its value: not at all, without a rule of its own (declared, printed, by the fallback), by a rule."""
NO_TABLE = "(no table)"
_READINGS = "readings."
_UTC = "published_utc"


class ProfileTables:
    """The tables of a profile, and which fields they have rules for."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._by_template = {kind.template: kind for kind in profile.pages}
        self._matching: dict[str, frozenset[str]] = {}
        kinds = [kind.kind for kind in profile.pages]
        self._names = {
            kind.template: kind.kind if kinds.count(kind.kind) == 1 else kind.template for kind in profile.pages
        }

    def name(self, template: str) -> str:
        """Return the name of a template in the results: `article`, or with its line when there are several."""
        return self._names.get(template, NO_TABLE)

    def for_address(self, url: str) -> str:
        """Return the name of the first table that matches an address."""
        kinds = self.profile.pages
        return next((kind.template for kind in kinds if kind.url is None or kind.url.search(url)), NO_TABLE)

    def ruled_by(self, template: str) -> frozenset[str]:
        """Return the fields for which a template has rules."""
        kind = self._by_template.get(template)
        return _ruled(kind) if kind is not None else frozenset()

    def ruled_at(self, url: str) -> frozenset[str]:
        """Return the fields for which any table that matches an address has rules."""
        if url not in self._matching:
            kinds = (kind for kind in self.profile.pages if kind.url is None or kind.url.search(url))
            self._matching[url] = frozenset().union(*map(_ruled, kinds))
        return self._matching[url]


def _ruled(kind: PageKind) -> frozenset[str]:
    return frozenset(map(_label, dict(kind.fields))) | {f"{_READINGS}{name}" for name, _ in kind.readings}


def _label(source: str) -> str:
    """Return the name of a field by that of its source: `extra.NAME` for a field of the profile's own."""
    is_known = source in (*FIELDS, "modified") or source.startswith(_READINGS)
    return source if is_known else f"extra.{source}"


@dataclass(frozen=True)
class Side:
    """What one profile gives for a capture.

    Attributes:
        content: the content; empty where the capture gives none.
        levels: by field, `OTHER` or `RULE`; fields without a value are left out.
        ruled: the fields that the profile has rules for.
        unread: the fields whose values are not known, because they were not read or only in part.
        template: the template that was chosen; "" for none or when it is not known.
        is_short: whether the body was left to the slow fallback.
        is_gone: whether the capture says that the page does not exist, or is a wall.
        is_misread: whether the rules seem to misread the page, so that a crawl would hold the visit back.
    """

    content: Content
    levels: Mapping[str, int] = field(default_factory=dict)
    ruled: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    template: str = ""
    is_short: bool = False
    is_gone: bool = False
    is_misread: bool = False

    @cached_property
    def values(self) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """Return the values as the archive shows them, and as it compares them."""
        return shown_values(self.content)

    def covers(self, name: str) -> bool:
        """Return whether the field has a value: by a rule, if the profile has rules for it."""
        return self.levels.get(name, NONE) >= (RULE if name in self.ruled else OTHER)


def side_of_reading(result: ReadResult | None, tables: ProfileTables) -> Side:
    """Return what a reading gives."""
    record = result.record if result is not None else None
    if result is None or record is None:
        return Side(Content(), is_gone=True)
    content = record.content if has_content(record, result.outcome) else Content()
    ranks = {name: source.rank for name, source in record.sources}
    levels = _levels(content, ranks)
    if record.needs_fallback:
        levels["body"] = OTHER
    ruled = tables.ruled_by(record.template)
    is_gone = result.outcome.is_absence
    is_short, is_misread = record.needs_fallback, bool(record.broken)
    return Side(content, levels, ruled, _unread(record), record.template, is_short, is_gone, is_misread)


def _unread(record: Record) -> frozenset[str]:
    """Return the fields that were not read, or of which only one part of an article was read."""
    is_partial = record.needs_fallback or record.continues or record.part_of
    return frozenset(record.unread) | (UNREAD_WITH_BODY if is_partial else frozenset())


def stored_side(content: Content, ranks: Mapping[str, int], ruled: frozenset[str]) -> Side:
    """Return what the archive has. `ranks`: by source name, of the rules that gave the values."""
    return Side(content, _levels(content, ranks), ruled)


def _levels(content: Content, ranks: Mapping[str, int]) -> dict[str, int]:
    by_label = {_label(name): rank for name, rank in ranks.items() if "[" not in name}
    levels = {name: RULE if by_label.get(name, 0) > 0 else OTHER for name, value in content.flat().items() if value}
    claimed = (name for name in by_label if name == "modified" or name.startswith(_READINGS))
    return levels | {name: RULE if by_label[name] > 0 else OTHER for name in claimed}


def differing(was: Side, now: Side) -> list[str]:
    """Return the fields that two sides read differently. The UTC form of a date counts only where the date is equal."""
    old, new = was.values[1], now.values[1]
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if "published" in names:
        names.discard(_UTC)
    return sorted(names - was.unread - now.unread)


def step(name: str, was: Side, now: Side) -> int:
    """Return -1 when a field is lost: a rule gave its value and none does now, or it had a value and has none.

    1 when it is gained in the same way, else 0. A field whose rules were removed, and which still has a value, is not
    lost; the body is, because the fallback is slow and reads less well.
    """
    before, after = was.levels.get(name, NONE), now.levels.get(name, NONE)
    if before == after or (name in (was.unread | now.unread) and name != "body"):
        return 0
    if NONE not in (before, after) and name != "body":
        side = now if after < before else was
        return 0 if name not in side.ruled else after - before
    return 1 if after > before else -1
