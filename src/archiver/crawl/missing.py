"""What a missing page looks like on a site: some servers answer 200 for it, and no pattern of the profile says so.

Known are the site's answers 404 and 410, and, where it gives none that can be read, what it sends for an address that
nobody uses, which it is asked for once in three months. They are read by the site's profile as if they were pages: a
page that reads as one of them is missing, too. So a site whose texts all read alike for a fault of its profile would be
told as gone: each such visit names the one that it is like, and reading anew with a better profile mends it.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archiver.crawl.read_capture import ReadResult, read_capture
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged
from archiver.model.clock import instant
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.model.record import Content
from archiver.store.archive import Store
from archiver.text.digest import fingerprint
from archiver.text.url import origin_of

PROBED_EVERY = timedelta(days=90)
_ENOUGH = 20  # pages from which on a site is worth a request of its own
_MOST = 3  # that are enough to know
_ALIKE = 0.95  # share of words that two texts have in common
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Sketch:
    """What of a text counts: words without numbers and addresses, for a missing page often repeats what was asked."""

    visit_id: int
    title: str
    words: Counter[str]


class Missing:
    """The site's missing pages, read when they are first needed."""

    def __init__(self, store: Store, site: WorkingSite) -> None:
        self._store = store
        self._site = site
        self._known: list[_Sketch] | None = None

    def forget(self) -> None:
        """New ones were captured; they are read when there are not enough yet."""
        if self._known is not None and len(self._known) < _MOST:
            self._known = None

    def judged(self, reading: ReadResult, address: str) -> ReadResult:
        """A page that reads as a missing one does is missing."""
        record = reading.record
        if reading.outcome is not Outcome.OK or record is None or record.kind != "article" or not record.content.body:
            return reading
        if self._known is None:
            self._known = self._learn()
        shown = _sketch(0, record.content) if self._known else None
        for known in self._known:
            if shown is not None and self._site.key(address) != self._site.home_key and _alike(shown, known):
                note = f"{CAUSE_TEXT[Cause.SOFT_404_ALIKE]} (visit {known.visit_id})"
                missing = replace(record, soft_gone=True, content=Content())
                return ReadResult(Outcome.SOFT_GONE, missing, note, Cause.SOFT_404_ALIKE)
        return reading

    def probe(self, now: datetime) -> str | None:
        """The address to ask for, which nobody uses; None when the site need not be asked."""
        home, site_id = self._site.profile.site.home, self._site.site_id
        if not (home and self._site.has_profile) or self._store.frontier.size(site_id) < _ENOUGH:
            return None
        probed = self._store.evidence.probed_at(site_id)
        if (probed is not None and now - instant(probed) < PROBED_EVERY) or self._learn():
            return None
        return f"{origin_of(home)}/{fingerprint({'site': self._site.name})[2:14]}-not-there"

    def _learn(self) -> list[_Sketch]:
        found = []
        for number in self._store.evidence.missing(self._site.site_id):
            try:
                capture = self._store.evidence.visit(number).capture
            except ArchiveDamaged:
                continue
            as_a_page = replace(capture, outcome=Outcome.OK, status=200)
            record = read_capture(as_a_page, self._site.profile, None).record
            if record is not None and record.content.body:
                found.append(_sketch(number, record.content))
        return found


def _sketch(number: int, content: Content) -> _Sketch:
    return _Sketch(number, " ".join(_words(content.title or "")), Counter(_words(content.body or "")))


def _words(text: str) -> list[str]:
    return [_DIGITS.sub("0", word) for word in text.casefold().split() if "/" not in word]


def _alike(one: _Sketch, other: _Sketch) -> bool:
    if one.title != other.title:
        return False
    common = (one.words & other.words).total()
    return 2 * common >= _ALIKE * (one.words.total() + other.words.total()) > 0
