"""Recognises redirects to a login: by what stands at the end of the chain of redirects, or else by its addresses.

The visits of the chain are in the archive: as visits of the page that redirects, or of their own pages. So a visit is
judged in the same way when it is made and when it is read again.
"""

from datetime import timedelta

from archiver.crawl.read_capture import ReadResult, is_page
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.extract.login import asks_to_log_in
from archiver.extract.read import ends_at_login
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.model.reason import ReasonCode
from archiver.polite.polite_client import MAX_HOPS, names_page
from archiver.store.archive import Store
from archiver.store.evidence import KeptVisit
from archiver.store.frontier import Due

_WITHIN = timedelta(minutes=15)  # between two requests of a chain; a slow server may ask for a long delay
_UNAUTHORIZED = 401


class LoginRedirects:
    """Checks the redirects of one site."""

    def __init__(self, store: Store, site: WorkingSite) -> None:
        self._store = store
        self._site = site
        self._hops: set[int] = set()

    def check(self, reading: ReadResult, kept: KeptVisit) -> ReadResult:
        """Return the result for a page behind a login, if a visit was redirected to one; else the reading."""
        if kept.visit_id in self._hops:
            return LOGIN
        if reading.outcome is not Outcome.MOVED or kept.capture.location is None:
            return reading
        chain = self._chain(kept)
        if not leads_to_login([kept.capture, *(each.capture for each in chain)], self._site):
            return reading
        self._hops |= {each.visit_id for each in chain if each.page_id == kept.page_id}
        return LOGIN

    def _chain(self, kept: KeptVisit) -> list[KeptVisit]:
        """Return the answers to the redirects that follow a visit, as far as they are stored."""
        found: list[KeptVisit] = []
        last, seen = kept, {kept.visit_id}
        while last.capture.location is not None and len(found) < MAX_HOPS:
            target, until = last.capture.location, written(last.visited_at + _WITHIN)
            visit_id = self._store.evidence.answer_to(
                kept.page_id, self._site.key(target), target, written(last.visited_at), until
            )
            if visit_id is None or visit_id in seen:
                break
            seen.add(visit_id)
            try:
                last = self._store.evidence.visit(visit_id)
            except (ArchiveDamaged, BodyPruned):
                break
            found.append(last)
        return found


LOGIN = ReadResult(Outcome.BLOCKED, None, CAUSE_TEXT[Cause.LOGIN], Cause.LOGIN)


def leads_to_login(chain: list[Capture], site: WorkingSite) -> bool:
    """Return whether a chain of redirects, from the page on, ends at a login.

    The end is read. Where it is not known, or robots.txt forbids it, the addresses of the chain decide.
    """
    first, end = chain[0], chain[-1]
    if asks_to_log_in(first.url):
        return False
    targets = [each.location for each in chain if each.location is not None]
    says_so = any(map(asks_to_log_in, targets))
    leads_back = any(names_page(target, first.url) for target in targets)
    if len(chain) > 1 and is_page(end):
        return site.key(end.url) != site.key(first.url) and ends_at_login(
            end, site.profile, is_expected=says_so or leads_back
        )
    if len(chain) > 1 and end.outcome in (Outcome.REFUSED, Outcome.BLOCKED):
        return says_so or leads_back or end.status == _UNAUTHORIZED
    return says_so


class RedirectsOf:
    """Decides which redirects of a page a crawl follows at once: to the same page, and to what may be a login.

    It looks when the page was there at an earlier visit, or when the target names the page, to lead back to it.
    """

    def __init__(self, page: Due, site: WorkingSite) -> None:
        self._url, self._key, self._site = page.url, site.key(page.url), site
        self._is_looking = bool(page.last_visited) and page.reason.code is not ReasonCode.MOVED

    def __call__(self, target: str) -> bool:
        """Return whether a redirect to this address is followed."""
        if self._site.key(target) == self._key:
            return True
        self._is_looking = self._is_looking or names_page(target, self._url)
        return self._is_looking and self._site.may_list(target)

    def divide(self, captures: list[Capture]) -> tuple[list[Capture], list[Capture]]:
        """Return the captures of the page, and those of other pages.

        The others are kept only when they show that what looks like a login is none.
        """
        own, others = divide(captures, self._site)
        targets = [each.location for each in (own[-1], *others) if each.location is not None]
        return own, others if any(map(asks_to_log_in, targets)) else []


def divide(chain: list[Capture], site: WorkingSite) -> tuple[list[Capture], list[Capture]]:
    """Return the captures of a chain of redirects that are of the page where it begins, and those of other pages.

    Captures up to the last of its own addresses are of the page, and all when they end at a login.
    """
    key = site.key(chain[0].url)
    last = max(place for place, each in enumerate(chain) if site.key(each.url) == key)
    if last == len(chain) - 1 or leads_to_login(chain[last:], site):
        return chain, []
    return chain[: last + 1], chain[last + 1 :]
