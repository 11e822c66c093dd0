"""Count the listings of a crawl that look like articles, for the warning at its end."""

from archiver.crawl.follow_up import Judged


class LikelyArticles:
    """Counts the pages that were read as listings and hold the body of an article. Each page counts once.

    Attributes:
        first: the address of the first such page; "" when there was none.
    """

    def __init__(self) -> None:
        self.first = ""
        self._pages: set[int] = set()

    def take(self, judged: Judged) -> None:
        """Count a visit that was read, if it is one of them."""
        record = judged.visit.read.record
        if record is None or not judged.shows_links or not record.looks_like_article:
            return
        self._pages.add(judged.history.page_id)
        self.first = self.first or judged.capture.url

    def __len__(self) -> int:
        """How many pages there were."""
        return len(self._pages)
