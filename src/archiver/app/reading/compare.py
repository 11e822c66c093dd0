"""Compare two versions of a page: which fields differ, and between which visits the change happened."""

from dataclasses import dataclass, replace
from typing import Any

from archiver.app.reading.page import Page, demand_content
from archiver.change.decide import differing, undescribed
from archiver.model.version import FieldChange, Verdict
from archiver.store.history import KeptVersion


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions, in the order they were asked for.

    Attributes:
        changes: what differs in `new` from `old`.
        not_before: the last visit that saw the earlier of the two.
        not_after: the first visit that saw the later one; never earlier than `not_before`.
        absence: the row of `absences` between them, when the page was gone and came back.
    """

    old: KeptVersion
    new: KeptVersion
    changes: tuple[FieldChange, ...]
    not_before: str
    not_after: str
    absence: dict[str, Any] | None = None

    @property
    def is_of_one(self) -> bool:
        """Return whether both are the same version, so that there is nothing to compare."""
        return self.old.version == self.new.version


def compare(page: Page, old: int | None = None, new: int = -1) -> Comparison:
    """Compare two versions by number; by default the newest with the one before it.

    Raises:
        NoSuchVersion: the page has no version with this number; the message names those it has.
        VersionRedacted: the content of one of them was redacted.
    """
    pair = undescribed_pair(page, old, new)
    return replace(pair, changes=differing(pair.old.content, pair.new.content))


def undescribed_pair(page: Page, old: int | None = None, new: int = -1) -> Comparison:
    """Return the same without a description of the changes: no texts are compared.

    Raises:
        NoSuchVersion, VersionRedacted: as for `compare`.
    """
    after = page.version(new)
    before = page.version(max(after.version - 1, 1) if old is None else old)
    for each in (before, after):
        demand_content(page.url, each)
    earlier, later = sorted((before, after), key=lambda kept: kept.version)
    absence = None
    if later.verdict == Verdict.BACK and later.version == earlier.version + 1:
        absence = next((row for row in page.absences if row["back_by"] == later.seen_from), None)
    changes = undescribed(before.content, after.content)
    return Comparison(before, after, changes, earlier.seen_last, later.seen_from, absence)
