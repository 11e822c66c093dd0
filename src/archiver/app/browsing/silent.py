"""Edits that pages do not own up to, and claims of edits without one: the edits of one page at one visit together."""

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from archiver.app.browsing.site_names import demand_site
from archiver.app.reading.find import known_field
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import UsageError
from archiver.model.moments import since_text
from archiver.store.silent_queries import SilentChoice
from archiver.text.edit_context import parts_of

__all__ = ["CLAIMS", "KINDS", "SilentChoice", "SilentEdit", "SilentEdits", "silent_edits"]

A_PART = 40
"""The number of rows in one part of the list."""
CLAIMS = {
    "unchanged": "The page still says that it was changed on {0}.",
    "same_day": "The page says only the day: {0}.",
    "removed": "The page said that it was changed on {0}, and says nothing now.",
    "unreadable": "The page says when it was changed, but not as a certain date.",
    "none": "The page does not say when it was changed.",
    "unknown": "It is not known what the page said.",
    "moved": "The page says that it was changed on {0}. Nothing differs.",
}
"""What the page says of its latest change, in words."""
KINDS = ("silent", "only_claimed")


@dataclass(frozen=True, slots=True)
class SilentEdit:
    """What one page did at one visit: the edited fields, and what it says of its latest change.

    Attributes:
        kind: silent (the content changed, and the claim did not) or only_claimed.
        claim: as in the view `silent_edits`; `told`: the same in words.
        title, language: what the page showed then.
        fields: the edits: field, nature, words (parts of the changed text: equal, insert or delete, and a text),
            chars_added, chars_removed, change_id; none for only_claimed.
        version: the number of the version with the new values; None for only_claimed.
    """

    kind: str
    claim: str
    told: str
    site: str
    page_id: int
    url: str
    title: str | None
    language: str | None
    not_before: str
    not_after: str
    modified_before: str | None
    modified_after: str | None
    version: int | None
    visit_id: int
    fields: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SilentEdits:
    """A part of the list, newest first. `before`: the moment at which the next part goes on; None at the end."""

    edits: tuple[SilentEdit, ...]
    before: str | None


def silent_edits(archive: ArchiveReader, chosen: SilentChoice, size: int = A_PART) -> SilentEdits:
    """Return a part of the list, without pages under an embargo, redesigns and edits of typography.

    Args:
        archive: the archive.
        chosen: which edits; `since` and `before` may be any moment.
        size: the number of edits of fields in a part; a last page is never cut, so there may be fewer.

    Raises:
        UsageError: an unknown kind or field, or a text that is no moment.
        NotInArchive: there is no such site.
    """
    if chosen.kind is not None and chosen.kind not in KINDS:
        raise UsageError(f"{chosen.kind}: no such kind of silent edit; known: {', '.join(KINDS)}")
    demand_site(archive, chosen.site)
    known_field(archive.store, chosen.field)
    now = archive.settings.clock()
    chosen = replace(
        chosen,
        since=chosen.since and since_text(chosen.since, now),
        before=chosen.before and since_text(chosen.before, now),
        without=archive.embargoed_pages(),
    )
    rows = archive.store.browsing.silent.newest(chosen, size + 1)
    whole, before = _whole(rows, size)
    grouped = groupby(whole, key=lambda row: (row["kind"], row["page_id"], row["not_after"], row["claim"]))
    return SilentEdits(tuple(_edit(list(group)) for _, group in grouped), before)


def _whole(rows: list[dict[str, Any]], size: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return the rows of whole moments, and the oldest of these when there are more rows."""
    if len(rows) <= size:
        return rows, None
    last = rows[-1]["not_after"]
    whole = [row for row in rows if row["not_after"] != last]
    if not whole:  # one moment with more edits than a part has
        return rows[:size], last
    return whole, whole[-1]["not_after"]


def _edit(rows: list[dict[str, Any]]) -> SilentEdit:
    row = rows[0]
    names = ("field", "nature", "chars_added", "chars_removed", "change_id")
    same = {name: row[name] for name in SilentEdit.__slots__ if name in row}
    fields = tuple(
        {name: each[name] for name in names} | {"words": list(parts_of(each["context"] or ""))}
        for each in rows
        if each["field"] is not None
    )
    shown = row["modified_after"] or row["modified_before"] or ""
    return SilentEdit(**same, told=CLAIMS[row["claim"]].format(shown), fields=fields)
