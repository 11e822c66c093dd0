"""Checks whether a disk is full: SQLite's errors say which call failed, but not why."""

import os
from pathlib import Path

_LEAST = 256 * 1024
"""Bytes. With less, SQLite can create neither its shared memory (32 kB) nor a write-ahead log of one batch."""
_TEMPORARY = ("SQLITE_TMPDIR", "TMPDIR")
_USUAL = ("/var/tmp", "/usr/tmp", "/tmp")  # noqa: S108  (where SQLite looks, in its order)


def has_room(folder: Path) -> bool:
    """Whether a folder's disk has room for a file of `_LEAST` bytes; True when that cannot be determined."""
    try:
        disk = os.statvfs(folder)
    except (OSError, AttributeError):
        return True
    if not disk.f_blocks or disk.f_flag & os.ST_RDONLY:
        return True  # a virtual or read-only file system: free space is not the problem
    return disk.f_bavail * disk.f_frsize >= _LEAST and not (disk.f_files and not disk.f_favail)


def temporary_folder() -> Path:
    """Return the folder of SQLite's temporary files (sqlite3_temp_directory; os_unix.c, unixTempFileDir)."""
    named = [os.environ[name] for name in _TEMPORARY if os.environ.get(name)]
    folders = (Path(name) for name in (*named, *_USUAL))
    return next((folder for folder in folders if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)), Path())
