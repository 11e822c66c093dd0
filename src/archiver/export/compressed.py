"""Files in compressed form: gzip (RFC 1952), and ZIP files of several members. The same input gives the same bytes."""

import gzip
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_TIME = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20


@contextmanager
def opened(path: Path, *, compressed: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a file to write bytes; a compressed one holds neither a name nor a time."""
    with path.open("wb") as file:
        if not compressed:
            yield file
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield packed


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a megabyte at a time."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def write_zip(path: Path, members: Iterable[tuple[str, Path]]) -> None:
    """Write a ZIP file.

    Args:
        path: the file.
        members: the name of each member, and the file with its bytes. ZIP64 is used for large ones only.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, source in members:
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            info.file_size = source.stat().st_size
            with package.open(info, "w") as member, source.open("rb") as file:
                shutil.copyfileobj(file, member, _PIECE)
