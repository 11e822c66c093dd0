"""The pages that a profile is learned from: which are wanted, and which were found."""

from dataclasses import dataclass, field
from typing import Any

from archiver.learn.samples import SamplePage
from archiver.model.event import Listener, ignore


@dataclass(frozen=True, slots=True)
class LearningRequest:
    """Which pages to learn from.

    Attributes:
        name: the site.
        urls: addresses of pages; with `from_archive`, at most one, whose host is meant.
        listings: addresses of listings whose articles are fetched.
        from_archive: take captures of the archive and fetch nothing.
        most: the most articles of listings, or captures of the archive; None for 10, or 30.
        is_api: write tables that read the API from which the pages get their data, instead of the pages.
        insecure: go on with a certificate that is not trusted.
        listen: called with progress events and notices.
    """

    name: str
    urls: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    from_archive: bool = False
    most: int | None = None
    is_api: bool = False
    insecure: bool = False
    listen: Listener = ignore


@dataclass(frozen=True, slots=True)
class UsedPage:
    """A page that was asked for. `fault`: why it was not used; "" when it was."""

    url: str
    visit_id: int | None
    fault: str = ""
    again: int | None = None
    is_listing: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints."""
        return {
            "url": self.url,
            "visit_id": self.visit_id,
            "again": self.again,
            "is_listing": self.is_listing,
            "fault": self.fault or None,
        }


@dataclass(slots=True)
class SamplePages:
    """The pages to learn from, and everything that was asked for."""

    pages: list[SamplePage] = field(default_factory=list)
    used: list[UsedPage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
