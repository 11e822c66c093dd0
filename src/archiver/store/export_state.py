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
PACKAGES = "wacz-state.db"
_PAYLOAD = "sha256 TEXT PRIMARY KEY, record_id TEXT NOT NULL, url TEXT NOT NULL, date TEXT NOT NULL, sha1 TEXT NOT NULL"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS series(archive TEXT PRIMARY KEY, last_visit INTEGER NOT NULL) STRICT",
    f"CREATE TABLE IF NOT EXISTS payload({_PAYLOAD}) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS page(page_id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS cdx(line TEXT NOT NULL) STRICT",
    # packages of a series, and which of them holds a record
    "CREATE TABLE IF NOT EXISTS package(package_id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS held(record_id TEXT PRIMARY KEY, package_id INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)


class ExportState:
    """The records of one series of files, by payload and by page.

    A series of packages keeps what it noted when a package is whole (`packed`), not with each WARC file in it.
    """

    def __init__(self, connection: sqlite3.Connection, archive: str, *, in_packages: bool) -> None:
        self._connection = connection
        self._archive = archive
        self._in_packages = in_packages
        self._new: list[str] = []
        self._needed: set[str] = set()

    @classmethod
    def open(cls, path: Path | None, archive: str, *, in_packages: bool = False) -> Self:
        """The state at a path; None for one that nobody will ask for again.

        Raises:
            UsageError: it is of another archive, or no such file at all.
        """
        try:
            connection = sqlite3.connect("" if path is None else path, isolation_level=None)
        except sqlite3.Error as error:
            raise UsageError(f"{path}: cannot be opened ({error}); export into another folder") from error
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
        if in_packages:
            connection.execute("DELETE FROM cdx")  # each has an index of its own
        return cls(connection, archive, in_packages=in_packages)

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
        if not self._in_packages:
            self._commit()

    def _commit(self) -> None:
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def required(self) -> tuple[dict[str, str | int], ...]:
        """The packages before that hold records which this one's revisits refer to: filename, hash, size."""
        found = {}
        for record_id in sorted(self._needed - set(self._new)):
            row = self._connection.execute(
                "SELECT p.name, p.hash, p.size FROM held h JOIN package p USING (package_id) WHERE h.record_id = ?",
                (record_id,),
            ).fetchone()
            if row is not None:
                found[row[0]] = {"filename": row[0], "hash": row[1], "size": row[2]}
        return tuple(found[name] for name in sorted(found))

    def packed(self, name: str, digest: str, size: int) -> None:
        """The package is whole and bears its name: what was noted of it holds."""
        cursor = self._connection.execute(
            "INSERT INTO package(name, hash, size) VALUES (?, ?, ?)", (name, digest, size)
        )
        number = cursor.lastrowid
        self._connection.executemany(
            "INSERT OR REPLACE INTO held VALUES (?, ?)", ((record_id, number) for record_id in self._new)
        )
        self._new.clear()
        self._needed.clear()
        self._commit()

    def note(self, page_id: int, sha256: str, original: Original) -> None:
        """A response was written with this payload."""
        values = (sha256, original.record_id, original.url, original.date, original.sha1)
        self._connection.execute("INSERT OR IGNORE INTO payload VALUES (?, ?, ?, ?, ?)", values)
        if self._in_packages:
            self._new.append(original.record_id)
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
        if row is None:
            return None
        self._needed.add(row[0])
        return Original(*row)

    def index(self, line: str) -> None:
        """Note a line of CDXJ."""
        self._connection.execute("INSERT INTO cdx VALUES (?)", (line,))

    def lines(self) -> Iterator[str]:
        """All lines of CDXJ, sorted bytewise."""
        for row in self._connection.execute("SELECT line FROM cdx ORDER BY CAST(line AS BLOB)"):
            yield row[0]
