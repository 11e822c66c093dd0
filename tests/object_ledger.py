"""Notes the digest of each object of a storage when it is seen first, and says later which have other bytes."""

import hashlib
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from archiver.errors import ObjectMissing
from archiver.model.stored_object import ObjectStorage

_EVERY = 0.25  # seconds


class ObjectLedger:
    """Looks at a storage again and again, in a thread. Objects may be deleted, but never get other bytes."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._digests: dict[str, str] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        for each in self._storage.objects("shards"):
            if each.key not in self._digests:
                with suppress(ObjectMissing):  # it was just deleted
                    self._digests[each.key] = self._digest(each.key)

    def _digest(self, key: str) -> str:
        return hashlib.sha256(self._storage.read(key)).hexdigest()

    def check(self) -> None:
        """Check that each object that is still there has the bytes that it had at first."""
        present = [each.key for each in self._storage.objects("shards")]
        overwritten = [key for key in present if key in self._digests and self._digest(key) != self._digests[key]]
        assert overwritten == []
        assert any("/generations/" in key for key in present)
