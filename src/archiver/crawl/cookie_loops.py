"""Notes the redirects of several pages in a circle that sets a cookie: with `cookies = true` they may lead to a page.

A crawl visits each page of the circle by itself, so the circle is only seen in the archive, by its last visit. It is
seen alike when the visits are read again.
"""

from collections.abc import Sequence
from datetime import timedelta

from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.model.clock import written
from archiver.model.outcome import Outcome
from archiver.polite.polite_client import COOKIES_MAY_HELP, MAX_HOPS
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit

_WITHIN = timedelta(minutes=15)  # between the visits of a circle


class CookieLoops:
    """Notes the circles of one site."""

    def __init__(self, store: Store, site: WorkingSite) -> None:
        self._store = store
        self._site = site
        self.found: dict[str, None] = {}
        """The addresses at which the circles begin."""

    def note(self, visits: Sequence[KeptVisit]) -> None:
        """Note the circles that these visits close. Their results are written, and so are all earlier ones."""
        for kept in visits:
            if kept.capture.outcome is not Outcome.MOVED or self._site.profile.crawl.cookies:
                continue
            circle = self._circle(kept)
            if any(map(self._sets_cookie, circle)):
                self._store.redirects.note(list(circle), f"redirect loop{COOKIES_MAY_HELP}")
                self.found[circle[min(circle)]] = None

    def _circle(self, kept: KeptVisit) -> dict[int, str]:
        """Return the visits of a circle that ends with this one, with their addresses; none without a circle."""
        found = {kept.visit_id: kept.capture.url}
        start, target = self._site.key(kept.capture.url), kept.capture.location
        since, until = written(kept.visited_at - _WITHIN), written(kept.visited_at)
        while target is not None and self._site.key(target) != start:
            hop = self._store.redirects.last(self._site.site_id, self._site.key(target), since, until)
            if hop is None or hop.visit_id in found or len(found) > MAX_HOPS:
                return {}
            found[hop.visit_id], target = hop.url, hop.target
        return found if len(found) > 1 or target == kept.capture.url else {}

    def _sets_cookie(self, visit_id: int) -> bool:
        try:
            return self._store.evidence.visit(visit_id).capture.header("set-cookie") is not None
        except (ArchiveDamaged, BodyPruned):
            return False
