"""What a data package is of: the sites, when and by what it was made, and what vouches for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """What a package is of.

    Attributes:
        version: of the program.
        made_at: UTC, as the archive writes it.
        sites: of each site its name, what it calls itself, and its address.
        site: the only one that was asked for; None for all.
        head: the statement of the chain's head.
        form: of the tables: csv or parquet.
    """

    version: str
    made_at: str
    sites: tuple[tuple[str, str, str], ...]
    site: str | None
    head: Mapping[str, Any]
    form: str

    @property
    def subject(self) -> str:
        """The sites in words."""
        return ", ".join(title or name for name, title, _ in self.sites) or "no site"
