"""What a fetch hands to the desk: captures of pages, and captures that are no pages."""

from dataclasses import dataclass
from typing import Literal

from archiver.model.capture import Capture
from archiver.model.warc import Origin
from archiver.store.evidence import KeptVisit

ASIDE = {"robots": "before the first page, and each 24 hours", "probe": "to see what a missing page looks like"}


@dataclass(frozen=True, slots=True)
class Brought:
    """A capture, its page, how deep in the site that was found, why it was visited, and the file it came out of."""

    page_id: int
    capture: Capture
    depth: int = 0
    reason: str | None = None
    origin: Origin | None = None


Kept = tuple[KeptVisit, Brought]
"""A visit as it is kept, and what is known of its page."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A capture that is no page of the site: of its robots.txt, or of the address asked as a probe."""

    capture: Capture
    kind: Literal["robots", "probe"] = "robots"
    origin: Origin | None = None
    reason: str | None = None
