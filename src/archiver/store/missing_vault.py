"""An archive that lacks one of its two files: without the vault, rows can be read; without rows, nothing can."""

from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NoReturn

from archiver.errors import ArchiveDamaged, ArchiveError, VaultMissing
from archiver.store.connection import Connection
from archiver.store.open_file import is_unfinished, open_connection
from archiver.store.plain_files import open_plain
from archiver.store.real_file import vault_path
from archiver.store.schema import APPLICATION_ID, MIGRATIONS
from archiver.store.vault import Block, Vault

ANY_FRAME = "SELECT EXISTS (SELECT 1 FROM _frame)"


class MissingVault(Vault):
    """Takes the place of a vault whose file is missing. It holds nothing; each use of bytes raises VaultMissing."""

    def __init__(self, path: Path) -> None:
        """`path`: `archive.db`."""
        self._path = path

    def write(self, blocks: Sequence[Block]) -> NoReturn:  # noqa: ARG002
        """Raise VaultMissing."""
        raise VaultMissing(without_bodies(self._path))

    def read(self, frame_id: int, sha256: bytes) -> NoReturn:  # noqa: ARG002
        """Raise VaultMissing."""
        raise VaultMissing(without_bodies(self._path))

    def remove(self, frame_ids: Collection[int]) -> NoReturn:  # noqa: ARG002
        """Raise VaultMissing."""
        raise VaultMissing(without_bodies(self._path))

    def size(self) -> tuple[int, int, int]:
        """Return zeros."""
        return 0, 0, 0

    def check_commits(self, check: Callable[[], None] | None) -> None:
        """Do nothing: there are none."""

    def guard(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def names_bodies(main: Connection) -> bool:
    """Whether visits of an archive refer to bytes in its vault."""
    return bool(main.value("SELECT EXISTS (SELECT 1 FROM _visit WHERE frame_id IS NOT NULL)"))


def without_bodies(path: Path) -> str:
    """Return the message for a missing vault. `path`: `archive.db`."""
    return f"{vault_path(path)}: the bodies of {path} are missing; restore this file from a copy"


def demand_bodies(path: Path) -> None:
    """Raise VaultMissing when an archive that is to be written has no vault. Nothing is created or changed."""
    if vault_path(path).exists() or is_unfinished(path):
        return
    main = open_connection(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, write=False)
    try:
        is_lost = main.value("SELECT count(*) FROM sqlite_schema WHERE name = '_visit'") and names_bodies(main)
    finally:
        main.close()
    if is_lost:
        raise VaultMissing(f"{without_bodies(path)}; without it the archive can be read, but not written")


def demand_rows(path: Path) -> None:
    """Raise ArchiveDamaged when a vault with bodies has no `archive.db`: a new one would make its frames unused."""
    bodies = vault_path(path)
    if not bodies.exists() or (path.exists() and path.stat().st_size):
        return
    with closing(open_plain(bodies, write=False)) as vault, suppress(ArchiveError):
        if not vault.value(ANY_FRAME):
            return
    raise ArchiveDamaged(without_rows(path))


def without_rows(path: Path) -> str:
    """Return the message for a missing `archive.db`, whose path is given."""
    return (
        f"{path}: the rows of {vault_path(path).name} are missing; rebuild this file with `archiver repair --from COPY`, or "
        "move the bodies away to start another archive here"
    )
