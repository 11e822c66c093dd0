"""The pages of a site that are due, read from the archive's frontier for one run."""

from collections.abc import Callable, Collection
from dataclasses import replace

from archiver.crawl.site import WorkingSite
from archiver.model.capture import Headers
from archiver.model.clock import Clock, written
from archiver.model.reason import Reason, ReasonCode
from archiver.revisit.planner import RevisitPlanner
from archiver.store.archive import Store
from archiver.store.frontier import Due
from archiver.store.pages import REQUISITE


class DuePages:
    """Selects the pages that one run visits next. Uses the archive, so one thread at a time may call it.

    Args:
        store: the archive.
        site: the site's rules.
        run_id: the run; it visits each page once.
        planner: gives the reason of each visit.
        clock: gives the time.
        seeds: addresses that are visited even if a rule of the profile skips them.
        everything: also select pages that are not due.
        is_cut: says of an address that was never visited whether it belongs to a trap.
    """

    def __init__(
        self,
        store: Store,
        site: WorkingSite,
        run_id: int,
        planner: RevisitPlanner,
        clock: Clock,
        *,
        seeds: Collection[str],
        everything: bool,
        is_cut: Callable[[str], bool] = lambda _url: False,
    ) -> None:
        self._store = store
        self._site = site
        self._run_id = run_id
        self._planner = planner
        self._clock = clock
        self._seeds = seeds
        self._everything = everything
        self._is_cut = is_cut
        self._queues = store.due_queues(site.site_id, run_id, everything=everything)

    def next_pages(
        self,
        limit: int,
        started: Collection[int],
        suspended: Collection[int],
        *,
        is_last: bool = False,
        only_requisites: bool = False,
    ) -> tuple[list[Due], int]:
        """Return the next pages, and how many were removed from the frontier because they are not wanted any longer.

        Args:
            limit: how many pages to return at most.
            started: pages that are being visited, or whose visits are not yet written; they are not selected again.
            suspended: pages that this run does not select again, because their server is suspended.
            is_last: the run ends when there are no other pages. Then the frontier is searched as a whole.
            only_requisites: return no pages.
        """
        frontier, now = self._store.frontier, written(self._clock())
        if suspended:
            with self._store.transaction():
                frontier.leave(self._run_id, suspended)
        dropped, rush = 0, self._planner.is_dying
        while True:
            due = self._queues.next_pages(now, limit, started, rush=rush, only_requisites=only_requisites)
            if is_last and not due:
                self._queues.restart()
                due = self._queues.next_pages(now, limit, started, rush=rush, only_requisites=only_requisites)
            wanted = [page for page in due if self._is_wanted(page)]
            if len(wanted) == len(due):
                asked = [page.page_id for page in due if page.method == "GET" and not self._site.may_render(page.url)]
                headers = self._store.validators.conditions(asked)  # a shell is the same whatever the page shows
                return [self._ready(page, headers.get(page.page_id, ())) for page in due], dropped
            with self._store.transaction():
                for page_id in {page.page_id for page in due} - {page.page_id for page in wanted}:
                    frontier.drop(page_id)
            dropped += len(due) - len(wanted)

    def count(self) -> tuple[int, int]:
        """Return how many pages are on the site's frontier, and how many this run has yet to visit."""
        frontier, site_id, now = self._store.frontier, self._site.site_id, written(self._clock())
        return frontier.size(site_id), frontier.left(site_id, now, self._run_id, everything=self._everything)

    def _is_wanted(self, page: Due) -> bool:
        if page.kind == REQUISITE:
            return self._site.profile.crawl.requisites != "none" and self._site.wants_requisite(page.url)
        if page.kind in ("sitemap", "feed"):
            return self._site.may_list(page.url)
        if page.url in self._seeds:
            return True
        return self._site.wants(page.url) and (bool(page.last_visited) or not self._is_cut(page.url))

    def _ready(self, page: Due, headers: Headers) -> Due:
        """Return a page with the headers of its request and the reason of the visit."""
        if page.kind == REQUISITE:
            return replace(page, headers=headers)
        is_early = page.due_at > written(self._clock())
        reason = Reason.of(ReasonCode.ALL) if is_early else self._planner.reason(page, self._clock())
        return replace(page, headers=headers, reason=reason)
