"""Errors as pages: which status, and one clear text."""

from archiver.app.reading.questions import ArchiveReader
from archiver.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveLocked,
    ArchiverError,
    BodyPruned,
    FleetUnavailable,
    NoSuchVersion,
    NotInArchive,
    QueryTimedOut,
    SiteBusy,
    UnreadableScreenshot,
    UsageError,
    VersionRedacted,
)


class InternalFault(ArchiverError):
    """A bug of archiver: the visitor learns no more than this; the log has the traceback."""

    def __init__(self) -> None:
        super().__init__("a fault of archiver; its log has the traceback")


class Embargoed(ArchiverError):
    """The page is under an embargo and is not shown to others."""


class ActsOff(ArchiverError):
    """The server was started without `--act`."""

    def __init__(self) -> None:
        super().__init__("this server only shows the archive; start it with --act to capture, crawl and mark")


class FormRefused(ArchiverError):
    """A form was not made by this server for this visitor, or long ago."""


class TooLarge(UsageError):
    """A parameter of the address is longer than any page needs."""


_STATUS: tuple[tuple[type[ArchiverError], int, str], ...] = (
    (Embargoed, 451, "Under an embargo"),
    (ActsOff, 403, "Acts are off"),
    (FormRefused, 403, "This form is too old"),
    (TooLarge, 414, "The address is too long"),
    (NotInArchive, 404, "Not in this archive"),
    (NoSuchVersion, 404, "No such version"),
    (UnreadableScreenshot, 404, "No such picture"),
    (FleetUnavailable, 503, "The fleet cannot be asked now"),
    (UsageError, 400, "This address cannot be answered"),
    (VersionRedacted, 410, "Redacted"),
    (BodyPruned, 410, "The bytes are not kept"),
    (SiteBusy, 409, "Another crawl is running"),
    (ArchiveLocked, 503, "Busy"),
    (QueryTimedOut, 503, "This takes too long"),
    (ArchiveDamaged, 500, "The archive is damaged"),
    (ArchiveError, 503, "The archive cannot be read now"),
)
"""By the most special class first: HTTP status and heading."""


def demand_open(archive: ArchiveReader, url: str) -> None:
    """Check that a page may be shown to others now, whatever address it is named by.

    Raises:
        Embargoed: it is under an embargo.
    """
    if archive.is_embargoed(url):
        raise Embargoed(f"{url}: held back from others for now; `archiver embargo` lists until when, and why")


def status_of(error: ArchiverError) -> tuple[int, str]:
    """Return the HTTP status and the heading of the page for an error."""
    return next(
        ((status, heading) for kind, status, heading in _STATUS if isinstance(error, kind)), (500, "This failed")
    )
