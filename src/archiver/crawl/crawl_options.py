"""How far a crawl goes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """How far a run goes.

    Attributes:
        limit: how many pages it visits at most; None: no limit. Requisites are not counted.
        seconds: how long it runs at most; None: no limit.
        everything: visit all pages, also those that are not due.
        budget: visits a day, instead of the profile's.
    """

    limit: int | None = None
    seconds: float | None = None
    everything: bool = False
    budget: float | None = None
