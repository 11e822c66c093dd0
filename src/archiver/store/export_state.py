"""The state of an incremental WARC export: the written records, to which revisits refer, and the last exported visit.

The state is a file in the folder of the WARC files. It is committed when a WARC file is complete.
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
    "CREATE TABLE IF NOT EXISTS cdx(line TEXT NOT NULL) STRICT",
    # packages of a series, and the package of each record
    "CREATE TABLE IF NOT EXISTS package(package_id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, size INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS held(record_id TEXT PRIMARY KEY, package_id INTEGER NOT NULL) STRICT, WITHOUT ROWID",
)


class ExportState:
    """The written records of one series of files, by payload and by page.

    A series of WACZ packages commits its state with each complete package (`packed`), not with each WARC file in it.
    """

    def __init__(self, connection: sqlite3.Connection, archive: str, *, in_packages: bool) -> None:
        self._connection = connection
        self._archive = archive
        self._in_packages = in_packages
        self._new: list[str] = []
        self._needed: set[str] = set()

    @classmethod
    def open(cls, path: Path | None, archive: str, *, in_packages: bool = False) -> Self:
        """Open the state file at `path`; None keeps the state in memory.

        Raises:
            UsageError: the file is of another archive, or is not a state file.
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
                raise UsageError(
                    f"{path}: this is the export of another archive ({known[0]}); export into another folder"
                )
            connection.execute("INSERT OR IGNORE INTO series VALUES (?, 0)", (archive,))
            connection.execute("BEGIN")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise UsageError(f"{path}: cannot be read ({error}); remove it, and export everything again") from error
        if in_packages:
            connection.execute("DELETE FROM cdx")  # each package has its own index
        return cls(connection, archive, in_packages=in_packages)

    def close(self) -> None:
        """Close the file; everything since the last `keep` is discarded."""
        self._connection.close()

    @property
    def last_visit(self) -> int:
        """Return the highest visit id that is written."""
        return int(self._connection.execute("SELECT last_visit FROM series").fetchone()[0])

    def keep(self, last_visit: int) -> None:
        """Commit the state: a WARC file is complete."""
        self._connection.execute("UPDATE series SET last_visit = max(last_visit, ?)", (last_visit,))
        if not self._in_packages:
            self._commit()

    def _commit(self) -> None:
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def required(self) -> tuple[dict[str, str | int], ...]:
        """Return the earlier packages to whose records this package's revisits refer: filename, hash, size."""
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
        """Commit the state: the package is complete and has its final name."""
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

    def note(self, sha256: str, original: Original) -> None:
        """Record that a response with this payload was written."""
        values = (sha256, original.record_id, original.url, original.date, original.sha1)
        self._connection.execute("INSERT OR IGNORE INTO payload VALUES (?, ?, ?, ?, ?)", values)
        if self._in_packages:
            self._new.append(original.record_id)

    def same_payload(self, sha256: str) -> Original | None:
        """Return the written response with this payload."""
        sql = "SELECT record_id, url, date, sha1 FROM payload WHERE sha256 = ?"
        row = self._connection.execute(sql, (sha256,)).fetchone()
        if row is None:
            return None
        self._needed.add(row[0])
        return Original(*row)

    def index(self, line: str) -> None:
        """Add a line of CDXJ."""
        self._connection.execute("INSERT INTO cdx VALUES (?)", (line,))

    def lines(self) -> Iterator[str]:
        """Return all lines of CDXJ, sorted bytewise."""
        for row in self._connection.execute("SELECT line FROM cdx ORDER BY CAST(line AS BLOB)"):
            yield row[0]
