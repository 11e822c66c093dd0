"""What a check of an archive finds: one finding a fault, in words that any stream takes."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of an archive.

    Attributes:
        kind: `file`, `schema`, `tie`, `reference` (a row leans on one that is not there), `row` (a visit the chain does
            not vouch for), `body` (a visit whose bytes are damaged), `mirror`, `derived`, `search`, `head`, `time` (a
            stored time that is none, or far in the future), `future` (visits dated later than now; no damage).
        file: the name of the file it is in.
        what: one line.
        healed: whether all is still read right, by a second copy; None where there is nothing to read.
        versions: those that rest on the visit or the content; `readings` and `changes`: how many do.
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
        """The finding under the names of its attributes, `kind` as `finding`."""
        values = asdict(self)
        return {"finding": values.pop("kind"), **values}


@dataclass
class Findings:
    """Findings in the order they come. What is damaged may be no text: it is made such here."""

    all: list[Finding] = field(default_factory=list)

    def add(self, found: Finding) -> None:
        """Note a fault."""
        self.all.append(
            replace(found, what=as_text(found.what) or "", url=as_text(found.url), visited_at=as_text(found.visited_at))
        )

    def of(self, *kinds: str) -> list[Finding]:
        """Those of some kinds."""
        return [found for found in self.all if found.kind in kinds]


def as_text(value: object) -> str | None:
    """A value of a damaged row as text that UTF-8 can say."""
    return None if value is None else str(value).encode("utf-8", "replace").decode()
