"""Move the archive of a site to another object storage, under a lease. The old objects stay until they are deleted."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """A site whose archive was moved.

    Attributes:
        site: its name.
        old, new: the places, without secrets.
        objects, bytes: of the archive; `copied`: objects that were not there yet.
        generation: the newest; None: the archive was empty.
        deleted: whether the old objects were deleted.
    """

    site: str
    old: str
    new: str
    objects: int
    bytes: int
    copied: int
    generation: int | None
    deleted: bool
