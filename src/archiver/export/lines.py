"""The base of formats that write one line for each row."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.model.table import Row, valid_text

_PIECE = 256 * 1024  # characters per write; larger pieces are not faster


@dataclass
class WriteCounts:
    """Counts of a file while it is written; see `Written`. `cut`: texts that were too long for a cell."""

    rows: int = 0
    made_safe: int = 0
    not_utf8: int = 0
    cut: int = 0

    def add(self, other: "WriteCounts") -> None:
        """Add the counts of another table of the same file."""
        self.rows += other.rows
        self.made_safe += other.made_safe
        self.not_utf8 += other.not_utf8
        self.cut += other.cut


class Lines(ABC):
    """The lines of one table in one format."""

    head = ""

    @abstractmethod
    def line(self, row: Row, tally: WriteCounts) -> str:
        """Return a row as text, with its end of line."""

    def pieces(self, rows: Iterable[Row], tally: WriteCounts) -> Iterator[bytes]:
        """Yield the whole file in UTF-8, in pieces of about 256 kB, or of one line if that is longer."""
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
        whole = [valid_text(line) for line in lines]
        tally.not_utf8 += sum(before != after for before, after in zip(lines, whole, strict=True))
        return "".join(whole).encode()
