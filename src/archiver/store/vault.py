"""The bodies: `archive.vault.db` keeps each block byte for byte, in zstd frames with a checksum.

Theory of operation. A *block* is what one visit brought: status line, raw headers, empty line, body. Blocks are
written before the row of the visit that names them, in a commit of their own: a frame that no visit names is
rubbish, a visit that names no frame cannot be. Readers ask for the block of a visit; that frames may lean on
other frames is nobody's business but this file's. For now each frame is whole (kind F).
"""

import sys
from collections.abc import Sequence
from typing import Protocol

from archiver.errors import ArchiveDamaged
from archiver.store.doors import Door

if sys.version_info >= (3, 14):
    from compression.zstd import CompressionParameter, ZstdError, compress, decompress
else:
    from backports.zstd import CompressionParameter, ZstdError, compress, decompress

LEVEL = 9  # 25 kB for a portal page of 110 kB in 2 ms; deltas will make it matter little
PAGE_SIZE = 65536  # blobs of 1-8 kB waste 21-40 % on SQLite's smaller pages

_OPTIONS: dict[int, int] = {CompressionParameter.compression_level: LEVEL, CompressionParameter.checksum_flag: 1}


class BlockReader(Protocol):
    """What the rest of the store knows of the vault."""

    def read(self, frame_id: int) -> bytes:
        """The exact block kept under this number."""


class Vault:
    """Frames in one SQLite file."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def write(self, blocks: Sequence[bytes]) -> list[int]:
        """Keep blocks, durable when this returns; gives the number of each.

        Raises:
            ArchiveFull: the disk has no room; none of these blocks was kept.
        """
        numbers = []
        with self._door.transaction():
            for block in blocks:
                data = compress(block, options=_OPTIONS)
                numbers.append(
                    self._door.insert("INSERT INTO _frame(kind, size, data) VALUES ('F', ?, ?)", (len(block), data))
                )
        return numbers

    def read(self, frame_id: int) -> bytes:
        """The exact block kept under this number.

        Raises:
            ArchiveDamaged: the frame is missing or does not decode.
        """
        row = self._door.row("SELECT size, data FROM _frame WHERE frame_id = ?", (frame_id,))
        if row is None:
            raise ArchiveDamaged(f"{self._door.path}: frame {frame_id} is missing; restore it from a copy")
        try:
            block = decompress(row["data"])
        except ZstdError as error:
            raise ArchiveDamaged(
                f"{self._door.path}: frame {frame_id} is damaged ({error}); restore it from a copy"
            ) from error
        if len(block) != row["size"]:
            raise ArchiveDamaged(f"{self._door.path}: frame {frame_id} has the wrong length; restore it from a copy")
        return block

    def size(self) -> tuple[int, int, int]:
        """How many frames, their bytes as kept, and the bytes they stand for."""
        row = self._door.row("SELECT count(*), coalesce(sum(length(data)), 0), coalesce(sum(size), 0) FROM _frame")
        return (row[0], row[1], row[2]) if row else (0, 0, 0)

    def close(self) -> None:
        """Let go of the file."""
        self._door.close()
