"""Find captures by address and time: what a page showed, and the requisites and pages that it names."""

from datetime import datetime

from archiver.app.reading.find import url_rules
from archiver.errors import BodyPruned, UsageError
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.outcome import Outcome
from archiver.model.profile import UrlRules
from archiver.store.archive import Store
from archiver.text.url import canonical, page_key

_MOST_REDIRECTS = 5
_VISITS = (
    "SELECT visit_id, visited_at FROM visits WHERE page_id IN ({}) AND outcome IN ('ok', 'unreadable', 'moved') "
    "AND bytes IS NOT NULL ORDER BY visited_at, visit_id"
)


class CapturesByAddress:
    """The captures of an archive. What was found once is remembered as long as this object lives."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._visits: dict[str, list[tuple[str, int]]] = {}
        self._rules: dict[str, UrlRules] = {}

    def at(self, url: str, moment: datetime) -> Capture | None:
        """Return the last capture of an address up to a moment, or else its first; redirects are followed.

        Raises:
            ArchiveDamaged: its bytes do not match their digest.
        """
        for _ in range(_MOST_REDIRECTS):
            found = self._captured(url, moment)
            if found is None or found.outcome is not Outcome.MOVED:
                return found
            if not found.location or found.location == url:
                return None
            url = found.location
        return None

    def pages_of(self, url: str, site: str) -> list[int]:
        """Return the pages of an address: requested, redirected to or declared; else by the URL rules of a site."""
        try:
            address = canonical(url)
        except UsageError:
            return []
        return [page.page_id for page in self._store.pages.by_address(address)] or self._same_page(address, site)

    def _same_page(self, address: str, site: str) -> list[int]:
        site_id = self._store.pages.site_id(site)
        if site_id is None:
            return []
        if site not in self._rules:
            self._rules[site] = url_rules(self._store, site)
        rules = self._rules[site]
        key = page_key(address, keep=rules.keep, drop=rules.drop, fold_case=rules.fold_case)
        known = self._store.pages.by_key(site_id, key)
        return [] if known is None else [known.page_id]

    def _captured(self, url: str, moment: datetime) -> Capture | None:
        visits = self._visits.get(url)
        if visits is None:
            visits = self._visits[url] = self._visits_of(url)
        if not visits:
            return None
        at = written(moment)
        before = [visit for seen, visit in visits if seen <= at]
        try:
            return self._store.evidence.visit(before[-1] if before else visits[0][1]).capture
        except BodyPruned:
            return None

    def _visits_of(self, url: str) -> list[tuple[str, int]]:
        try:
            pages = [page.page_id for page in self._store.pages.by_address(canonical(url))]
        except UsageError:
            return []
        rows = self._store.sql(_VISITS.format(", ".join(map(str, pages)))) if pages else ()
        return [(row["visited_at"], row["visit_id"]) for row in rows]
