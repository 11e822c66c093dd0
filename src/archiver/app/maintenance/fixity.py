"""Fixity of an archive: check it for damage, state the head of its chain, and compare it with an earlier head."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveError, ArchiveLocked
from archiver.export.sums import SUMS
from archiver.maintain.backup.manifest import MANIFEST
from archiver.maintain.redact.erase import finish_redactions
from archiver.maintain.verify.clean import CleanResult, clean
from archiver.maintain.verify.finding import Findings
from archiver.maintain.verify.heads import Head, compare_head, head_of, read_head
from archiver.maintain.verify.record_verification import record_verification
from archiver.maintain.verify.row_ranges import open_unchecked
from archiver.maintain.verify.signing import load_key, load_public_key
from archiver.maintain.verify.verify import VerifyResult, verify
from archiver.maintain.verify.verify_file import check_schema
from archiver.model.clock import written
from archiver.settings import Settings
from archiver.store.archive import demand_rows, vault_path
from archiver.store.plain_files import Progress, silent
from archiver.store.real_file import real_file
from archiver.store.schema import APPLICATION_ID, MIGRATIONS, VAULT_APPLICATION_ID, VAULT_MIGRATIONS


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check.

    Attributes:
        cleaned: what was removed from the vault; None when nothing was to be removed, or the archive is damaged.
        head: the statement of the chain's head that the archive was compared with.
        proved: what the comparison proves, in words; "" without a statement or when they differ.
        held_back: why unneeded frames were not removed although requested; else "".
    """

    found: VerifyResult
    cleaned: CleanResult | None = None
    head: Head | None = None
    proved: str = ""
    held_back: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the summary line of `verify --json`."""
        return {
            **self.found.as_json(),
            "removed_frames": self.cleaned.frames if self.cleaned else 0,
            "removed_bytes": self.cleaned.bytes if self.cleaned else 0,
            "head": dict(self.head.values) if self.head else None,
            "head_holds": bool(self.proved) if self.head else None,
        }


def _has_manifest(path: Path) -> bool:
    """Whether an archive is a copy or in a package, whose manifest has its digest: it must not change."""
    return any(path.with_name(name).exists() for name in (MANIFEST, SUMS))


def check(
    settings: Settings,
    *,
    deep: bool = False,
    remove_unneeded: bool = False,
    head: Path | None = None,
    key: str | None = None,
    progress: Progress = silent,
) -> Checked:
    """Check an archive, compare it with a statement of its head, and remove unneeded frames if it is undamaged.

    The view `verifications` gets a row when the archive is undamaged and can be written.

    Args:
        settings: where the archive is.
        deep: read every body.
        remove_unneeded: remove the frames that no visit needs; only if the archive is undamaged.
        head: a file with a statement of a head.
        key: the public key that must have signed it, or a file with one.
        progress: called with the progress.

    Raises:
        UsageError: the statement or the key is invalid.
        ArchiveError: there is no archive.
    """
    public = load_public_key(key) if key else None
    statement = read_head(head) if head else None
    asked = statement.visits if statement else 0
    demand_rows(settings.archive)
    found = verify(settings.archive, deep=deep, progress=progress, asked=asked, now=settings.clock())
    proved = ""
    if statement is not None and head is not None:
        faults = compare_head(statement, head.name, found, public)
        for fault in faults:
            found.all_findings.add(fault)
        proved = "" if faults else _proved(statement, head.name, known=public is not None)
    path = real_file(settings.archive)
    if not _has_manifest(path) and (note := record_verification(path, found, deep=deep, now=settings.clock())):
        found.notes.append(note)
    if found.whole and found.is_redaction_unfinished and not _has_manifest(path):
        found.notes.append(_finish_redactions(path, progress))
    cleaned, held_back = None, ""
    if remove_unneeded and found.whole and found.unneeded:
        try:
            cleaned = clean(settings.archive)
        except ArchiveLocked as error:
            held_back = str(error)
    return Checked(found, cleaned, statement, proved, held_back)


def _finish_redactions(path: Path, progress: Progress) -> str:
    """Erase what an interrupted redaction left; return a message."""
    try:
        finish_redactions(path, progress)
    except ArchiveError as error:
        return str(error)
    return "a redaction had been interrupted; what it left in the files is erased now"


def find_damage(settings: Settings) -> str:
    """Return what is wrong with the schemas of the archive's files, else "". Used after an unexpected exception."""
    paths = (settings.archive, vault_path(settings.archive))
    findings = Findings()
    for path, number, migrations in zip(
        paths, (APPLICATION_ID, VAULT_APPLICATION_ID), (MIGRATIONS, VAULT_MIGRATIONS), strict=True
    ):
        if not path.is_file():
            continue
        try:
            with closing(open_unchecked(path)) as connection:
                check_schema(connection, number, migrations, findings, views=path == settings.archive)
        except ArchiveError as error:
            return str(error)
    return f"{settings.archive}: the file is damaged: {findings.all[0].what}" if findings.all else ""


def _proved(statement: Head, name: str, *, known: bool) -> str:
    proof = f"this archive holds, unaltered, all {statement.visits} visits that {name} states"
    if not statement.is_signed:
        return f"{proof} ({name} is not signed)"
    key = statement.values["public_key"]
    whose = f"signed with {key}" if known else f"signed with the key in it, {key}: use --key to prove whose it is"
    return f"{proof} (stated {statement.values['stated_at']} UTC, {whose})"


def state_head(settings: Settings, key: Path | None = None) -> Head:
    """Return the head of an archive's chain, signed if a private key is given.

    Raises:
        UsageError: there is no such key.
        ArchiveError: the archive cannot be read, or visits are missing from it.
    """
    signer = load_key(key) if key else None
    head = head_of(settings.archive, written(settings.clock()))
    return head.signed(signer) if signer else head
