"""What a fetch hands to the pipeline: captures of pages, and captures that are not pages."""

from dataclasses import dataclass
from typing import Literal

from archiver.model.capture import Capture
from archiver.model.reason import Reason, ReasonCode
from archiver.model.warc import Origin
from archiver.store.evidence import KeptVisit

_LINK = Reason.of(ReasonCode.LINK)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A capture of a page.

    Attributes:
        depth: how deep in the site the page was found.
        reason: why it was visited.
        origin: the file it came out of; None when it was fetched.
    """

    page_id: int
    capture: Capture
    depth: int = 0
    reason: Reason = _LINK
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A capture that is durable.

    Attributes:
        visit: its row.
        previous: the capture that the page's newest version rests on, where another extractor made that version.
    """

    visit: KeptVisit
    fetched: Fetched
    previous: Capture | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A capture that is not a page of the site: of its robots.txt, or of the address asked as a probe."""

    capture: Capture
    kind: Literal["robots", "probe"] = "robots"
    origin: Origin | None = None
    reason: Reason | None = None

    @property
    def why(self) -> Reason:
        """Why it was visited."""
        return self.reason or Reason.of(ReasonCode(self.kind))
