"""Detects soft 404s: missing pages that a server answers with status 200, and that no rule of the profile describes.

The detector compares pages with samples of the site's missing pages: its answers 404 and 410, or, without such an
answer that has text, the answer to a probe. A probe is a request for an address that does not exist, made once in three
months. The site's profile reads the samples as if they were pages. A page that reads almost like a sample is missing.

A wrong profile can read all pages of a site alike. Then this detector reports them as gone. Each such visit names the
sample that it is like, and `archiver extract` with a corrected profile restores the pages.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archiver.crawl.read_capture import ReadResult, read_capture
from archiver.crawl.site import WorkingSite
from archiver.errors import ArchiveDamaged, BodyPruned
from archiver.model.clock import instant
from archiver.model.outcome import CAUSE_TEXT, Cause, Outcome
from archiver.model.record import Content
from archiver.store.archive import Store
from archiver.text.digest import fingerprint
from archiver.text.url import origin_of

PROBE_INTERVAL = timedelta(days=90)
_MIN_PAGES = 20  # a smaller site is not probed
_MAX_SAMPLES = 3
_MAX_LOADS = 10  # of the samples in one run; the error pages of some sites have no text
_MIN_COMMON = 0.95  # share of the words of two texts that both have
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Sample:
    """The words of a page, without numbers and paths, because a missing page often repeats the requested address."""

    visit_id: int
    title: str
    words: Counter[str]


class Soft404Detector:
    """Compares pages of one site with samples of its missing pages. Reads the samples when they are first needed."""

    def __init__(self, store: Store, site: WorkingSite) -> None:
        self._store = store
        self._site = site
        self._samples: list[_Sample] | None = None
        self._loads = 0

    def reload(self) -> None:
        """Read the samples again at the next check, if there are too few: new ones were captured."""
        if self._samples is not None and len(self._samples) < _MAX_SAMPLES and self._loads < _MAX_LOADS:
            self._samples = None

    def check(self, reading: ReadResult, address: str) -> ReadResult:
        """Return the result for a soft 404, if the page at an address reads like a sample; else the reading."""
        record = reading.record
        if reading.outcome is not Outcome.OK or record is None or record.kind != "article" or not record.content.body:
            return reading
        if self._samples is None:
            self._samples = self._load()
        if not self._samples or self._site.key(address) == self._site.home_key:
            return reading
        page = _sample(0, record.content)
        for sample in self._samples:
            if _are_alike(page, sample):
                note = f"{CAUSE_TEXT[Cause.SOFT_404_ALIKE]} (visit {sample.visit_id})"
                missing = replace(record, soft_gone=True, content=Content())
                return ReadResult(Outcome.SOFT_GONE, missing, note, Cause.SOFT_404_ALIKE)
        return reading

    def probe_address(self, now: datetime, pages: int) -> str | None:
        """Return the address to probe; None when no probe is due. `pages`: how many pages the site has."""
        home = self._site.profile.site.home
        if not (home and self._site.has_profile) or pages < _MIN_PAGES:
            return None
        probed = self._store.missing_samples.probed_at(self._site.site_id)
        if (probed is not None and now - instant(probed) < PROBE_INTERVAL) or self._load():
            return None
        return f"{origin_of(home)}/{fingerprint({'site': self._site.name})[2:14]}-not-there"

    def _load(self) -> list[_Sample]:
        found = []
        self._loads += 1
        for number in self._store.missing_samples.of(self._site.site_id):
            try:
                capture = self._store.evidence.visit(number).capture
            except (ArchiveDamaged, BodyPruned):
                continue
            as_a_page = replace(capture, outcome=Outcome.OK, status=200)
            record = read_capture(as_a_page, self._site.profile, None).record
            if record is not None and record.content.body:
                found.append(_sample(number, record.content))
        return found


def _sample(number: int, content: Content) -> _Sample:
    return _Sample(number, " ".join(_words(content.title or "")), Counter(_words(content.body or "")))


def _words(text: str) -> list[str]:
    return [_DIGITS.sub("0", word) for word in text.casefold().split() if "/" not in word]


def _are_alike(one: _Sample, other: _Sample) -> bool:
    if one.title != other.title:
        return False
    common = (one.words & other.words).total()
    return 2 * common >= _MIN_COMMON * (one.words.total() + other.words.total()) > 0
