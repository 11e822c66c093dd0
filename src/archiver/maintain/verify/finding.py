"""The findings of a check of an archive: one finding for each fault."""

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any

MAX_FINDINGS = 1000
"""How many findings of a kind are kept: one cause, such as a wrong key, can give a finding for each row."""

_LONGEST = 2000  # characters of a description
_MAX_VERSIONS = 100  # that a finding lists
_MAX_VISITS = 1 << 28  # visit ids that are counted; a byte each
_DAMAGED, _HEALED = 1, 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an archive.

    Attributes:
        kind: `file`, `schema`, `tie` (the identity of both files), `reference` (a row references a missing row), `row` (a
            visit that the chain does not confirm), `body` (a visit whose bytes are damaged), `mirror`, `derived`,
            `search`, `redaction`, `head`, `time` (a stored time that is invalid or far in the future), `future` (visits dated later
            than now; no damage).
        file: the name of the file it is in.
        what: a description in one line.
        healed: whether a second copy still gives the right value; None when there is nothing to read.
        versions: versions that depend on the visit or the content, at most 100; `readings` and `changes`: the numbers of such rows.
    """

    kind: str
    file: str
    what: str
    healed: bool | None = None
    visit_id: int | None = None
    url: str | None = None
    visited_at: str | None = None
    frame_id: int | None = None
    versions: tuple[int, ...] = ()
    readings: int = 0
    changes: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the attributes by their names, with `kind` as `finding`."""
        values = asdict(self)
        return {"finding": values.pop("kind"), **values}


@dataclass
class Findings:
    """Findings in the order in which they are added, at most `MAX_FINDINGS` of each kind; the others are only counted.

    Damaged values are converted to valid text.

    Attributes:
        all: the findings that are kept.
        counts: how many were added, by kind.
        first_row: the lowest visit that the chain does not confirm; None when there is none.
    """

    all: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    first_row: int | None = None
    _visits: bytearray = field(default_factory=bytearray)

    def add(self, found: Finding) -> None:
        """Add a fault."""
        self.counts[found.kind] += 1
        if found.visit_id is not None:
            self._mark(found.visit_id, _HEALED if found.healed is True else _DAMAGED)
        if found.kind == "row":
            visit = found.visit_id or 0
            self.first_row = visit if self.first_row is None else min(visit, self.first_row)
        if self.counts[found.kind] <= MAX_FINDINGS:
            self.all.append(_bounded(found))

    @property
    def left_out(self) -> dict[str, int]:
        """Return how many findings are counted and not kept, by kind."""
        return {kind: count - MAX_FINDINGS for kind, count in self.counts.items() if count > MAX_FINDINGS}

    @property
    def left_out_lines(self) -> list[str]:
        """Return `left_out` as lines of text."""
        return [f"{count} more findings of the kind `{kind}` are not listed" for kind, count in self.left_out.items()]

    @property
    def damaged_visits(self) -> int:
        """Return the number of visits with a finding."""
        return len(self._visits) - self._visits.count(0)

    @property
    def healed_visits(self) -> int:
        """Return the number of visits whose last finding says that a second copy gives the right value."""
        return self._visits.count(_HEALED)

    def _mark(self, visit_id: int, mark: int) -> None:
        if 0 <= visit_id < _MAX_VISITS:  # a damaged row may have any number
            self._visits.extend(bytes(max(0, visit_id + 1 - len(self._visits))))
            self._visits[visit_id] = mark


def _bounded(found: Finding) -> Finding:
    what = (as_text(found.what) or "")[:_LONGEST]
    return replace(
        found,
        what=what,
        url=as_text(found.url),
        visited_at=as_text(found.visited_at),
        versions=found.versions[:_MAX_VERSIONS],
    )


def as_text(value: object) -> str | None:
    """Return a value of a damaged row as text that UTF-8 can encode."""
    return None if value is None else str(value).encode("utf-8", "replace").decode()
