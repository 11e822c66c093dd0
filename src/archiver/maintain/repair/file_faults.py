"""The faults of one file on the level of SQLite, and how much two identities differ."""

from contextlib import closing
from pathlib import Path

from archiver.errors import ArchiveError
from archiver.maintain.repair.salvage import DatabaseKind
from archiver.maintain.verify.finding import Findings
from archiver.maintain.verify.row_ranges import open_unchecked
from archiver.maintain.verify.verify_file import check_pages, check_schema


def differing_characters(one: str, other: str) -> int:
    """Return in how many characters two texts differ."""
    return abs(len(one) - len(other)) + sum(a != b for a, b in zip(one, other, strict=False))


def faults_of(path: Path, kind: DatabaseKind, *, views: bool) -> list[str]:
    """Return the faults of a file that SQLite finds, and those of its tables and triggers."""
    findings = Findings()
    try:
        with closing(open_unchecked(path)) as connection:
            check_pages(connection, findings)
            check_schema(connection, kind.application_id, kind.migrations, findings, views=views)
    except ArchiveError as error:
        return [str(error)]
    return [found.what for found in findings.all]
