"""Compare what we import from sample files with what warcio reads in them, and print a table.

Each WARC, ARC or WACZ file is imported into an empty archive of its own, which is thrown away, and is read with warcio.
Counted are the records that are captures of web addresses. A difference is explained by kind: what warcio has more,
what we have more, the faults that the import reports, and outcomes other than `ok`.

Run by `make samples SAMPLES="FILE-OR-FOLDER ..."`. The samples are yours to bring: those of warcio, pywb, py-wacz,
warcat and jwarc are in the test folders of their repositories. The exit code is 1 when a file gives fewer captures.
"""

import argparse
import contextlib
import io
import sqlite3
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator

from archiver.app.archive import Archive
from archiver.errors import ArchiverError
from archiver.settings import Settings

ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz", ".wacz")
_WEB = ("http://", "https://")
_KINDS = ("response", "revisit", "resource", "conversion")


@dataclass
class Theirs:
    """What warcio reads: all records, captures by type, and the error with which it stops."""

    records: int = 0
    captures: Counter[str] = field(default_factory=Counter)
    error: str = ""


@dataclass
class Ours:
    """What the import gives: captures, those that the file has twice, outcomes, faults, and the error of all."""

    captures: int = 0
    known: int = 0
    others: dict[str, int] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    error: str = ""


def main() -> int:
    """Print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    files = sorted(set(_files(parser.parse_args().paths)))
    print(f"{'file':44} {'warcio':>14} {'archiver':>14}  differences")
    lacking = 0
    for file in files:
        theirs, ours = _theirs(file), _ours(file)
        lacking += _row(file, theirs, ours)
    print(f"{len(files)} files, {lacking} with fewer captures than warcio reads")
    return 1 if lacking else 0


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (each for each in path.rglob("*") if each.name.lower().endswith(ENDINGS))
        else:
            yield path


def _row(file: Path, theirs: Theirs, ours: Ours) -> bool:
    """Print the row of a file; return whether we have fewer captures."""
    total, found = sum(theirs.captures.values()), ours.captures + ours.known
    notes = []
    if total != found:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(theirs.captures.items())) or "none"
        notes.append(f"warcio: {kinds}")
    notes += [f"not captures: {count} {kind}" for kind, count in sorted(ours.others.items())]
    notes += [
        f"{count} {outcome}" for outcome, count in sorted(ours.outcomes.items()) if outcome not in ("ok", "moved")
    ]
    notes += ours.faults
    notes += [f"warcio stops: {theirs.error}"] if theirs.error else []
    notes += [f"archiver: {ours.error}"] if ours.error else []
    known = f" (+{ours.known} twice)" if ours.known else ""
    print(
        f"{file.name[:44]:44} {f'{total} of {theirs.records}':>14} {f'{ours.captures}{known}':>14}  {'; '.join(notes)}"
    )
    return found < total


def _theirs(file: Path) -> Theirs:
    theirs = Theirs()
    for stream in _streams(file):
        try:
            with stream, contextlib.redirect_stderr(io.StringIO()):
                _read(stream, theirs)
        except Exception as error:  # noqa: BLE001  (whatever it stops with is a row of the table)
            theirs.error = f"{type(error).__name__}: {' '.join(str(error).split())[:80]}"
    return theirs


def _streams(file: Path) -> Iterator[BinaryIO]:
    if not zipfile.is_zipfile(file):
        yield file.open("rb")
        return
    with zipfile.ZipFile(file) as package:
        for name in package.namelist():
            if name.startswith("archive/") and name.lower().endswith(ENDINGS):
                yield io.BytesIO(package.read(name))


def _read(stream: BinaryIO, theirs: Theirs) -> None:
    for record in ArchiveIterator(stream, arc2warc=True):
        theirs.records += 1
        url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>").lower()
        if record.rec_type in _KINDS and url.startswith(_WEB):
            theirs.captures[record.rec_type] += 1


def _ours(file: Path) -> Ours:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        try:
            with Archive(Settings(path, (Path(folder),))) as archive:
                summary: dict[str, Any] = archive.import_files([file]).as_json()
        except ArchiverError as error:
            return Ours(error=str(error).partition(": ")[2][:100])
        faults = [_fault(each) for each in summary["flaws"]]
        with closing(sqlite3.connect(path)) as database:
            outcomes = Counter(row[0] for row in database.execute("SELECT outcome FROM visits"))
        return Ours(summary["captures"], summary["known"], summary["others"], outcomes, faults)


def _fault(flaw: dict[str, Any]) -> str:
    what = flaw["what"][:110] + ("" if flaw["lost"] else " (imported)")
    return f"{what} ({flaw['count']} times)" if flaw["count"] > 1 else what


if __name__ == "__main__":
    sys.exit(main())
