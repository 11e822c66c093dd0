"""What a series of WARC files has written already: what a revisit may refer to, and where the next export goes on.

A file of its own beside the WARCs. It moves with them: what is noted of a WARC file is kept when that file is whole.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from archiver.errors import UsageError
from archiver.model.warc import Original

NAME = "export-state.db"
_PAYLOAD = "sha256 TEXT PRIMARY KEY, record_id TEXT NOT NULL, url TEXT NOT NULL, date TEXT NOT NULL, sha1 TEXT NOT NULL"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS series(archive TEXT PRIMARY KEY, last_visit INTEGER NOT NULL) STRICT",
    f"CREATE TABLE IF NOT EXISTS payload({_PAYLOAD}) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS page(page_id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS cdx(line TEXT NOT NULL) STRICT",
)


class Reach:
    """The records of one series of files, by payload and by page."""

    def __init__(self, connection: sqlite3.Connection, archive: str) -> None:
        self._connection = connection
        self._archive = archive

    @classmethod
    def open(cls, path: Path | None, archive: str) -> Self:
        """The state at a path; None for one that nobody will ask for again.

        Raises:
            UsageError: it is of another archive, or no such file at all.
        """
        connection = sqlite3.connect("" if path is None else path, isolation_level=None)
        try:
            for table in _TABLES:
                connection.execute(table)
            known = [row[0] for row in connection.execute("SELECT archive FROM series")]
            if known not in ([], [archive]):
                connection.close()
                raise UsageError(f"{path}: of another archive ({known[0]}); export into a folder of its own")
            connection.execute("INSERT OR IGNORE INTO series VALUES (?, 0)", (archive,))
            connection.execute("BEGIN")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise UsageError(f"{path}: cannot be read ({error}); remove it, and export everything again") from error
        return cls(connection, archive)

    def close(self) -> None:
        """Leave; what was noted since the last `keep` is forgotten."""
        self._connection.close()

    @property
    def last_visit(self) -> int:
        """The highest visit number that is written."""
        return int(self._connection.execute("SELECT last_visit FROM series").fetchone()[0])

    def keep(self, last_visit: int) -> None:
        """A file is whole: what was noted of it holds."""
        self._connection.execute("UPDATE series SET last_visit = max(last_visit, ?)", (last_visit,))
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def note(self, page_id: int, sha256: str, original: Original) -> None:
        """A response was written with this payload."""
        values = (sha256, original.record_id, original.url, original.date, original.sha1)
        self._connection.execute("INSERT OR IGNORE INTO payload VALUES (?, ?, ?, ?, ?)", values)
        self.seen(page_id, sha256)

    def seen(self, page_id: int, sha256: str) -> None:
        """A page's newest payload is this one."""
        self._connection.execute("INSERT OR REPLACE INTO page VALUES (?, ?)", (page_id, sha256))

    def same_payload(self, sha256: str) -> Original | None:
        """The response that was written with this payload."""
        return self._original("SELECT record_id, url, date, sha1 FROM payload WHERE sha256 = ?", sha256)

    def of_page(self, page_id: int) -> Original | None:
        """The response that was written with the payload a page showed last."""
        return self._original(
            "SELECT record_id, url, date, sha1 FROM page JOIN payload USING (sha256) WHERE page_id = ?", page_id
        )

    def _original(self, sql: str, value: str | int) -> Original | None:
        row = self._connection.execute(sql, (value,)).fetchone()
        return None if row is None else Original(*row)

    def index(self, line: str) -> None:
        """Note a line of CDXJ."""
        self._connection.execute("INSERT INTO cdx VALUES (?)", (line,))

    def lines(self) -> Iterator[str]:
        """All lines of CDXJ, sorted bytewise."""
        for row in self._connection.execute("SELECT line FROM cdx ORDER BY CAST(line AS BLOB)"):
            yield row[0]
