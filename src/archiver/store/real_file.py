"""The target of a symbolic link: the vault, the logs and the locks of an archive are in the folder of the real file.

SQLite names its logs after the real file, so two names of one archive share them. The vault and the locks follow the
same rule; otherwise each name would have its own vault, and two crawls by two names would not exclude each other.
"""

from pathlib import Path


def vault_path(path: Path) -> Path:
    """Return the path of an archive's vault: `data/archive.db` → `data/archive.vault.db`."""
    return path.with_name(path.stem + ".vault.db")


def real_file(path: Path) -> Path:
    """Return the real path of an archive, with symbolic links resolved.

    A link is not resolved when the vault is in the folder of the link and not in that of its target.
    """
    if not path.is_symlink():
        return path
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a link to itself: opening it raises the error
        return path
    return path if vault_path(path).exists() and not vault_path(real).exists() else real


def is_file_of(dest: Path, archive: Path) -> bool:
    """Return whether a path is a file of the archive or one of the temporary files next to it."""
    place, ours = dest.resolve(), archive.resolve()
    names = (ours.name, vault_path(ours).name)
    return place.parent == ours.parent and any(place.name.lstrip(".").startswith(name) for name in names)
