"""The exceptions of archiver. Bugs are not among them: they stay Python's own exceptions.

    ArchiverError
    ├── UsageError              the arguments are invalid                                  exit 2
    │   ├── NotInArchive        the page, version or site is not in this archive           exit 1
    │   └── NoSuchVersion       the page is known, the version or the moment is not        exit 1
    ├── ProfileError            a site's profile is missing or has faults                  exit 3
    ├── RenderUnavailable       no browser can be started                                  exit 3
    ├── ArchiveError            the archive cannot be opened, read or written              exit 4
    │   ├── NotAnArchive        the file is not an archive
    │   ├── ArchiveTooNew       a newer archiver wrote it; it opens read-only
    │   ├── ArchiveLocked       another program holds it for too long                      exit 1
    │   ├── ArchiveReadOnly     the folder or file is not writable
    │   ├── ArchiveFull         the disk is full; nothing half-written was kept
    │   ├── BodyPruned          the bytes of this visit were pruned; its row remains       exit 1
    │   │   └── BodyRedacted    they were redacted                                         exit 1
    │   ├── QueryTimedOut       a query takes longer than it may                       exit 1
    │   ├── VersionRedacted     the content of this version was redacted; its row remains  exit 1
    │   └── ArchiveDamaged      stored bytes do not match their digest
    │       ├── VaultMissing    the vault is missing; the rows of the archive can be read
    │       └── ShardDamaged    the objects of a shard do not match their digests
    ├── SiteBusy                another crawl of this site is running                      exit 1
    ├── FleetUnavailable    the control database of a fleet does not answer                exit 1
    ├── ShardFenced         another worker has the shard by now                            exit 1
    ├── StorageUnavailable  object storage does not answer, refuses, or is too slow        exit 1
    │   ├── ObjectExists    other bytes are stored under this key                          exit 1
    │   └── ObjectMissing   there is no object with this key                               exit 1
    ├── MustWait                the server of a page may not be requested yet               exit 1
    ├── UnreadableScreenshot    a screenshot is no PNG, damaged or too large                exit 1
    └── ReadFailed              the parser failed on a page; the capture is kept           exit 1

Every message is one line: what is wrong, where, and what to do. Failures of the network and of a page are
not exceptions but outcomes of a visit (see `archiver.model.capture.Outcome`).
"""

from dataclasses import dataclass


class ArchiverError(Exception):
    """The base class. `exit_code` is the exit code of the command line."""

    exit_code = 1


class UsageError(ArchiverError):
    """An argument is invalid: not an address, not a date, an unknown name, or options that contradict each other."""

    exit_code = 2


class NotInArchive(UsageError):
    """The page, version or site is not in this archive. What to do: capture it, or check the address."""

    exit_code = 1


class NoSuchVersion(UsageError):
    """The page is known, but not this version, or not at this moment. What to do: see `archiver history`."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a profile: its place in the file and a description."""

    where: str
    what: str
    line: int | None = None

    def __str__(self) -> str:
        """Return `line 12: page.fields.title: …`."""
        place = f"line {self.line}: {self.where}" if self.line else self.where
        return f"{place}: {self.what}" if place else self.what


class ProfileError(ArchiverError):
    """A site's profile is missing or has faults. It lists every fault of the file with its line."""

    exit_code = 3

    def __init__(self, source: str, faults: list[Fault]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))


class RenderUnavailable(ArchiverError):
    """Pages are to be opened in a browser, and none can be started. What to do: install Chromium, or name it."""

    exit_code = 3


class ArchiveError(ArchiverError):
    """The archive cannot be opened, read or written. The cause is chained."""

    exit_code = 4


class NotAnArchive(ArchiveError):
    """The file is not an archive; it was not changed. What to do: name another path."""


class ArchiveTooNew(ArchiveError):
    """A newer archiver wrote this archive. It can be read but not written. What to do: upgrade archiver."""


class ArchiveLocked(ArchiveError):
    """Another program holds the archive for too long. What to do: wait until it ends and run the command again."""

    exit_code = 1


class ArchiveReadOnly(ArchiveError):
    """The archive or its folder is not writable. What to do: change the permissions, or name another path."""


class ArchiveFull(ArchiveError):
    """The disk is full. Everything acknowledged before is safe. What to do: free space and run the command again."""


class BodyPruned(ArchiveError):
    """The bytes of this visit were pruned by the profile's `[keep]`. What to do: use another visit of the version."""

    exit_code = 1


class BodyRedacted(BodyPruned):
    """The bytes of this visit were redacted, for the reason that the message gives. Nothing can restore them."""


class QueryTimedOut(ArchiveError):
    """A query takes longer than the server allows, and was stopped. What to do: ask for less."""

    exit_code = 1


class VersionRedacted(ArchiveError):
    """The content of this version was redacted, for the reason that the message gives. Nothing can restore it."""

    exit_code = 1


class ArchiveDamaged(ArchiveError):
    """Stored bytes do not match their digest, or the file is malformed. What to do: restore from a copy."""


class VaultMissing(ArchiveDamaged):
    """The file with the captured bytes is missing; rows can be read. What to do: restore it from a copy."""


class ShardDamaged(ArchiveDamaged):
    """The objects of a shard are missing, damaged or contradictory. What to do: fetch an older generation."""


class SiteBusy(ArchiverError):
    """Another crawl of this site is running on this archive. What to do: wait until it ends, or stop it."""


class FleetUnavailable(ArchiverError):
    """The control database of a fleet does not answer. What to do: see whether it runs, then run the command again."""


class ShardFenced(ArchiverError):
    """Another worker has published a generation of the shard since. What to do: nothing; it goes on from there."""


class StorageUnavailable(ArchiverError):
    """Object storage does not answer, refuses, or is too slow. What to do: see whether it runs, then run this again."""


class ObjectExists(StorageUnavailable):
    """Other bytes are stored under a key that was to be new. Nothing was overwritten."""


class ObjectMissing(StorageUnavailable):
    """There is no object with this key. What to do: check the address of the storage."""


class MustWait(ArchiverError):
    """The server of a page may not be requested yet: it asked for a pause. What to do: capture the page again then."""


class UnreadableScreenshot(ArchiverError):
    """A screenshot is no PNG, is damaged or animated, or is too large to compare. What to do: compare other visits."""


class ReadFailed(ArchiverError):
    """The parser failed on a page. The capture is kept and can be read again. The cause is chained."""
