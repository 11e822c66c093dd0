"""The report of a repair: the rows, frames and files that it repaired, and what is lost."""

from dataclasses import dataclass, field


@dataclass
class RepairReport:
    """The result of a repair or of a dry run.

    Attributes:
        rows: visits whose row was taken from the copy.
        frames: frames taken from their mirror or the copy; `mirrors`: mirrors written again.
        moved: visits that referenced a wrong frame.
        files: files that were rebuilt; `kept_aside`: the unchanged damaged files.
        notes: what else was done, as text.
        lost_rows: visits that the chain does not confirm; `lost_bodies`: visits whose bytes are lost.
        faults: other remaining faults.
    """

    dry_run: bool = False
    rows: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    mirrors: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    kept_aside: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lost_rows: list[int] = field(default_factory=list)
    lost_bodies: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether no damage remains."""
        return not (self.lost_rows or self.lost_bodies or self.faults)

    @property
    def is_repaired(self) -> bool:
        """Whether anything was repaired."""
        return bool(self.rows or self.frames or self.mirrors or self.moved or self.files or self.notes)
