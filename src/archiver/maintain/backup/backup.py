"""Copies a live archive: both files as of one time, verified, with a manifest of their digests.

`archive.db` is copied first and the vault second. A visit's body is committed to the vault before the row that
references it, so a later vault has every frame of earlier rows. Only pruning works against this order: it moves bodies
and then deletes the old frames. When a row has no frame, the rows are copied again.

The second copy into a folder takes existing frames from the older copy, verified by its manifest, and only newer frames
from the archive, because frames never change. So damage in the archive does not reach its copy.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveError, UsageError, VaultMissing
from archiver.maintain.backup.copy_frames import append_frames, can_be_continued
from archiver.maintain.backup.folder import CopyFolder, finish_interrupted_backup
from archiver.maintain.backup.manifest import PART, Manifest, duplicate, proof_of, read_manifest
from archiver.maintain.verify.chain_breaks import broken_links
from archiver.store.connection import Connection
from archiver.store.missing_vault import without_bodies
from archiver.store.open_file import open_connection
from archiver.store.plain_files import PlainConnection, Progress, open_plain, problems, silent, take_snapshot
from archiver.store.real_file import real_file, vault_path
from archiver.store.redaction_chain import last_link
from archiver.store.redaction_notes import is_pending
from archiver.store.schema import APPLICATION_ID, MIGRATIONS, VAULT_APPLICATION_ID, VAULT_MIGRATIONS
from archiver.store.vault import Vault
from archiver.text.digest import GENESIS

_TRIES = 4  # the most times that rows are copied again during pruning
_LAST = "SELECT visit_id, lower(hex(chain)) AS chain FROM _visit ORDER BY visit_id DESC LIMIT 1"
_REDACTIONS = "SELECT max(redaction_id) FROM _redaction"
_PRUNED = "SELECT count(*) FROM _visit WHERE frame_id IS NULL AND block_sha256 IS NOT NULL"
_IDENTITY = "SELECT value FROM _meta WHERE key = 'archive_id'"


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished copy.

    Attributes:
        incremental: the bodies of the older copy were reused, and only newer ones copied.
        damaged: visits whose row or body does not match its digest and that no older copy has undamaged.
    """

    folder: Path
    manifest: Manifest
    incremental: bool
    damaged: tuple[int, ...] = ()


def back_up(source: Path, folder: Path, *, made_at: str, version: str, progress: Progress = silent) -> Backup:
    """Copy a live archive into a folder; an older copy there stays complete until the new one is complete.

    Args:
        source: `archive.db`, with its vault in the same folder. Other programs may write to both.
        folder: created if missing; otherwise empty, or with an older copy of this archive.
        made_at: the present time as UTC text.
        version: the version of this program.
        progress: called with the present step.

    Raises:
        UsageError: the folder is not suitable: it holds other files, another archive, or the archive itself.
        VaultMissing: the archive's vault is missing.
        ArchiveDamaged: the archive is damaged where its older copy is not, or SQLite cannot read it.
        ArchiveError: the archive cannot be read, or the folder cannot be written. The older copy is unchanged.
    """
    source = real_file(source)
    names = (source.name, vault_path(source).name)
    main = open_connection(source, application_id=APPLICATION_ID, migrations=MIGRATIONS, write=False)
    with closing(main):
        if not vault_path(source).exists():
            raise VaultMissing(
                f"{without_bodies(source)}; without it no copy can be made, but `archiver export package` copies the rows"
            )
        vault = open_connection(
            vault_path(source),
            application_id=VAULT_APPLICATION_ID,
            migrations=VAULT_MIGRATIONS,
            write=False,
        )
        with closing(vault), CopyFolder(folder, source, names) as held:
            return _BackupJob(held, main, vault, progress).make(made_at, version)


class _BackupJob:
    """One backup."""

    def __init__(self, held: CopyFolder, main: Connection, vault: Connection, progress: Progress) -> None:
        self._held = held
        self._main, self._vault = main, vault
        self._progress = progress
        self._parts = tuple(held.path / (name + PART) for name in held.names)
        self._older = held.older
        self._older_files = tuple(held.path / name for name in held.names)

    def make(self, made_at: str, version: str) -> Backup:
        identity = _identity(self._main, self._vault)
        if self._older is not None and self._older.archive_id != identity:
            raise UsageError(
                f"{self._held.path}: holds a copy of another archive and was not changed; name another folder"
            )
        if is_pending(self._main):
            raise ArchiveError(
                f"{self._main.path}: a redaction is not finished, and a copy would have the bytes; "
                "run `archiver redact --resume` first"
            )
        incremental, known = self._copy_bodies_of_older()
        lost = self._copy(incremental)
        with (
            closing(open_plain(self._parts[0], write=False)) as rows,
            closing(open_plain(self._parts[1], write=False)) as vault,
        ):
            self._check_sound(rows, vault)
            broken = broken_links(rows)
            lost += self._unreadable(rows, vault, known)
            self._require_no_new_damage(broken, lost)
            self._check_histories(rows)
            manifest = Manifest(identity, made_at, version, self._schema(rows, vault), *_head(rows), files=())
        names = zip(self._parts, self._held.names, strict=True)
        manifest = replace(manifest, files=tuple(proof_of(part, name, self._progress) for part, name in names))
        manifest.put_in_place(self._held.path)
        return Backup(self._held.path, manifest, incremental, tuple(sorted({*broken, *lost})))

    def _copy_bodies_of_older(self) -> tuple[bool, int | None]:
        """Reuse the older copy's vault if its manifest confirms it and this vault continues it; return its last frame.

        None: there is no older copy. 0: all bodies must be read again.
        """
        proof = self._older.proof(self._held.names[1]) if self._older else None
        if proof is None:
            return False, None
        if (redactions := last_link(self._main)[0]) and redactions != self._older_value(_REDACTIONS):
            return False, 0  # frames were removed, and others were coded again in their place
        try:
            found = duplicate(
                self._older_files[1], self._parts[1], lambda done: self._progress("older bodies", done, proof.bytes)
            )
        except FileNotFoundError:
            return False, 0
        if found != proof.sha256:
            return False, 0
        with closing(open_plain(self._parts[1], write=False)) as copy:
            if not can_be_continued(copy, self._vault):
                return False, 0
            return True, copy.value("SELECT max(frame_id) FROM _frame") or 0

    def _copy(self, incremental: bool) -> list[int]:  # noqa: FBT001
        """Copy rows, then bodies, until each row has its body; return the visits without a body."""
        lost: list[int] = []
        for number in range(_TRIES):
            take_snapshot(self._main, self._parts[0], "rows", self._progress)
            with closing(open_plain(self._parts[0], write=False)) as rows:
                self._check_continues(rows)
                pruned = rows.value(_PRUNED) != self._older_value(_PRUNED)
            if number or incremental:
                with closing(open_plain(self._parts[1], write=True)) as copy:
                    append_frames(copy, self._vault, pruned=pruned or number > 0, progress=self._progress)
            else:
                take_snapshot(self._vault, self._parts[1], "bodies", self._progress)
            lost = _without_frame(*self._parts)
            if not lost:
                break
        return lost

    def _older_value(self, query: str) -> object:
        """Return a value from the older copy's rows; None when there is none or it is damaged."""
        if self._older is None:
            return None
        try:
            with closing(open_plain(self._older_files[0], write=False)) as rows:
                return rows.value(query)
        except ArchiveError:
            return None

    def _check_continues(self, rows: Connection) -> None:
        """Check that the archive has all visits of the older copy: its last link is in the archive's chain."""
        if self._older is None:
            return
        number, chain = self._older.last_visit, self._older.chain
        try:
            with closing(open_plain(self._older_files[0], write=False)) as older:
                number, chain = _head(older)[1:]  # another program may have written to the copy
        except ArchiveError:
            pass
        ours = rows.value("SELECT lower(hex(chain)) FROM _visit WHERE visit_id = ?", (number,))
        if number and ours != chain:
            raise UsageError(
                f"{self._held.path}: holds visits (up to {number}) that {self._main.path} does not have; "
                "it was not changed; name another folder, or run `archiver repair --from` it if the archive is damaged"
            )

    def _check_sound(self, *copies: PlainConnection) -> None:
        for copy, connection in zip(copies, (self._main, self._vault), strict=True):
            self._progress("checking", 0, None)
            for problem in problems(copy):
                raise ArchiveDamaged(f"{connection.path}: {problem}; no copy was made; run `archiver repair`")

    def _unreadable(self, rows: Connection, vault: Connection, known: int | None) -> list[int]:
        """Return the visits with frames after `known` whose body does not match its digest; None reads none."""
        if known is None:
            return []
        last = self._older.last_visit if self._older and known else 0
        named = f"FROM _visit WHERE (frame_id > {known} OR visit_id > {last}) AND frame_id IS NOT NULL"
        total = rows.value(f"SELECT count(*) {named}")
        reader, unreadable = Vault(vault), []
        for count, row in enumerate(rows.rows(f"SELECT visit_id, frame_id, block_sha256 {named} ORDER BY visit_id")):
            if count % 100 == 0:
                self._progress("reading back", count, total)
            if not _reads(reader, row["frame_id"], row["block_sha256"]):
                unreadable.append(row["visit_id"])
        return unreadable

    def _require_no_new_damage(self, broken: Sequence[int], lost: Sequence[int]) -> None:
        """Raise ArchiveDamaged if the archive is damaged where the older copy is not."""
        if self._older is None or not (broken or lost):
            return
        try:
            with (
                closing(open_plain(self._older_files[0], write=False)) as rows,
                closing(open_plain(self._older_files[1], write=False)) as vault,
            ):
                still = set(broken) - set(broken_links(rows)) if broken else set()
                still = {number for number in still if number <= _head(rows)[1]}
                still |= {number for number in lost if _is_whole(rows, Vault(vault), number)}
        except ArchiveError:
            return
        if still:
            raise ArchiveDamaged(
                f"{self._main.path}: {len(still)} visits are damaged that are undamaged in the copy in {self._held.path} "
                f"({min(still)} …); the copy was not changed; run `archiver repair --from {self._held.path}` first"
            )

    def _check_histories(self, rows: Connection) -> None:
        """Raise ArchiveDamaged if pages have lost all versions that the older copy has."""
        if self._older is None:
            return
        pages = "SELECT DISTINCT page_id FROM _version"
        try:
            with closing(open_plain(self._older_files[0], write=False)) as older:
                theirs = {row[0] for row in older.rows(pages)}
        except ArchiveError:
            return
        lost = theirs - {row[0] for row in rows.rows(pages)}
        if lost:
            raise ArchiveDamaged(
                f"{self._main.path}: the versions of {len(lost)} pages are lost that the copy in {self._held.path} has; the "
                f"copy was not changed; run `archiver repair --from {self._held.path}` first"
            )

    def _schema(self, *copies: Connection) -> dict[str, int]:
        versions = (int(copy.value("PRAGMA user_version")) for copy in copies)
        return dict(zip(self._held.names, versions, strict=True))


def check_copy(folder: Path, *, progress: Progress = silent) -> Manifest:
    """Verify a copy: each file's digest, the identity of both files, every body's frame, and the head of the chain.

    Raises:
        ArchiveError: there is no copy.
        ArchiveDamaged: the copy is damaged.
    """
    finish_interrupted_backup(folder)
    manifest = read_manifest(folder)
    if manifest is None:
        raise ArchiveError(
            f"{folder}: there is no copy here (no manifest.json); make one with `archiver backup {folder}`"
        )
    for proof in manifest.files:
        path = folder / proof.name
        if not path.is_file():
            raise ArchiveDamaged(f"{path}: is missing; make a new copy")
        if proof_of(path, proof.name, progress) != proof:
            raise ArchiveDamaged(f"{path}: is damaged (its SHA-256 differs from the manifest); make a new copy")
    paths = [folder / proof.name for proof in manifest.files]
    with closing(open_plain(paths[0], write=False)) as rows, closing(open_plain(paths[1], write=False)) as vault:
        found_problems = [*problems(rows), *problems(vault)]
        if found_problems or _identity(rows, vault) != manifest.archive_id:
            raise ArchiveDamaged(f"{folder}: {(found_problems or ['belongs to another archive'])[0]}; make a new copy")
        if _head(rows) != (manifest.visits, manifest.last_visit, manifest.chain):
            raise ArchiveDamaged(f"{folder}: its visits differ from the manifest; make a new copy")
    lost = _without_frame(*paths)
    if lost:
        raise ArchiveDamaged(f"{folder}: {len(lost)} visits have no body ({lost[0]} …); they had none in the archive")
    return manifest


def _identity(main: Connection, vault: Connection) -> str:
    ours = str(main.value(_IDENTITY))
    if ours != vault.value(_IDENTITY):
        raise ArchiveDamaged(
            f"{vault.path}: it holds the bodies of another archive, not of {main.path}; restore the right file"
        )
    return ours


def _head(rows: Connection) -> tuple[int, int, str]:
    """Return the number of visits, the id of the last, and its link."""
    last = rows.row(_LAST)
    return (rows.value("SELECT count(*) FROM _visit"), last["visit_id"], last["chain"]) if last else (0, 0, GENESIS)


def _without_frame(rows: Path, vault: Path) -> list[int]:
    with closing(open_plain(vault, write=False)) as connection:
        connection.execute("ATTACH ? AS rows", (rows.absolute().as_uri() + "?mode=ro",))
        found = connection.rows(
            "SELECT visit_id FROM rows._visit t WHERE frame_id IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM _frame f WHERE f.frame_id = t.frame_id) ORDER BY visit_id"
        )
    return [row[0] for row in found]


def _is_whole(rows: Connection, vault: Vault, visit_id: int) -> bool:
    row = rows.row("SELECT frame_id, block_sha256 FROM _visit WHERE visit_id = ? AND frame_id IS NOT NULL", (visit_id,))
    return row is not None and _reads(vault, row["frame_id"], row["block_sha256"])


def _reads(vault: Vault, frame_id: int, digest: bytes) -> bool:
    try:
        vault.read(frame_id, digest)
    except ArchiveDamaged:
        return False
    return True
