"""The file behind a symbolic link: the vault, the logs and the locks of an archive lie beside the file itself.

SQLite names its logs after the real file, so two names of one archive share them. The vault and our locks must, too:
else each name would have a vault of its own, and two crawls by two names would not exclude each other.
"""

from pathlib import Path


def vault_path(path: Path) -> Path:
    """Where the bodies of an archive are: `data/archive.db` → `data/archive.vault.db`."""
    return path.with_name(path.stem + ".vault.db")


def real_file(path: Path) -> Path:
    """The archive that a path names: itself, or the file that a symbolic link leads to.

    A link whose vault lies beside the link, and not beside the file it leads to, is left as it is.
    """
    if not path.is_symlink():
        return path
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a link to itself: opening it says so
        return path
    return path if vault_path(path).exists() and not vault_path(real).exists() else real
