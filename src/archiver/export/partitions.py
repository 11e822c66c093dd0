"""Write a table as Parquet files of bounded size, a group of files for each partition (a month).

Rows come in the order of their partitions. The same rows make the same files, so a file that did not change has the
same digest. Unlike other exports they do not describe their columns: in a small file that would be most of its bytes.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import ArchiveDamaged
from archiver.export.parquet import write_parquet
from archiver.export.tables import measured
from archiver.model.event import ignore
from archiver.model.table import Column, Row, Table

MOST_ROWS = 131_072
MOST_SIZE = 8 * 1024 * 1024
"""Characters of a file's texts, before compression: at most 32 MB."""
_PARTITION = re.compile(r"\d{4}-\d\d|all|none")


@dataclass(frozen=True, slots=True)
class PartitionFile:
    """A file of a partition. Files of one partition follow one another in the order of their rows."""

    view: str
    partition: str
    path: Path
    rows: int
    bytes: int
    sha256: str


def write_partitions(table: Table, folder: Path) -> Iterator[PartitionFile]:
    """Write a table into a folder; yield each file when it is complete. The caller may delete it.

    Args:
        table: its rows have the name of their partition before the cells of the columns.
        folder: exists.

    Raises:
        UsageError: pyarrow is not installed.
        ArchiveError: the rows cannot be read, or a time is none.
    """
    plain = replace(table, columns=tuple(Column(each.name, each.kind) for each in table.columns), meaning="")
    for (partition, part), rows in itertools.groupby(table.rows, _Placement()):
        if not _PARTITION.fullmatch(partition):
            raise ArchiveDamaged(f"{table.name}: a time is {partition[:20]!r}…; run `archiver verify`")
        path = folder / f"{table.name}-{partition}-{part}.parquet"
        counts = write_parquet([replace(plain, rows=_without_partition(rows))], path, ignore)
        file = measured(path, path, counts)
        yield PartitionFile(table.name, partition, path, counts.rows, file.bytes, file.sha256)


class _Placement:
    """Assigns each row its partition, and the number of the file within it."""

    def __init__(self) -> None:
        self._partition = ""
        self._part = self._rows = self._size = 0

    def __call__(self, row: Row) -> tuple[str, int]:
        partition = str(row[0])
        if partition != self._partition:
            self._partition, self._part, self._rows, self._size = partition, 0, 0, 0
        elif self._rows >= MOST_ROWS or self._size >= MOST_SIZE:
            self._part, self._rows, self._size = self._part + 1, 0, 0
        self._rows += 1
        for cell in row:
            if cell.__class__ is str:
                self._size += len(cell)  # comparing classes takes half the time of isinstance
        return self._partition, self._part


def _without_partition(rows: Iterable[Row]) -> Iterator[Row]:
    return (row[1:] for row in rows)
