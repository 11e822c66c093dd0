"""The way of one page: keep → read → decide → apply. Every capture goes it: one-off, crawled, or read again.

    capture = fetch(request)                 an error answer is evidence
    number  = store.evidence.keep(capture)   committed before anybody reads it
    record  = read(capture, profile)         pure
    with store.transaction():
        decision = decide(latest, record)    pure
        store.versions.apply(…)              readings always; a version only if there is one
        links, discoveries and the frontier  in the same transaction

A process that dies between keeping and applying leaves the visit in `_unread`; the next command on the site
reads it from the archive (`recover`), so nothing acknowledged is fetched twice and nothing waits for a parser.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from archiver.crawl.backlog import Backlog, Hears
from archiver.crawl.discover import GUESSED, REDIRECT, Discoverer
from archiver.crawl.fetched import ASIDE, Aside, Brought, Kept
from archiver.crawl.late import Judge, tell_anew, together
from archiver.crawl.likely_articles import LikelyArticles
from archiver.crawl.missing import Missing
from archiver.crawl.reading import Reading, as_it_stood, judge, judge_redirect, no_list, read_capture
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveError, SiteBusy
from archiver.extract.fallback import Guess
from archiver.fetch.robots import robots_address, text_of
from archiver.model.capture import Capture, Outcome
from archiver.model.clock import Clock, written
from archiver.model.event import Visited
from archiver.model.profile import Profile
from archiver.model.version import Decision, Verdict
from archiver.revisit.planner import Revisits
from archiver.revisit.visit_result import Found, cause_of, found_by, has_changed
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit, Seen
from archiver.store.pages import KnownPage
from archiver.store.runs import Tally
from archiver.store.versions import Applied, Latest, Observation
from archiver.text.url import canonical

_MOST_CAUSES = 30  # that are told apart: a hostile server makes as many as it likes
_NO_LIST = (Outcome.GONE, Outcome.SOFT_GONE, Outcome.MOVED, Outcome.SKIPPED)  # where a sitemap was guessed
_NOT_TRUE = "the server's 304 was not true: under the same validator, the page's bytes are others"


class Desk:
    """Where captures of one site are kept, read, judged and written down. One thread at a time."""

    def __init__(
        self,
        store: Store,
        site: WorkingSite,
        clock: Clock,
        *,
        run_id: int,
        guess: Guess | None,
        follow: bool,
    ) -> None:
        self.apart: Callable[[Capture, Profile], Reading] | None = None
        """Reads in a process of its own, where there is one."""
        self._store = store
        self._site = site
        self._clock = clock
        self._run_id = run_id
        self._guess = guess
        self._follow = follow
        self.tally = Tally()
        self.causes: Counter[str] = Counter()
        self.likely_articles = LikelyArticles()
        self.missing = Missing(store, site)
        self.revisits = Revisits(store, site.site_id, site.profile.crawl, clock)
        self.discoverer = Discoverer(store, site, run_id, self.revisits)

    def take(self, brought: Sequence[Brought], aside: Sequence[Aside] = ()) -> list[Visited]:
        """Keep captures, then read and settle them; all are durable when this returns."""
        kept = self.keep(brought, aside)
        return self.settle(kept, self.read(kept)) if kept else []

    def keep(self, brought: Sequence[Brought], aside: Sequence[Aside] = ()) -> list[Kept]:
        """Keep captures as evidence; all are durable when this returns.

        Those brought `aside` (of robots.txt, of an address nobody uses) are read by nobody.
        """
        if not brought and not aside:
            return []
        seen = [
            *(Seen(item.page_id, item.capture, reason=item.reason, origin=item.origin) for item in brought),
            *map(self._seen_aside, aside),
        ]
        numbers = self._store.evidence.keep(seen, self._run_id)
        return [
            (KeptVisit(number, item.page_id, self._run_id, item.capture.visited_at, item.capture), item)
            for number, item in zip(numbers, brought, strict=False)
        ]

    def read(self, kept: Sequence[Kept]) -> list[Reading]:
        """Read what was kept. Touches no archive, so it may go on beside the one who writes."""
        return [read_capture(visit.capture, self._site.profile, self._guess) for visit, _ in kept]

    def _seen_aside(self, item: Aside) -> Seen:
        address = canonical(item.capture.url)
        at = written(item.capture.visited_at)
        page_id, _ = self._store.pages.put_page(self._site.site_id, self._site.key(address), address, at, item.kind)
        self.missing.forget()
        home = self._site.profile.site.home
        if self._follow and item.kind == "robots" and home and address == robots_address(home):
            self.discoverer.begin(text_of(item.capture), at)
        return Seen(page_id, item.capture, is_page=False, reason=item.reason or ASIDE[item.kind], origin=item.origin)

    def recover(self, hears: Hears = lambda _done, _all: True) -> int:
        """Read what was kept and never read, as long as `hears` wants it; gives how many visits that were."""
        return Backlog(self._store, self._site.site_id, self).read(hears)

    def read_one(self, capture: Capture, *, apart: bool) -> Reading:
        """Read one capture, in a process of its own if there is one and it is asked for."""
        if apart and self.apart is not None:
            return self.apart(capture, self._site.profile)
        return read_capture(capture, self._site.profile, self._guess)

    def settle_again(self, visits: Sequence[KeptVisit], readings: Sequence[Reading]) -> None:
        """Write down what was read of visits that were kept before."""
        self.settle(
            [(each, Brought(each.page_id, each.capture, self._depth(each.page_id))) for each in visits], readings
        )

    def _depth(self, page_id: int) -> int:
        """How deep a page was found, as its line on the list says."""
        entry = self._store.frontier.entry(page_id)
        return entry.depth if entry else 0

    def settle(self, kept: Sequence[Kept], readings: Sequence[Reading]) -> list[Visited]:
        """Write down what was read, in one transaction: history, links, discoveries, when to visit again."""
        judged = [self._known(visit.capture, reading) for (visit, _), reading in zip(kept, readings, strict=True)]
        with self._store.transaction():
            self._still_ours()
            taken = list(zip(kept, judged, strict=True))
            runs = together(taken, lambda each: each[0][0].page_id, lambda each: self._is_late(each[0][0]))
            events = [event for run in runs for event in self._settled_together(run)]
            self._store.runs.count(self._run_id, self.tally)
            self.revisits.save()
        return events

    def _known(self, capture: Capture, reading: Reading) -> Reading:
        """A reading beside what is known of the site's missing pages."""
        if capture.outcome is Outcome.GONE:
            self.missing.forget()
        return self.missing.judged(reading, capture.url)

    def _still_ours(self) -> None:
        """Raise SiteBusy when another program has switched the site to another profile since we began."""
        current = self._store.pages.current_extractor(self._site.site_id)
        if current is not None and current.extractor_id != self._site.extractor.extractor_id:
            raise SiteBusy(
                f"{self._site.name}: another program read this site anew with another profile meanwhile; what was "
                "captured is kept and will be read by the next command on this site"
            )

    def _is_late(self, visit: KeptVisit) -> bool:
        """Whether the page has been visited at a later time than this."""
        page = self._store.pages.page(visit.page_id)
        return bool(page and page.last_visited and page.last_visited > written(visit.visited_at))

    def _settled_together(self, run: list[tuple[Kept, Reading]]) -> list[Visited]:
        """Late visits of one page, or one visit of any; what cannot be told together is told one by one."""
        told = None
        if len(run) > 1 and all(self._store.evidence.is_unread(visit.visit_id) for (visit, _), _ in run):
            try:
                with self._store.savepoint():
                    told = self._settle_late(run)
            except ArchiveError:
                raise
            except Exception:  # noqa: BLE001  (one of them breaks us, and the others do not pay for it)
                told = None
        return told or [self._settled(visit, item, reading) for (visit, item), reading in run]

    def _settle_late(self, run: list[tuple[Kept, Reading]]) -> list[Visited]:
        now = written(self._clock())
        page = self._store.pages.page(run[0][0][0].page_id)
        run = sorted(run, key=lambda each: (each[0][0].visited_at, each[0][0].visit_id))

        def judged(visit: KeptVisit, reading: Reading) -> Judge:
            read = no_list(reading, page.kind if page else None)
            return lambda before: self._seen(visit, read, before, now)

        told = tell_anew(self._store, self._site, [(visit, judged(visit, reading)) for (visit, _), reading in run])
        return [self._ended(kept, page, None, one, now, is_late=True) for (kept, _), one in zip(run, told, strict=True)]

    def _settled(self, visit: KeptVisit, item: Brought, reading: Reading) -> Visited:
        """One visit written down; a page that breaks us here costs itself and not the others of its batch."""
        try:
            with self._store.savepoint():
                return self._settle(visit, item, reading)
        except ArchiveError:
            raise
        except Exception as error:  # noqa: BLE001  (whatever a page did to us, the crawl goes on)
            broken = Reading(
                Outcome.UNREADABLE, None, f"could not be written down ({type(error).__name__}); it is kept"
            )
            return self._settle(visit, item, broken)

    def _settle(self, visit: KeptVisit, item: Brought, reading: Reading) -> Visited:
        if not self._store.evidence.is_unread(visit.visit_id):  # another program has read it meanwhile
            return self._event(visit, self._store.evidence.outcome(visit.visit_id), None)
        now = written(self._clock())
        page = self._store.pages.page(visit.page_id)
        reading = no_list(reading, page.kind if page else None)
        is_late = self._is_late(visit)
        refuted = not is_late and self._weigh(visit, reading, page.url if page else "")
        last = None
        if is_late or refuted:
            (told,) = tell_anew(
                self._store, self._site, [(visit, lambda before: self._seen(visit, reading, before, now))]
            )
        else:
            last = self._store.versions.latest(visit.page_id, self._site.extractor.extractor_id)
            seen = self._seen(visit, reading, last, now)
            told = (seen, self._store.versions.apply(seen, last))
        return self._ended((visit, item), page, last, told, now, is_late=is_late)

    def _ended(
        self,
        kept: Kept,
        page: KnownPage | None,
        last: Latest | None,
        told: tuple[Observation, Applied],
        now: str,
        *,
        is_late: bool,
    ) -> Visited:
        """What comes of a visit once its history is told: its outcome, links, when to come back."""
        (visit, item), (seen, applied) = kept, told
        if seen.outcome is not visit.capture.outcome or seen.note:
            note = "; ".join(dict.fromkeys(filter(None, (visit.capture.note, seen.note))))
            self._store.evidence.refine(visit.visit_id, seen.outcome, note)
        discovered = self._point_on(visit, item, seen, now, is_late=is_late)
        changed = None if is_late else has_changed(self._store, page, seen, discovered)
        self._plan(visit.page_id, found_by(page, last, seen, applied, changed=changed))
        self._store.evidence.done(visit.visit_id)
        self._count(seen, applied)
        return self._event(visit, seen.outcome, seen.decision)

    def _weigh(self, visit: KeptVisit, reading: Reading, address: str) -> bool:
        """Hold the page's old validator against this visit; True when 304s were told that cannot have been true."""
        capture, validators = visit.capture, self._store.validators
        if reading.outcome is Outcome.NOT_MODIFIED:
            validators.unchanged(visit.page_id)
        if reading.outcome is not Outcome.OK or capture.url != address or capture.request.method != "GET":
            return False
        refuted = validators.take(visit.page_id, visit.visit_id, capture)
        for number in refuted:
            self._store.evidence.refine(number, Outcome.SERVER_ERROR, _NOT_TRUE)
        return bool(refuted)

    def _event(self, visit: KeptVisit, outcome: Outcome, decision: Decision | None) -> Visited:
        capture = visit.capture
        return Visited(self._site.name, capture.url, visit.visit_id, visit.page_id, capture, outcome, decision, 0, 0)

    def _seen(self, visit: KeptVisit, reading: Reading, last: Latest | None, now: str) -> Observation:
        """What a visit is, beside the version that stood before it."""
        reading = as_it_stood(judge_redirect(self._site, visit.capture, reading, last), last)
        return Observation(
            visit,
            reading.outcome,
            reading.record,
            judge(last, reading),
            self._site.extractor.extractor_id,
            now,
            self._site.moves_away(visit.capture),
            reading.note,
        )

    def _point_on(self, visit: KeptVisit, item: Brought, reading: Observation, now: str, *, is_late: bool) -> int:
        """Links, other addresses, and (in a crawl) what to visit next; gives how many pages were new."""
        seen_at = written(visit.visited_at)
        target = visit.capture.location
        if (
            reading.outcome is Outcome.MOVED
            and target is not None
            and self._site.key(target) != self._site.key(visit.capture.url)
        ):
            if self._follow:
                self.discoverer.forwarded(target, visit.page_id, item.depth, now, is_chain=item.reason == REDIRECT)
            self._note_move(visit, target, seen_at)
        if reading.outcome is Outcome.NOT_MODIFIED and not is_late:
            self._store.pages.links_stand(visit.page_id, seen_at)
        if reading.record is None or reading.outcome is not Outcome.OK:
            return 0
        if not is_late:
            self._store.pages.put_links(visit.page_id, reading.record.links, seen_at)
        if reading.record.canonical and reading.record.canonical != visit.capture.url:
            self._store.pages.add_address(visit.page_id, reading.record.canonical, "canonical", seen_at)
        return self.discoverer.take(reading.record, visit.page_id, item.depth, now) if self._follow else 0

    def _note_move(self, visit: KeptVisit, target: str, seen_at: str) -> None:
        known = self._store.pages.by_key(self._site.site_id, self._site.key(target))
        if known is not None and known.page_id != visit.page_id:
            self._store.pages.add_address(known.page_id, visit.capture.url, "redirect", seen_at)

    def _plan(self, page_id: int, found: Found) -> None:
        """When the page is due next, by what this visit found."""
        entry = self._store.frontier.entry(page_id)
        again = self.revisits.again(found, entry)
        run = self._run_id if self._follow else None
        guessed = entry is not None and entry.reason == GUESSED
        if guessed and found.outcome in _NO_LIST:
            self._store.frontier.drop(page_id)
            return
        again = replace(again, reason=GUESSED) if guessed and found.outcome.is_failure else again
        self._store.frontier.visited(page_id, run, again, failed=found.outcome.is_failure)

    def _count(self, seen: Observation, applied: Applied) -> None:
        tally, outcome, decision = self.tally, seen.outcome, seen.decision
        tally.visits += 1
        self.likely_articles.take(seen)
        tally.refused += outcome is Outcome.REFUSED
        if outcome.is_failure and outcome not in (Outcome.REFUSED, Outcome.SKIPPED):
            tally.errors += 1
            cause = cause_of(seen.visit.capture, outcome)
            self.causes[cause if cause in self.causes or len(self.causes) < _MOST_CAUSES else "other causes"] += 1
        tally.back += applied.returned
        tally.gone += applied.lost
        if decision is not None and decision.is_new_version:
            tally.new_versions += 1
            tally.new_pages += decision.verdict is Verdict.FIRST
            tally.changed += bool(decision.changes)
