"""Articles on several addresses: fetches their parts with the first one, and joins the records of the parts.

A part is a capture of its own. The record of an article is made from the capture of its first part and, of each later
part that the links name, the first readable capture from that visit on until the next visit of the first part. A part
that could not be read then keeps the text of its last readable capture before. So the record depends on captures and
profile only: a crawl, an import and `archiver extract` make the same one (docs/decisions/0013-parts-of-an-article.md).
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from archiver.crawl.fetched import Fetched
from archiver.crawl.judge import Visit
from archiver.crawl.read_capture import ArticleLinks, ReadResult, is_page, links_to_parts, read_capture
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.extract.parts import MOST_PARTS, Part, in_order, is_first_again, join
from archiver.extract.slow_steps import SlowSteps
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.model.event import Listener, Noticed
from archiver.model.outcome import Cause, Outcome
from archiver.model.profile import DEFAULT_FILES, Profile
from archiver.model.reason import Reason, ReasonCode
from archiver.model.record import Record
from archiver.polite.stop import Stopped
from archiver.store.archive import Store
from archiver.store.pages import PART
from archiver.store.part_rows import PartCapture, PartTime
from archiver.text.clean import joined
from archiver.text.url import canonical, canonical_or_none, extension_of, origin_of

T = TypeVar("T")

FetchPage = Callable[[str], Awaitable[list[Capture]]]
"""Fetches an address; returns the captures of its redirects to the same page, and its own as the last one."""
LinksOf = Callable[[Capture, str], Awaitable[ArticleLinks]]
"""Returns the addresses that a capture names as parts of its article, by a rule or else by the profile."""

FirstOf = Callable[[Capture], Awaitable[str | None]]
"""Returns the address of the first part, or of the part before, when a capture is of a later part."""

ReadVisit = Callable[[int], ReadResult | None]
"""Returns how a visit was read already, or None."""

Checked = Callable[[ReadResult, str], ReadResult]
"""Returns a result of reading, corrected when the page at that address looks like a missing page."""


class _FirstPart(NamedTuple):
    """The first part of an article: its address, the key of its page, its visit, and its record."""

    url: str
    key: str
    moment: PartTime
    record: Record


class _FoundPart(NamedTuple):
    """A part by its address. `record` None: it cannot be read; `is_older`: its capture is of an earlier visit."""

    url: str
    at: str = ""
    record: Record | None = None
    is_older: bool = False


async def fetch_first(
    url: str, site: WorkingSite, fetch: FetchPage, first_of: FirstOf, listen: Listener
) -> list[Capture]:
    """Fetch a page; when it is a later part of an article, then also the first part, whose capture is the last one."""
    captures = await fetch(url)
    while site.has_parts and len(captures) < MOST_PARTS:
        first = await first_of(captures[-1])
        if first is None or any(each.url == first for each in captures):
            break
        listen(Noticed(site.name, f"{captures[-1].url} is a part of the article at {first}"))
        try:
            captures += await fetch(first)
        except Stopped:
            break
    return captures


async def fetch_parts(first: Capture, site: WorkingSite, fetch: FetchPage, links_of: LinksOf) -> list[Capture]:
    """Fetch the other parts of an article whose first part was just fetched: at most 50, on its server, each once.

    When the run stops or the server asks for a pause, the parts until then are returned, so that none is lost.
    """
    if not site.has_parts or not is_page(first):
        return []
    named = await links_of(first, "")
    if named.part_of is not None:
        return []
    captures: list[Capture] = []
    seen, waiting = {site.key(first.url)}, deque(named.parts)
    while waiting and len(seen) < MOST_PARTS:
        url = part_address(waiting.popleft(), first.url, site)
        if url is None or site.key(url) in seen:
            continue
        seen.add(site.key(url))
        try:
            fetched = await fetch(url)
        except Stopped:
            break
        captures += fetched
        last = fetched[-1]
        if last.outcome is Outcome.MOVED and last.location is not None:
            waiting.appendleft(last.location)
        elif is_page(last):
            waiting.extend((await links_of(last, named.rule)).parts)
    return captures


def parts_fetched(store: Store, site: WorkingSite, captures: Sequence[Capture], depth: int) -> list[Fetched]:
    """Return the captures of parts with their pages, which become parts."""
    with store.transaction():
        fetched = []
        for capture in captures:
            address, at = canonical(capture.url), written(capture.visited_at)
            page_id, _ = store.pages.put_page(site.site_id, site.key(address), address, at)
            fetched.append(Fetched(page_id, capture, depth, Reason.of(ReasonCode.PART)))
        store.parts.mark(each.page_id for each in fetched)
    return fetched


def earlier_part_of(store: Store, site: WorkingSite, capture: Capture) -> str | None:
    """Return the address of the first part, or of the part before, of the article that a capture is a later part of."""
    page = store.pages.by_key(site.site_id, site.key(canonical(capture.url)))
    known = store.parts.first_of(page.page_id) if page is not None else None
    if known is not None or not is_page(capture):
        return known
    said = links_to_parts(capture, site.profile).part_of
    return part_address(said, capture.url, site) if said is not None else None


def part_address(url: str, first: str, site: WorkingSite) -> str | None:
    """Return the canonical address of a part; None when it is no part: another server, a file, or skipped."""
    address = canonical_or_none(url)
    if address is None or origin_of(address) != origin_of(first):
        return None
    if not site.holds(address) or _is_file(address, site):
        return None
    return None if any(pattern.search(address) for pattern in site.profile.crawl.skip) else address


def _is_file(url: str, site: WorkingSite) -> bool:
    return site.kind_of(url) == "file" or extension_of(url) in DEFAULT_FILES


class PartJoiner:
    """Joins the records of the parts of articles. Uses the archive; call it within a transaction.

    Args:
        store: the archive.
        site: the site's rules.
        steps: the slow steps of reading.
        checked: finds parts that look like a missing page.
        is_followed: whether the run visits the pages that a page names, so that a first part will be known.
    """

    def __init__(
        self, store: Store, site: WorkingSite, steps: SlowSteps | None, checked: Checked, *, is_followed: bool = False
    ) -> None:
        self._store = store
        self._site = site
        self._steps = steps
        self._checked = checked
        self._is_followed = is_followed

    def of_items(self, items: Sequence[tuple[Visit, T]]) -> list[tuple[Visit, T]]:
        """Return visits, each given with something, with the parts of their articles joined."""
        if not self._site.has_parts:
            return list(items)
        read = {visit.kept.visit_id: visit.read for visit, _ in items}
        return [(self.of_visit(visit, read.get), other) for visit, other in items]

    def of_visit(self, visit: Visit, read: ReadVisit = lambda _: None) -> Visit:
        """Return a visit with the parts of its article joined; the same visit for any other page.

        The pages of parts are marked as such, also a page that says itself that it is a part of a known one.

        Args:
            visit: the visit, with or without its bytes.
            read: returns the result of a capture that was read already, by visit id.
        """
        page_id, before = visit.kept.page_id, visit.before
        result = self._joined(page_id, visit.kept.visit_id, visit.kept.capture, visit.read, read)
        if before is not None and visit.previous is not None:
            before = self._joined(page_id, 0, visit.previous, before, read)
        return replace(visit, read=result, before=before)

    def _joined(self, page_id: int, visit_id: int, capture: Capture, result: ReadResult, read: ReadVisit) -> ReadResult:
        record = result.record
        if record is None or result.outcome is not Outcome.OK or not (record.continues or record.part_of):
            return result
        page = self._store.pages.page(page_id)
        if page is None or page.kind == PART:
            return result
        if record.part_of and self._is_known(record.part_of, page.key):
            self._store.parts.mark([page_id])
            return result
        at = written(capture.visited_at)
        moment = PartTime(visit_id, at, self._store.parts.next_visit(page_id, at))
        self._store.parts.drop_conditions(page_id)
        return self._with_parts(_FirstPart(capture.url, page.key, moment, record), result, read)

    def _is_known(self, first: str, own_key: str) -> bool:
        address = canonical_or_none(first)
        if address is None or (key := self._site.key(address)) == own_key:
            return False
        if self._is_followed and self._site.holds(first):
            return True
        return self._store.pages.by_key(self._site.site_id, key) is not None

    def _with_parts(self, first: _FirstPart, result: ReadResult, read: ReadVisit) -> ReadResult:
        found: dict[str, _FoundPart] = {}
        also: list[str] = []
        seen, waiting = {first.key}, deque(first.record.continues)
        while waiting and len(seen) < MOST_PARTS:
            url = part_address(waiting.popleft(), first.url, self._site)
            if url is None or self._site.key(url) in seen:
                continue
            seen.add(self._site.key(url))
            part = self._find(url, first, read)
            if part.record is None and part.url != url:  # it redirects
                waiting.appendleft(part.url)
            elif part.record is not None and part.record.content.body == first.record.content.body:
                also.append(url)
            else:
                found[url] = part
            waiting.extend(part.record.continues if part.record is not None else ())
        ordered = [found[url] for url in in_order(first.url, list(found))]
        return self._result(result, ordered, also, self._same_page(first))

    def _same_page(self, first: _FirstPart) -> str:
        """Return a note when a part has the identity of the first part; "" when none has."""
        same = (url for url in first.record.continues if part_address(url, first.url, self._site))
        found = next((url for url in same if self._site.key(canonical(url)) == first.key), None)
        return f"its part {found} is the same page by [url]; keep the parameter that tells them apart" if found else ""

    def _find(self, url: str, first: _FirstPart, read: ReadVisit) -> _FoundPart:
        """Return a part by its address. An answer with the text of the first part is not the part, but an error."""
        captures = self._store.parts.captures(self._site.site_id, self._site.key(url), first.moment)
        self._store.parts.mark({each.page_id for each in captures})
        is_again, target = is_first_again(first.url, url), None
        for each in captures:
            if each.location is not None:
                target = target or each.location
                continue
            record = self._read(url, each, first.record.template, read)
            if record is not None and (is_again or record.content.body != first.record.content.body):
                return _FoundPart(url, each.at, record, is_older=each.at < first.moment.at)
        return _FoundPart(target or url)

    def _read(self, url: str, part: PartCapture, template: str, read: ReadVisit) -> Record | None:
        """Return the record of a part, read by the template of the first part; None when it cannot be read."""
        result = read(part.visit_id)
        if result is None or (result.record is not None and result.record.template != template):
            try:
                capture = self._store.evidence.visit(part.visit_id).capture
            except (ArchiveDamaged, BodyPruned):
                return None
            result = read_capture(capture, self._profile(template), self._steps)
        result = self._checked(result, url)
        record = result.record
        return record if record is not None and result.outcome is Outcome.OK and not record.content.is_empty else None

    def _profile(self, template: str) -> Profile:
        """Return the profile with only this template, for any address: its pattern may not match the parts."""
        profile = self._site.profile
        kinds = [each for each in profile.pages if each.template == template]
        only = tuple(replace(each, url=None, since=None, until=None) for each in kinds)
        return replace(profile, pages=only or profile.pages)

    def _result(self, result: ReadResult, parts: list[_FoundPart], also: list[str], same: str) -> ReadResult:
        if not (parts or also) or result.record is None:
            return replace(result, note=joined(result.note, same))
        known = [Part(each.url, each.at, each.record) for each in parts if each.record is not None]
        record = replace(join(result.record, known), continues=(*(each.url for each in parts), *also))
        missing = [each.url for each in parts if each.record is None]
        notes = [
            f"its part {each.url} was not read at this visit; its text of {each.at} is kept"
            for each in parts
            if each.is_older
        ]
        if missing:
            others = f" and {len(missing) - 1} others" if len(missing) > 1 else ""
            notes.append(f"its part {missing[0]}{others} could not be read")
        note = joined(result.note, *notes)
        cause = Cause.PARTLY_READ if missing or record.unread else result.cause
        return replace(result, record=record, note=note, cause=cause)
