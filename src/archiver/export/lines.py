"""Rows to lines to pieces of a file: what CSV and JSON lines have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.model.table import Row, mended

_PIECE = 256 * 1024  # characters written at once: larger ones were no faster


@dataclass
class WriteCounts:
    """Counts while a file is written; see `Written`."""

    rows: int = 0
    made_safe: int = 0
    mended: int = 0


class Lines(ABC):
    """A way to write a row as a line."""

    head = ""

    @abstractmethod
    def line(self, row: Row, tally: WriteCounts) -> str:
        """The row as text, its end of line included."""

    def pieces(self, rows: Iterable[Row], tally: WriteCounts) -> Iterator[bytes]:
        """The whole file in UTF-8, in pieces of some 256 kB, or of one line if that is longer."""
        held, size = [self.head], len(self.head)
        for row in rows:
            line = self.line(row, tally)
            held.append(line)
            size += len(line)
            tally.rows += 1
            if size >= _PIECE:
                yield _encoded(held, tally)
                held, size = [], 0
        yield _encoded(held, tally)


def _encoded(lines: list[str], tally: WriteCounts) -> bytes:
    try:
        return "".join(lines).encode()
    except UnicodeEncodeError:
        whole = [mended(line) for line in lines]
        tally.mended += sum(before != after for before, after in zip(lines, whole, strict=True))
        return "".join(whole).encode()
