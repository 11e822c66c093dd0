"""The life of a phrase in an archive: where it came from, how far it spread, where it stands, who dropped it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from archiver.store.search import PhraseSpan


@dataclass(frozen=True, slots=True)
class Biography:
    """All spells of a phrase, page by page. Times are UTC text.

    Attributes:
        phrase: as it was asked.
        spells: each run of versions that carry it.
    """

    phrase: str
    spells: tuple[PhraseSpan, ...]

    @property
    def first(self) -> PhraseSpan | None:
        """The spell that was seen first; None when no version carries the phrase."""
        return min(self.spells, key=lambda spell: (spell.seen_from, spell.page_id), default=None)

    @property
    def last(self) -> PhraseSpan | None:
        """The spell that was seen last."""
        return max(self.spells, key=lambda spell: (spell.seen_last, spell.page_id), default=None)

    @property
    def standing(self) -> tuple[PhraseSpan, ...]:
        """The spells that have not ended."""
        return tuple(spell for spell in self.spells if spell.went is None)

    @property
    def dropped(self) -> tuple[PhraseSpan, ...]:
        """The spells an edit ended, the newest first."""
        ended = [spell for spell in self.spells if spell.went == "edited"]
        return tuple(sorted(ended, key=lambda spell: spell.went_by or "", reverse=True))

    @property
    def pages(self) -> int:
        """On how many pages it ever stood."""
        return len({spell.page_id for spell in self.spells})

    def spread(self) -> dict[str, int]:
        """How many pages took it up first in each month, `YYYY-MM`, oldest first."""
        first: dict[int, str] = {}
        for spell in sorted(self.spells, key=lambda spell: spell.seen_from):
            first.setdefault(spell.page_id, spell.seen_from[:7])
        return dict(sorted(Counter(first.values()).items()))

    def as_json(self) -> dict[str, Any]:
        """The summary."""
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
