"""The result of comparing a record with the history of its page."""

from dataclasses import dataclass
from enum import StrEnum

FieldValue = str | tuple[str, ...] | None


class Verdict(StrEnum):
    """The relation of a record to the previous one of the same extractor."""

    FIRST = "first"
    SAME = "same"
    CHANGED = "changed"
    BACK = "back"
    REREAD = "reread"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs. `archiver.model.edit` describes the last four.

    Attributes:
        chars_added, chars_removed: Unicode code points of the normalised text.
        nature: words, figures, typography, order or media.
        context: the changed words with some around them.
    """

    field: str
    old: FieldValue
    new: FieldValue
    chars_added: int = 0
    chars_removed: int = 0
    nature: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and the changed fields. The store writes it and makes no decisions."""

    verdict: Verdict
    changes: tuple[FieldChange, ...] = ()

    @property
    def is_new_version(self) -> bool:
        """Whether the record is a new version."""
        return self.verdict is not Verdict.SAME
