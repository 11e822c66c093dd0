"""The pipeline of one page. All captures pass through it: crawled, captured singly, imported, or left unread before.

    kept    = keep(fetched)             evidence, durable before it is read
    visits  = read(kept)                pure; runs in threads while the next batch is kept
    states  = store.state_of(visits)    all that judging needs, in a constant number of statements per batch
    history = judge_history(visit, state, …)    pure
    result  = follow_up(…)              pure: links, discoveries, validators, the next visit
    store.apply(results)                one transaction

If the process dies between keeping and applying, the visit stays unread. The next command on the site reads it from
the archive (`unread`), so no kept capture is fetched twice.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from archiver.crawl.article_parts import PartJoiner
from archiver.crawl.cookie_loops import CookieLoops
from archiver.crawl.decide_broken import UnfitTables, settle_broken
from archiver.crawl.discovery import PENDING, Discoverer
from archiver.crawl.fetched import Fetched, KeptPage, NonPageCapture
from archiver.crawl.follow_up import Judged, candidates, follow_up, lacking_since, refuted_since, requisites_of
from archiver.crawl.judge import Visit, judge_history
from archiver.crawl.likely_articles import LikelyArticles
from archiver.crawl.login_redirects import LoginRedirects
from archiver.crawl.prior import check_extractor, states_before
from archiver.crawl.read_capture import ReadElsewhere, ReadResult, log_failure, read_capture, read_captures, read_here
from archiver.crawl.rebuild import rebuild_history
from archiver.crawl.redesigns import group_redesigns
from archiver.crawl.rendered_visits import rendered_visits
from archiver.crawl.requisites import RequisiteCounts
from archiver.crawl.revisit_schedule import RevisitSchedule
from archiver.crawl.rounds import Item, rounds
from archiver.crawl.site import WorkingSite
from archiver.crawl.site_lists import as_list
from archiver.crawl.soft_404 import Soft404Detector
from archiver.crawl.visit_counts import count_visit
from archiver.extract.reader_version import reader_version
from archiver.extract.slow_steps import SlowSteps
from archiver.fetch.robots import robots_address, text_of
from archiver.model.clock import Clock, written
from archiver.model.event import Visited
from archiver.model.outcome import Outcome
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit
from archiver.store.new_visit import NewVisit
from archiver.store.page_state import PriorState
from archiver.store.pages import ListedPage
from archiver.store.runs import Tally
from archiver.store.visit_result import CrawlRun, HistoryUpdate
from archiver.text.url import canonical

_SAVE_EVERY = 50  # visits between two updates of the learned change rates


class Pipeline:
    """Keeps, reads, judges and writes the captures of one site. One thread at a time may call it, except for `read`.

    Attributes:
        run_id: the run.
        tally: the counts of the run so far; new and changed pages, new versions and moved pages only after `finish`.
        causes: why visits failed, in words, and how often.
        requisites: the counts of requisites, which are no pages.
        steps: the slow steps of reading.
        left_out: visits that a wrong clock dated in the future, and that rebuilt histories leave out.
    """

    def __init__(
        self,
        store: Store,
        site: WorkingSite,
        clock: Clock,
        *,
        run_id: int,
        steps: SlowSteps | None,
        follow: bool,
    ) -> None:
        """Open the pipeline for a run.

        Args:
            store: the archive.
            site: the site's rules.
            clock: gives the time.
            run_id: the run.
            steps: the slow steps of reading.
            follow: put the pages that a page links to on the frontier. A crawl does this.
        """
        self._store = store
        self._site = site
        self._clock = clock
        self.run_id = run_id
        self.steps = steps
        self._follow = follow
        self._since_run = store.runs.resumed_from(run_id)
        self._reader = reader_version()
        self._unsaved = 0
        self._crashing_pages = store.evidence.killed_readers(site.site_id)
        self._has_others = store.pages.has_other_extractors(site.site_id, site.extractor.extractor_id)
        self.tally = Tally()
        self.causes: Counter[str] = Counter()
        self.likely_articles = LikelyArticles()
        self.requisites = RequisiteCounts()
        self.left_out: set[int] = set()
        self.soft_404 = Soft404Detector(store, site)
        self._unfit = UnfitTables(store, site)
        self._logins, self.loops = LoginRedirects(store, site), CookieLoops(store, site)
        self._parts = PartJoiner(store, site, steps, self.soft_404.check, is_followed=follow)
        self.schedule = RevisitSchedule(store, site.site_id, site.profile.crawl, clock)
        self.discoverer = Discoverer(site, store.frontier.size(site.site_id), store.frontier.lists(site.site_id))

    # keep

    def process(self, fetched: Sequence[Fetched], non_pages: Sequence[NonPageCapture] = ()) -> list[Visited]:
        """Keep captures, read them and write their results. All is durable when this returns."""
        kept = self.keep(fetched, non_pages)
        return self.settle(self.read(kept)) if kept else []

    def keep(
        self,
        fetched: Sequence[Fetched],
        non_pages: Sequence[NonPageCapture] = (),
        rendered: Sequence[NewVisit] = (),
    ) -> list[KeptPage]:
        """Store captures as evidence, and return those to be read. All are durable when this returns.

        `non_pages` are not read, nor is `rendered`: what a browser got and made of pages whose visits are stored.
        Captures of pages that crashed the reader before are not returned: the next command reads them in a worker.
        """
        if not fetched and not non_pages and not rendered:
            return []
        pages = [NewVisit(item.page_id, item.capture, reason=item.reason, origin=item.origin) for item in fetched]
        opened = list(rendered_visits(self._store, self._site, fetched))
        for answer in (each.capture for each in opened if not each.capture.made_by):
            self.requisites.add(answer)
        visits = [*pages, *opened, *map(self._non_page, non_pages), *rendered]
        visit_ids = self._store.evidence.keep(visits, self.run_id)
        kept = [
            KeptPage(KeptVisit(visit_id, item.page_id, self.run_id, item.capture.visited_at, item.capture), item)
            for visit_id, item in zip(visit_ids, fetched, strict=False)
        ]
        return self.with_previous([each for each in kept if each.visit.page_id not in self._crashing_pages])

    def _non_page(self, item: NonPageCapture) -> NewVisit:
        address = canonical(item.capture.url)
        at = written(item.capture.visited_at)
        page_id, _ = self._store.pages.put_page(self._site.site_id, self._site.key(address), address, at, item.kind)
        self.soft_404.reload()
        home = self._site.profile.site.home
        if self._follow and item.kind == "robots" and home and address == robots_address(home):
            self.start(text_of(item.capture))
        return NewVisit(page_id, item.capture, is_page=False, reason=item.visit_reason, origin=item.origin)

    def with_previous(self, kept: Sequence[KeptPage]) -> list[KeptPage]:
        """Add to each capture the one that its page's newest version was read from, when another extractor read it."""
        if not self._has_others:
            return list(kept)
        extractor = self._site.extractor.extractor_id
        previous = self._store.evidence.read_by_others([each.visit.page_id for each in kept], extractor)
        return [KeptPage(each.visit, each.fetched, previous.get(each.visit.page_id)) for each in kept]

    def start(self, robots: str | None, seeds: Sequence[str] = ()) -> None:
        """Put the start of a crawl on the frontier: seeds, and the lists that the profile or the robots.txt names.

        `robots`: the text of the home's robots.txt; "" when there is none, None when it is not known.
        """
        found = self.discoverer.seeds(seeds) + self.discoverer.lists.at_start(robots)
        known = self._store.pages.listed(self._site.site_id, [each.key for each in found])
        discovery = self.discoverer.decide(found, known)
        self._store.discover(discovery, self._crawl_run())

    # read

    def read(
        self,
        kept: Sequence[KeptPage],
        is_over: Callable[[], bool] = lambda: False,
        elsewhere: ReadElsewhere = read_here,
    ) -> list[Item]:
        """Read captures until `is_over` is true; the others stay unread, and the next command on the site reads them.

        Does not use the archive, so it may run in other threads than the writer.
        """
        pages = {each.visit.visit_id: each for each in kept}
        captures = {visit_id: each.visit.capture for visit_id, each in pages.items()}
        results = read_captures(captures, self._site.profile, self.steps, is_over, elsewhere)
        read = [(pages[visit_id], result) for visit_id, result in results]
        return [
            (Visit(page.visit, result, self.read_previous(page), page.previous), page.fetched) for page, result in read
        ]

    def read_previous(self, kept: KeptPage) -> ReadResult | None:
        """Read the capture that a page's newest version was read from, when another extractor read it; else None."""
        if kept.previous is None:
            return None
        before = read_capture(kept.previous, self._site.profile, self.steps)
        return None if before.cause is not None and before.cause.is_ours else before

    # judge and apply

    def settle(self, items: Sequence[Item]) -> list[Visited]:
        """Judge visits and write their results, in one transaction."""
        with self._store.transaction():
            items = self._parts.of_items(items)
            events = [
                event for part in rounds(items, self._store.pages.last_visits) for event in self._settle_round(part)
            ]
            self._unsaved += len(events)
            if self._unsaved >= _SAVE_EVERY:
                self.save()
            self._store.runs.count(self.run_id, self.tally)
        return events

    def save(self) -> None:
        """Store the learned change rates."""
        self.schedule.save()
        self._unsaved = 0

    def finish(self) -> None:
        """Store the change rates, decide on broken records, group redesigns, count. Call this within a transaction."""
        self.save()
        settle_broken(self._store, self._site, self._clock(), steps=self.steps, reader=self._reader)
        group_redesigns(self._store, self._site.site_id)
        self.tally = replace(self.tally, **self._store.run_reports.changes.counts(self.run_id))
        if self.tally.moved or self.tally.back:
            self.tally.gone = self._store.runs.count_gone(self._site.site_id, self.run_id)

    def _settle_round(self, items: list[Item]) -> list[Visited]:
        """Judge and write visits of different pages, or visits of one page that are all out of order."""
        self._unfit.accept([visit for visit, _ in items], self._clock())
        states = states_before(self._store, [visit for visit, _ in items])
        check_extractor(states.values(), self._site)
        items = [(self._checked(visit, states[visit.kept.visit_id]), fetched) for visit, fetched in items]
        unread = [item for item in items if states[item[0].kept.visit_id].is_unread]
        judged = self._judge(unread, states)
        self._write(judged)
        for visit, _ in unread:
            log_failure(visit.kept.visit_id, visit.kept.capture, visit.read)
        self.loops.note([visit.kept for visit, _ in unread])
        done = {each.history.visit_id: each for each in judged}
        return [self._event(visit, states[visit.kept.visit_id], done.get(visit.kept.visit_id)) for visit, _ in items]

    def _judge(self, items: list[Item], states: dict[int, PriorState]) -> list[Judged]:
        now = written(self._clock())
        judged: list[Judged] = []
        out_of_order: dict[int, list[Item]] = {}
        for visit, fetched in items:
            state = states[visit.kept.visit_id]
            if (state.page.last_visited or "") > written(visit.kept.visited_at):
                out_of_order.setdefault(visit.kept.page_id, []).append((visit, fetched))
                continue
            one = Judged(visit, fetched, state, judge_history(visit, state, self._site, now))
            since = refuted_since(one)
            if since is not None:
                self._store.validators.refute(visit.kept.page_id, since)
            is_whole = since is None and lacking_since(one) is None and not self._is_disputed(one.history)
            judged += [one] if is_whole else self._rebuild([(visit, fetched)], in_order=one)
        for group in out_of_order.values():
            judged += self._rebuild(group)
        return judged

    def _is_disputed(self, history: HistoryUpdate) -> bool:
        """Whether the page has edits that may be others, or none, as today's extractor reads its earlier captures."""
        again, before = history.reinterpreted, history.before
        if again is None or again.content is None or before is None:
            return False
        return self._store.reinterpretations.is_disputed(history.page_id, before.content, again.content)

    def _rebuild(self, items: list[Item], in_order: Judged | None = None) -> list[Judged]:
        """Insert visits into the history of their page, and write it.

        `in_order`: a new visit, when it is the reason to rebuild.
        """
        rebuilt = rebuild_history(
            self._store,
            self._site,
            [visit for visit, _ in items],
            self._clock(),
            steps=self.steps,
            reader=self._reader,
            lacking_since=lacking_since(in_order) if in_order else None,
        )
        self.left_out.update(rebuilt.left_out)
        before = in_order.state if in_order else None
        return [
            Judged(visit, fetched, before or state, history, is_written=True, out_of_order=in_order is None)
            for (visit, fetched), (state, history) in zip(items, rebuilt.judged, strict=True)
        ]

    def _write(self, judged: list[Judged]) -> None:
        """Write the results of visits. Histories that were rebuilt are written already."""
        found = [candidates(each, self.discoverer, self._site) if self._follow else [] for each in judged]
        keys = {key for group in found for each in group for key in each.keys}
        known = self._store.pages.listed(self._site.site_id, keys) if keys else {}
        results = []
        for each, group in zip(judged, found, strict=True):
            discovery = self.discoverer.decide(group, known, self.schedule.planner.hinted)
            if each.shows_links and each.visit.read.record is not None:
                self.discoverer.learn(each.capture.url, each.visit.read.record, discovery)
            planner, run_id = self.schedule.planner, self.run_id if self._follow else None
            results.append(follow_up(each, discovery, planner, self._site, run_id=run_id))
            known.update({page.key: ListedPage(page.page_id, PENDING, page.url) for page in discovery.found})
            self._count(each)
            self.likely_articles.add(each)
        self._store.apply(results, reader=self._reader, crawl=self._crawl_run() if self._follow else None)

    def _crawl_run(self) -> CrawlRun:
        return CrawlRun(self.run_id, self._site.site_id, self._since_run, written(self._clock()))

    def _checked(self, visit: Visit, state: PriorState) -> Visit:
        """Return a visit whose result says whether it is a list, a soft 404, or was redirected to a login."""
        if visit.kept.capture.outcome is Outcome.GONE:
            self.soft_404.reload()
        read = self._logins.check(as_list(state.page.kind, visit.read, visit.kept.capture), visit.kept)
        return replace(visit, read=self.soft_404.check(read, visit.kept.capture.url))

    def _event(self, visit: Visit, state: PriorState, judged: Judged | None) -> Visited:
        kept, capture = visit.kept, visit.kept.capture
        seen = judged.history if judged is not None else None
        outcome, decision, note = (seen.outcome, seen.decision, seen.note) if seen else (state.read_outcome, None, None)
        return Visited(
            self._site.name, capture.url, kept.visit_id, kept.page_id, capture, outcome, decision,
            requisites=requisites_of(visit, state), kind=state.page.kind, note=note or capture.note,
        )  # fmt: skip

    def _count(self, judged: Judged) -> None:
        if judged.is_requisite:
            self.requisites.add(judged.capture)
        else:
            count_visit(self.tally, self.causes, judged)
