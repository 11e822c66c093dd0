"""`SHA256SUMS`: the digests of the files of an exported folder, the input of `sha256sum -c`."""

from collections.abc import Iterable
from pathlib import Path

from archiver.export.tables import Written

SUMS = "SHA256SUMS"
"""The name of the file with the digests of all other files of a folder."""


def sums_text(files: Iterable[Written]) -> str:
    """Return the content of `SHA256SUMS`; the files' paths are relative to the folder."""
    return "".join(f"{each.sha256}  {each.path.as_posix()}\n" for each in files)


def holds_only_listed(folder: Path, required: str) -> bool:
    """Return whether `SHA256SUMS` lists a required file and all others in the folder, so that it may be deleted."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    listed = {folder / line.partition("  ")[2] for line in lines} | {folder / SUMS}
    return folder / required in listed and all(path in listed for path in folder.rglob("*") if not path.is_dir())
