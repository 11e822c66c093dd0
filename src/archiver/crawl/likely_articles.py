"""Count the listings of a crawl that look like articles, for the warning at its end."""

from archiver.model.capture import Outcome
from archiver.store.versions import Observation


class LikelyArticles:
    """Counts the pages that were read as listings and hold the body of an article. Each page counts once.

    Attributes:
        first: the address of the first such page; "" when there was none.
    """

    def __init__(self) -> None:
        self.first = ""
        self._pages: set[int] = set()

    def take(self, seen: Observation) -> None:
        """Count a visit that was read, if it is one of them."""
        if seen.record is None or seen.outcome is not Outcome.OK or not seen.record.looks_like_article:
            return
        self._pages.add(seen.visit.page_id)
        self.first = self.first or seen.visit.capture.url

    def __len__(self) -> int:
        """How many pages there were."""
        return len(self._pages)
