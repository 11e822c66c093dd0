"""Run the `[[test]]` tables of a profile: stored pages are read, and each expected field is one result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.errors import Fault
from archiver.extract.file_text import file_text
from archiver.extract.read import read
from archiver.model.capture import Capture, Outcome, Request
from archiver.model.profile import PageKind, Profile, ProfileTest
from archiver.model.record import Record

_NEWEST = datetime(2100, 1, 1, tzinfo=UTC)
_TYPES = {".txt": b"text/plain", ".csv": b"text/csv", ".pdf": b"application/pdf", ".json": b"application/json"}
"""The declared types of stored files, by the endings of their names; of other names it is that of HTML."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """The result for one expected field of one stored page."""

    __test__ = False  # pytest: this is a result, not a test

    file: str
    name: str
    ok: bool
    expected: object
    got: object

    def __str__(self) -> str:
        """Return `post-5678.html title: ok`, or the expected and the actual value."""
        said = "ok" if self.ok else f"expected {self.expected!r}, got {self.got!r}"
        return f"{self.file} {self.name}: {said}"


def run_tests(profile: Profile, *roots: Path) -> list[TestResult]:
    """Run every test of a profile, with one result for each field; a page that cannot be read is one failed result.

    Args:
        profile: the profile with the tests.
        roots: the folders to which the tests' `file` is relative; the first that contains it is used.
    """
    return [result for test in profile.tests for result in _run(test, profile, roots)]


def missing_files(profile: Profile, roots: Sequence[Path]) -> list[Fault]:
    """Return a fault for each test whose page does not exist."""
    return [
        Fault("test.file", f"no such file: {test.file!r} (looked for in {roots[0]})", test.line)
        for test in profile.tests
        if not _place(test, roots).is_file()
    ]


def _place(test: ProfileTest, roots: Sequence[Path]) -> Path:
    places = [root / test.file for root in roots]
    return next((place for place in places if place.is_file()), places[0])


def _run(test: ProfileTest, profile: Profile, roots: Sequence[Path]) -> list[TestResult]:
    try:
        body = _place(test, roots).read_bytes()
    except OSError as fault:
        return [TestResult(test.file, "file", ok=False, expected="a file", got=fault.strerror or str(fault))]
    record = read(_capture(test, body, profile), profile, file_text=file_text, links=False)
    values = comparable(record)
    values |= {name.removeprefix("extra."): _unread(name, record) for name in record.unread}
    return [
        TestResult(test.file, name, values.get(name) == expected, expected, values.get(name))
        for name, expected in test.expect
    ]


def _unread(name: str, record: Record) -> str:
    """The reason why a field was not read, in place of its value."""
    named = f"{name.removeprefix('extra.')}: "
    return next((note for note in record.notes if note.startswith(named)), f"{named}not read")


def _capture(test: ProfileTest, body: bytes, profile: Profile) -> Capture:
    """Return the page as a capture of a day when the first template for its address was in use."""
    kinds = [kind for kind in profile.pages if kind.url is None or kind.url.search(test.url)]
    declared = _TYPES.get(Path(test.file).suffix.lower(), b"text/html")
    return Capture(
        request=Request(test.url),
        visited_at=_day_of(kinds[0]) if kinds else _NEWEST,
        outcome=Outcome.OK,
        status=200,
        head=b"HTTP/1.1 200 OK\r\nContent-Type: " + declared + b"\r\n\r\n",
        headers=((b"Content-Type", declared),),
        body=body,
    )


def _day_of(kind: PageKind) -> datetime:
    """Return a moment at which a template was valid; the page itself decides between several templates."""
    if kind.until is not None:
        return datetime(kind.until.year, kind.until.month, kind.until.day, 12, tzinfo=UTC) - timedelta(days=1)
    return _NEWEST


def comparable(record: Record) -> dict[str, object]:
    """Return a record's values by the names that a test may use; a missing value is None or empty."""
    content = record.content
    values: dict[str, object] = dict(content.flat())
    for moment in ("utc", "raw", "precision"):
        values[f"published_{moment}"] = getattr(content.published, moment) if content.published else None
    values["modified"] = record.modified.local if record.modified else None
    values["modified_raw"] = record.modified.raw if record.modified else None
    values |= dict(content.extra)
    values |= {f"readings.{name}": value for name, value in record.readings}
    return values | {"kind": record.kind, "soft_gone": record.soft_gone}
