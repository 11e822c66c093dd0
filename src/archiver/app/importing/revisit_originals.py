"""Find the captures that revisit records refer to: among those just imported, or in the archive."""

from collections import OrderedDict
from collections.abc import Callable, Iterator

from archiver.errors import ArchiveDamaged, BodyPruned, UsageError
from archiver.fetch.warc.digests import sha1_of
from archiver.fetch.warc.replayed import Replayed
from archiver.model.capture import Capture
from archiver.model.clock import written
from archiver.store.archive import Store
from archiver.text.url import canonical

_MOST = 400  # captures in the cache
_MOST_BYTES = 32 * 1024 * 1024


class Originals:
    """A cache of recent payloads over those in the archive. `flush` writes imported captures to the archive."""

    def __init__(self, store: Store, flush: Callable[[], None]) -> None:
        self._store = store
        self._flush = flush
        self._recent: OrderedDict[str, Replayed] = OrderedDict()
        self._bytes = 0

    def note(self, replayed: Replayed) -> None:
        """Add an imported capture to the cache. Revisits usually follow soon after it."""
        if not replayed.capture.body:
            return
        for name in filter(None, (replayed.record_id, replayed.payload)):
            if name not in self._recent:
                self._recent[name] = replayed
                self._bytes += len(replayed.capture.body)
        while len(self._recent) > _MOST or self._bytes > _MOST_BYTES:
            _, oldest = self._recent.popitem(last=False)
            self._bytes -= len(oldest.capture.body)

    def resolve(self, replayed: Replayed) -> Replayed | None:
        """Return a revisit with its payload; None when the record it refers to is not found."""
        refers = replayed.refers
        for name in (refers.record_id, refers.digest) if refers else ():
            recent = self._recent.get(name or "")
            resolved = replayed.of_payload(recent.capture, recent.payload) if recent else None
            if resolved is not None:
                return resolved
        found = self._in_archive(replayed)
        if found is None and self._recent:
            self._flush()
            found = self._in_archive(replayed)
        return found

    def _in_archive(self, replayed: Replayed) -> Replayed | None:
        for number in self._numbers(replayed):
            original = self._capture(number)
            if original is None:
                continue
            payload = self._store.import_origins.payload_of(number)
            payload = payload or ("" if original.sent else sha1_of(original.body))
            resolved = replayed.of_payload(original, payload)
            if resolved is not None:
                return resolved
        return None

    def _numbers(self, replayed: Replayed) -> Iterator[int]:
        refers, imported = replayed.refers, self._store.import_origins
        if refers is None:
            return
        found = [imported.by_record(refers.record_id)] if refers.record_id else []
        if refers.url and refers.moment:
            moment = written(refers.moment)
            found += [imported.by_moment(page, moment) for page in self._pages(refers.url)]
        if refers.digest:
            found.append(imported.by_payload(refers.digest))
        yield from (number for number in found if number is not None)

    def _pages(self, url: str) -> list[int]:
        try:
            return [page.page_id for page in self._store.pages.by_address(canonical(url))]
        except UsageError:
            return []

    def _capture(self, number: int) -> Capture | None:
        try:
            return self._store.evidence.sent(number).capture
        except (ArchiveDamaged, BodyPruned):
            return None
