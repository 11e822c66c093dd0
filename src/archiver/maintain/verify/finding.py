"""The findings of a check of an archive: one finding for each fault."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an archive.

    Attributes:
        kind: `file`, `schema`, `tie` (the identity of both files), `reference` (a row references a missing row), `row` (a
            visit that the chain does not confirm), `body` (a visit whose bytes are damaged), `mirror`, `derived`,
            `search`, `head`, `time` (a stored time that is invalid or far in the future), `future` (visits dated later
            than now; no damage).
        file: the name of the file it is in.
        what: a description in one line.
        healed: whether a second copy still gives the right value; None when there is nothing to read.
        versions: versions that depend on the visit or the content; `readings` and `changes`: the numbers of such rows.
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
    """Findings in the order in which they are added. Damaged values are converted to valid text."""

    all: list[Finding] = field(default_factory=list)

    def add(self, found: Finding) -> None:
        """Add a fault."""
        self.all.append(
            replace(found, what=as_text(found.what) or "", url=as_text(found.url), visited_at=as_text(found.visited_at))
        )

    def of(self, *kinds: str) -> list[Finding]:
        """Return the findings of some kinds."""
        return [found for found in self.all if found.kind in kinds]


def as_text(value: object) -> str | None:
    """Return a value of a damaged row as text that UTF-8 can encode."""
    return None if value is None else str(value).encode("utf-8", "replace").decode()
