"""The judge's words: what a record means for the history of its page."""

from dataclasses import dataclass
from enum import StrEnum

FieldValue = str | tuple[str, ...] | None


class Verdict(StrEnum):
    """What a record is, beside the one before it by the same extractor."""

    FIRST = "first"
    SAME = "same"
    CHANGED = "changed"
    BACK = "back"
    REREAD = "reread"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs. Characters are Unicode code points of the normalised text."""

    field: str
    old: FieldValue
    new: FieldValue
    chars_added: int = 0
    chars_removed: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and the fields it rests on; the store executes it and adds nothing."""

    verdict: Verdict
    changes: tuple[FieldChange, ...] = ()

    @property
    def is_new_version(self) -> bool:
        """Whether the page's history gets a new version."""
        return self.verdict is not Verdict.SAME
