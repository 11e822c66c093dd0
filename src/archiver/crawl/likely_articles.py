"""Counts the listings of a crawl that look like articles, for the warning at its end."""

from archiver.crawl.follow_up import Judged


class LikelyArticles:
    """Counts the pages that were read as listings although they have the body of an article. Each page counts once.

    Attributes:
        first: the address of the first such page; "" when there was none.
    """

    def __init__(self) -> None:
        self.first = ""
        self._pages: set[int] = set()

    def add(self, judged: Judged) -> None:
        """Count the page of a visit, if it is one of them."""
        record = judged.visit.read.record
        if record is None or not judged.shows_links or not record.looks_like_article:
            return
        self._pages.add(judged.history.page_id)
        self.first = self.first or judged.capture.url

    def __len__(self) -> int:
        """Return how many pages were counted."""
        return len(self._pages)
