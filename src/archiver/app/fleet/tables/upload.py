"""Upload the Parquet files of a site whose bytes are new."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from archiver.app.fleet.tables.manifest import TableFile
from archiver.errors import ObjectExists
from archiver.export.partitions import PartitionFile
from archiver.model.stored_object import ObjectStorage

_UPLOADS = 4  # files at once


class FileUpload:
    """Uploads the files of a site that its tables do not have.

    Args:
        storage: of the tables.
        site: its name.
        generation: that the files are made from.
        reused: the present files of the tables; of those with the same bytes nothing is uploaded.

    Attributes:
        new_files: how many were uploaded.
        new_bytes: their size.
    """

    def __init__(self, storage: ObjectStorage, site: str, generation: int, reused: Iterable[TableFile]) -> None:
        self.new_files = self.new_bytes = 0
        self._lock = threading.Lock()
        self._storage, self._site, self._generation = storage, site, generation
        self._known = {(each.view, each.month, each.sha256): each for each in reused}

    def all(self, made: Iterable[PartitionFile]) -> tuple[TableFile, ...]:
        """Upload files while the next ones are made; return all, in order."""
        threads = ThreadPoolExecutor(_UPLOADS)
        try:
            return tuple(threads.map(self._put, made))
        finally:
            threads.shutdown(cancel_futures=True)

    def _put(self, made: PartitionFile) -> TableFile:
        """Upload a file unless the tables have it; delete it here."""
        file = self._known.get((made.view, made.partition, made.sha256))
        if file is None:
            name = f"{self._generation:012d}-{made.sha256[:16]}"
            file = TableFile(made.view, made.partition, name, made.rows, made.bytes, made.sha256)
            self._create(file.key(self._site), made.path.read_bytes())
            with self._lock:
                self.new_files += 1
                self.new_bytes += made.bytes
        made.path.unlink()
        return file

    def _create(self, key: str, body: bytes) -> None:
        try:
            self._storage.create(key, body)
        except ObjectExists:  # the name has the digest of these bytes: those in the storage are damaged
            self._storage.delete([key])
            self._storage.create(key, body)
