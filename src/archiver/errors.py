"""The tree of all that can go wrong and is no bug.

    ArchiverError
    ├── UsageError              the command was asked for something it cannot mean         exit 2
    │   ├── NotInArchive        the page, version or site is not in this archive           exit 1
    │   └── NoSuchVersion       the page is known, the version or moment asked is not      exit 1
    ├── ProfileError            a site's profile is missing or has faults (all at once)     exit 3
    ├── ArchiveError            the archive cannot be opened, read or written              exit 4
    │   ├── NotAnArchive        the file is something else
    │   ├── ArchiveTooNew       written by a newer archiver; opens read-only
    │   ├── ArchiveLocked       another program holds it too long                          exit 1
    │   ├── ArchiveReadOnly     the folder or file may not be written
    │   ├── ArchiveFull         the disk is full; nothing half-written was kept
    │   ├── BodyPruned          the bytes of this visit were pruned by rule; its row remains  exit 1
    │   └── ArchiveDamaged      stored bytes do not match their digest
    ├── SiteBusy                another crawl of this site is running                      exit 1
    └── ReadFailed              their page broke our reader; the capture is kept           exit 1

Every message is one line: what is wrong, where, and the mend. Failures of the network and of the page are
not errors but outcomes of a visit (see `archiver.model.capture.Outcome`).
"""

from dataclasses import dataclass


class ArchiverError(Exception):
    """Base of every failure that is no bug. `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(ArchiverError):
    """What was asked cannot be meant: an address that is none, a date that is none, a name nobody bears."""

    exit_code = 2


class NotInArchive(UsageError):
    """The page, version or site asked for is not in this archive. Mend: capture it, or check the address."""

    exit_code = 1


class NoSuchVersion(UsageError):
    """The page is known, but not this version, or nothing of it at this moment. Mend: see `history`."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a profile: where it is and what it is."""

    where: str
    what: str
    line: int | None = None

    def __str__(self) -> str:
        """`line 12: page.fields.title: …`."""
        place = f"line {self.line}: {self.where}" if self.line else self.where
        return f"{place}: {self.what}" if place else self.what


class ProfileError(ArchiverError):
    """A site's profile is missing or has faults. All faults of a file come at once, each with its line."""

    exit_code = 3

    def __init__(self, source: str, faults: list[Fault]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))


class ArchiveError(ArchiverError):
    """The archive cannot be opened, read or written. Chained to the cause."""

    exit_code = 4


class NotAnArchive(ArchiveError):
    """The file is not an archive of ours; it was left untouched. Mend: name another path."""


class ArchiveTooNew(ArchiveError):
    """A newer archiver wrote this archive. It can be read, not written. Mend: upgrade."""


class ArchiveLocked(ArchiveError):
    """Another program holds the archive for longer than we wait. Mend: let it finish, then ask again."""

    exit_code = 1


class ArchiveReadOnly(ArchiveError):
    """The archive or its folder may not be written. Mend: change the rights, or name another path."""


class ArchiveFull(ArchiveError):
    """The disk is full. Everything acknowledged before is safe. Mend: make room, then run again."""


class BodyPruned(ArchiveError):
    """The bytes of this visit were pruned by the profile's `[keep]`. Mend: ask for another visit of the version."""

    exit_code = 1


class ArchiveDamaged(ArchiveError):
    """Stored bytes do not match their digest, or the file is malformed. Mend: restore from a copy."""


class SiteBusy(ArchiverError):
    """Another crawl of this site is running on this archive. Mend: wait for it, or stop it."""


class ReadFailed(ArchiverError):
    """Their page broke our reader. The capture is kept and can be read again. Chained to the cause."""
