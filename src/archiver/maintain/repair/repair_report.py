"""What a repair did, or would do: the rows, frames and files it made whole, and what is lost."""

from dataclasses import dataclass, field


@dataclass
class RepairReport:
    """What a repair did, or would do.

    Attributes:
        rows: visits whose row was taken from the copy.
        frames: frames taken from their mirror or the copy; `mirrors`: second copies written anew.
        moved: visits that named a wrong frame.
        files: files that were written anew; `kept_aside`: the damaged ones, as they were.
        notes: what else was done, for people.
        lost_rows: visits the chain does not vouch for; `lost_bodies`: visits whose bytes cannot be had.
        faults: what is wrong still, beside those.
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
        """Whether nothing is damaged any more."""
        return not (self.lost_rows or self.lost_bodies or self.faults)

    @property
    def healed(self) -> bool:
        """Whether anything was damaged that is not now."""
        return bool(self.rows or self.frames or self.mirrors or self.moved or self.files or self.notes)
