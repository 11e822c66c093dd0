"""Finds the files of a copy."""

from pathlib import Path

from archiver.errors import UsageError
from archiver.maintain.backup.manifest import read_manifest
from archiver.store.real_file import vault_path


def find_copy(copy: Path) -> Path:
    """Return the path of a copy's `archive.db`.

    Raises:
        UsageError: there is no copy at this path.
    """
    if not copy.is_dir():
        if copy.is_file() and vault_path(copy).is_file():
            return copy
        raise UsageError(f"{copy}: there is no copy here; name a folder made by `archiver backup`, or its archive.db")
    manifest = read_manifest(copy)
    found = copy / (manifest.files[0].name if manifest else "archive.db")
    if not found.is_file() or not vault_path(found).is_file():
        raise UsageError(f"{copy}: there is no copy in this folder; name one made by `archiver backup`")
    return found
