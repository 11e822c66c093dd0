"""The size of an archive: its files, its bodies as stored and as sent, its sites."""

from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.model.clock import written
from archiver.store.archive import Store, vault_path


def sizes(path: Path, store: Store, now: datetime) -> dict[str, Any]:
    """Return sizes (bytes) and counts, as `stats --json` prints them; visits dated later than `now` are counted too.

    The sizes of the vault and of the bodies, and their number, are None when the vault is missing.
    """
    vault = store.vault_size()
    blocks, kept, whole = vault or (None, None, None)
    return {
        "archive": str(path),
        "archive_bytes": _size(path),
        "vault_bytes": _size(vault_path(path)) if vault else None,
        "bodies": blocks,
        "bodies_bytes": whole,
        "bodies_kept_bytes": kept,
        "outcomes": store.history.outcomes(),
        "future_visits": store.history.later_than(written(now)),
        "sites": store.history.sites(),
    }


def file_sizes(path: Path) -> tuple[int, int | None]:
    """Return the sizes of an archive's two files, with their write-ahead logs; of the vault None when it is missing."""
    vault = vault_path(path)
    return _size(path), _size(vault) if vault.exists() else None


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in (path, path.with_name(path.name + "-wal")) if file.exists())
