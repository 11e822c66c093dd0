"""The readers of an archive that the requests of a server share."""

from pathlib import Path

import pytest

import lived
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import ArchiveDamaged, NotInArchive
from archiver.settings import Settings
from archiver.web.archive_pool import ArchivePool


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> ArchivePool:
    return ArchivePool(Settings(lived.live(tmp_path_factory.mktemp("pool"))), 5.0)


class Reads:
    """Work that fails as often as it is told, and remembers its readers."""

    def __init__(self, error: Exception, failures: int) -> None:
        self.error, self.failures, self.readers = error, failures, list[ArchiveReader]()

    def __call__(self, archive: ArchiveReader) -> Path:
        self.readers.append(archive)
        if len(self.readers) <= self.failures:
            raise self.error
        return archive.store.path


def test_what_seems_damaged_is_read_again_by_another_reader(pool: ArchivePool) -> None:
    reads = Reads(ArchiveDamaged("while a redaction runs"), 1)
    assert pool.read(reads) == pool.path
    assert len({id(each) for each in reads.readers}) == 2


@pytest.mark.parametrize(("error", "tries"), [(ArchiveDamaged("it is"), 2), (NotInArchive("no such page"), 1)])
def test_other_errors_stay(pool: ArchivePool, error: Exception, tries: int) -> None:
    reads = Reads(error, 9)
    with pytest.raises(type(error)):
        pool.read(reads)
    assert len(reads.readers) == tries
    assert pool.read(Reads(error, 0)) == pool.path, "the pool is as it was"
