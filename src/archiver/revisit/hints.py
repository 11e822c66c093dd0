"""Hints: sitemaps and feeds date pages, and a page that is dated later than its last visit has probably changed. Pure.

How often such hints are true is learned for each source (sitemap, feed) and kind of page. A page that a list dates, and
that is not newer, has probably not changed: that is learned, too, from the visits without a hint.
"""

import json
from dataclasses import astuple
from datetime import datetime, timedelta

from archiver.extract.listed import moment_of
from archiver.revisit.ranking import HintAccuracy

_DAY = timedelta(days=1)
_SOURCES = ("sitemap", "feed")
_MIN_SILENCE = 0.1  # a list may stop dating pages; then they are still visited, ten times less often


def stored_hint(source: str, moment: str) -> str:
    """Return the frontier's text for the time that a list gives for a page; `source`: sitemap or feed."""
    return f"{source} {moment}"


def is_newer(hint: str, last: datetime) -> bool:
    """Whether a stored hint dates a page later than a visit. A date without a time of day counts as its end."""
    found = moment_of(_parts(hint)[1])
    return found is not None and (found[0] + _DAY if found[1] else found[0]) > last


class HintAccuracies:
    """How accurate the hints of one site are, by source and kind of page."""

    def __init__(self, text: str | None = None) -> None:
        """Read a database column; invalid parts of it count as not learned."""
        self._found: dict[str, HintAccuracy] = {}
        try:
            stored = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return
        for key, values in stored.items() if isinstance(stored, dict) else ():
            if isinstance(values, list) and len(values) == len(astuple(HintAccuracy())) and all(map(_is_count, values)):
                self._found[key] = HintAccuracy(*map(float, values))

    def to_json(self) -> str:
        """Return a database column."""
        return json.dumps({key: astuple(accuracy) for key, accuracy in self._found.items()})

    def of(self, source: str, kind: str) -> HintAccuracy:
        """Return the accuracy of the hints of a source for a kind of page."""
        return self._found.get(f"{source} {kind}", HintAccuracy())

    def learn(self, hint: str, kind: str, last: datetime, *, changed: bool) -> None:
        """Learn from a visit to a page that a list dates; `last`: the visit before."""
        source = _parts(hint)[0]
        accuracy = self.of(source, kind).with_visit(hinted=is_newer(hint, last), changed=changed)
        self._found[f"{source} {kind}"] = accuracy

    def silence(self, hint: str | None, kind: str, last: datetime) -> float:
        """Return the factor of a page's expected changes while no list says that it is newer; 1: no list dates it."""
        if hint is None or is_newer(hint, last):
            return 1.0
        return max(self.of(_parts(hint)[0], kind).silence, _MIN_SILENCE)


def _parts(hint: str) -> tuple[str, str]:
    """Return the source and the time of a stored hint. Earlier versions stored the time alone."""
    source, _, moment = hint.partition(" ")
    return (source, moment) if source in _SOURCES else ("sitemap", hint)


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < float("inf")
