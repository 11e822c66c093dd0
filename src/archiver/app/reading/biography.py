"""The history of a phrase in an archive: first and last occurrence, pages that contain it, edits that removed it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from archiver.store.search import PhraseSpan


@dataclass(frozen=True, slots=True)
class Biography:
    """All spells of a phrase, page by page. A spell is a run of versions that contain it. Times are UTC text.

    Attributes:
        phrase: the phrase that was searched for.
        spells: the runs of versions that contain the phrase.
    """

    phrase: str
    spells: tuple[PhraseSpan, ...]

    @property
    def first(self) -> PhraseSpan | None:
        """Return the spell that was seen first; None when no version contains the phrase."""
        return min(self.spells, key=lambda spell: (spell.seen_from, spell.page_id), default=None)

    @property
    def last(self) -> PhraseSpan | None:
        """Return the spell that was seen last; None when no version contains the phrase."""
        return max(self.spells, key=lambda spell: (spell.seen_last, spell.page_id), default=None)

    @property
    def standing(self) -> tuple[PhraseSpan, ...]:
        """Return the spells that have not ended."""
        return tuple(spell for spell in self.spells if spell.went is None)

    @property
    def dropped(self) -> tuple[PhraseSpan, ...]:
        """Return the spells that an edit ended, the newest first."""
        ended = [spell for spell in self.spells if spell.went == "edited"]
        return tuple(sorted(ended, key=lambda spell: spell.went_by or "", reverse=True))

    @property
    def pages(self) -> int:
        """Return the number of pages that ever contained the phrase."""
        return len({spell.page_id for spell in self.spells})

    def spread(self) -> dict[str, int]:
        """Return how many pages first contained the phrase in each month (`YYYY-MM`), oldest first."""
        first: dict[int, str] = {}
        for spell in sorted(self.spells, key=lambda spell: spell.seen_from):
            first.setdefault(spell.page_id, spell.seen_from[:7])
        return dict(sorted(Counter(first.values()).items()))

    def as_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        first, last = self.first, self.last
        return {
            "phrase": self.phrase,
            "pages": self.pages,
            "standing": len({spell.page_id for spell in self.standing}),
            "first_seen": first and first.seen_from,
            "first_url": first and first.url,
            "last_seen": last and last.seen_last,
            "last_url": last and last.url,
            "spread": self.spread(),
        }
