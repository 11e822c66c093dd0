"""What a slice changed in both files of a shard, as packs in files."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiveDamaged, ArchiveFull
from archiver.maintain.generations.changed_pages import ObservedFile
from archiver.maintain.generations.manifest import FILES
from archiver.maintain.generations.marker import OUTGOING, delete_outgoing, has_log, stamps_of
from archiver.maintain.generations.page_packs import LocalPack, PackWriter
from archiver.maintain.generations.shard_head import read_head
from archiver.maintain.redact.erase import finish_redactions
from archiver.model.generation import Generation, ShardFile, ShardHead
from archiver.store.plain_files import PlainConnection, problems
from archiver.store.redaction_notes import is_pending
from archiver.text.clean import printable

FULL_AFTER = 2
"""A generation has all pages when the changes since the last such one have more bytes than so many times its own."""
MOST_CHANGES = 1000
"""Or after so many generations: each costs a request when the shard is restored."""


@dataclass(frozen=True, slots=True)
class PackedChanges:
    """The packs of the next generation, and what it then is. `is_full`: they have all pages."""

    packs: list[LocalPack]
    files: tuple[ShardFile, ...]
    is_full: bool
    archive_id: str
    head: ShardHead


class SliceChanges:
    """Notes which pages change, from its creation to `pack`.

    Args:
        folder: of the working copy.
        before: the generation that the files equal.
        rewritten: a program is to rewrite the files, and must have them alone. They are not read meanwhile, and all
            pages count as changed if the files were written.
    """

    def __init__(self, folder: Path, before: Generation, *, rewritten: bool = False) -> None:
        self._folder, self._before = folder, before
        self._files = [ObservedFile(folder / name) for name in FILES]
        self._stamps = stamps_of(folder) if rewritten and not before.is_empty else None
        if not rewritten and not self._is_full_due():
            try:
                for file in self._files:
                    file.observe()
            except BaseException:
                self.close()
                raise

    def _is_full_due(self) -> bool:
        before = self._before
        return (
            before.is_empty
            or before.changed_bytes > FULL_AFTER * before.full_bytes
            or before.number - before.full >= MOST_CHANGES
        )

    def pack(self) -> PackedChanges | None:
        """Write what changed into packs; None when nothing did. Afterwards nothing is noted.

        A redaction that is unfinished is finished first. After a redaction, the packs have all pages: no pack may need
        one from before.

        Raises:
            ArchiveLocked: another program writes to a file, or reads an older state of it.
            ArchiveDamaged: the files are no archive.
            ArchiveFull: there is no room for the packs, or to finish a redaction.
        """
        if self._stamps is not None and self._stamps == stamps_of(self._folder) and not has_log(self._folder):
            return None
        outgoing = self._folder / OUTGOING
        try:
            delete_outgoing(self._folder)
            outgoing.mkdir()
            return self._pack(outgoing)
        except OSError as error:
            raise ArchiveFull(
                f"{outgoing}: cannot be written: {error.strerror}; make room, then run this again"
            ) from error
        finally:
            self.close()

    def _pack(self, outgoing: Path) -> PackedChanges | None:
        rows, vault = self._locked()
        archive_id, head = read_head(rows, vault)
        changed = None if head.redactions > self._before.head.redactions else self._changed()
        if changed is None:
            self._check_sound(rows, vault)
        writer = PackWriter(outgoing)
        for index, file in enumerate(self._files):
            old_pages = self._before.files[index].pages if changed else 0
            pages = file.read(self._folder, changed[index] if changed else None, old_pages)
            writer.add(index, pages, file.page_size)
        writer.close()
        files = tuple(ShardFile(file.path.name, file.page_size, file.pages) for file in self._files)
        if not writer.packs and files == self._before.files:
            return None
        return PackedChanges(writer.packs, files, changed is None, archive_id, head)

    def _locked(self) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        """Keep writers out; finish a redaction before, if it could not erase its bytes because the files were open."""
        rows, vault = (file.lock() for file in self._files)
        path = self._files[0].path
        if not is_pending(PlainConnection(path, rows, read_only=True)):
            return rows, vault
        self.close()
        finish_redactions(path)
        rows, vault = (file.lock() for file in self._files)
        return rows, vault

    def _changed(self) -> list[Sequence[int]] | None:
        """Return the numbers of the changed pages of each file; None when all are wanted."""
        if self._is_full_due():
            return None
        found: list[Sequence[int]] = []
        for file, before in zip(self._files, self._before.files, strict=True):
            numbers = file.changed()
            if numbers is None or file.page_size != before.page_size:
                return None
            found.append(numbers)
        return found

    def _check_sound(self, *connections: sqlite3.Connection) -> None:
        """Check the files before all pages are published. Something may have written to them without SQLite's locks."""
        for file, connection in zip(self._files, connections, strict=True):
            for problem in problems(PlainConnection(file.path, connection, read_only=True)):
                raise ArchiveDamaged(f"{file.path}: {printable(problem, 200)}; nothing was published")

    def close(self) -> None:
        """Forget what was noted, and let others write."""
        for file in self._files:
            file.close()
