"""Write to a stream what can only be written as a file."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from archiver.export.compressed import pieces_of

Result = TypeVar("Result")


def through_file(name: str, make: Callable[[Path], Result], write: Callable[[bytes], object]) -> Result:
    """Make a temporary file, write its bytes when it is complete, and return what `make` returned.

    Args:
        name: of the file; its ending can matter.
        make: writes the file to a path.
        write: takes the bytes, a megabyte at a time.
    """
    with tempfile.TemporaryDirectory(prefix="archiver-export-") as scratch:
        path = Path(scratch) / name
        done = make(path)
        for piece in pieces_of(path):
            write(piece)
    return done
