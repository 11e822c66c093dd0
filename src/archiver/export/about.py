"""The facts about a data package: its sites, when and by which program it was made, and the head of the chain."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """The facts about a package.

    Attributes:
        version: the version of the program.
        made_at: UTC, as the archive stores it.
        sites: name, title and address of each site.
        site: the only site that was chosen; None for all.
        head: the statement of the chain's head.
        form: the format of the tables: csv or parquet.
    """

    version: str
    made_at: str
    sites: tuple[tuple[str, str, str], ...]
    site: str | None
    head: Mapping[str, Any]
    form: str

    @property
    def subject(self) -> str:
        """Return the titles of the sites as one text."""
        return ", ".join(title or name for name, title, _ in self.sites) or "no site"
