"""Removes frames from a vault so that their blocks cannot be read from any other frame.

Frames that reference a removed one are coded again in their place: with the same id and the same block. The first of them
becomes a full frame, or a keyframe with a reference to another keyframe of the site; the others reference the first.
"""

import hashlib
import json
from collections.abc import Collection, Iterable

from archiver.errors import ArchiveDamaged
from archiver.store.connection import Connection
from archiver.store.frame_codec import (
    FAST,
    MIDDLE,
    SLOW_FROM,
    STRONG,
    Frame,
    pack,
    swapped,
    swaps_between,
    swaps_to_bytes,
)
from archiver.store.frame_store import FrameStore

_COLUMNS = ", ".join(Frame._fields)
_PAYS = 0.6  # a keyframe with a reference must be smaller than this share of a full one
_REFERENCING = (
    "SELECT frame_id FROM {0} WHERE reference IN (SELECT value FROM json_each(?1)) OR base IN (SELECT value FROM json_each(?1)) "
    "OR tail IN (SELECT value FROM json_each(?1))"
)


class FrameEraser:
    """Removes frames within the caller's transaction.

    Attributes:
        rewritten: the frames that were coded again.
        unreadable: frames that reference a removed one and could not be read before; they are lost already.
    """

    def __init__(self, vault: Connection) -> None:
        self._vault = vault
        self._frames = FrameStore(vault)
        self.rewritten: list[int] = []
        self.unreadable: list[int] = []

    def doomed(self, named: Collection[int], redacted: Iterable[int], digests: Collection[bytes]) -> set[int]:
        """Return the frames with blocks or bodies of redacted captures.

        Args:
            named: the frames of all captures that stay.
            redacted: the frames that redacted captures had.
            digests: the SHA-256 of their blocks and of their bodies. A pruned capture may have left its frame, if others
                reference it.
        """
        present, tails = self._present()
        kept = self._kept(named, tails)
        gone = {number for number in redacted if number in present and number not in kept}
        gone |= {number for number in present - kept - gone if self._digest(number) in digests}
        gone |= {tails[number] for number in gone if number in tails and tails[number] not in kept}
        return gone | {number for number in present - kept if tails.get(number) in gone}

    def unnamed(self, named: Collection[int]) -> set[int]:
        """Return the frames that are of no capture: those of killed writers, and of pruned captures that others reference.

        Nobody knows what they hold, so they may hold another answer of a redacted page.
        """
        present, tails = self._present()
        return present - self._kept(named, tails)

    def _present(self) -> tuple[set[int], dict[int, int]]:
        """Return all frames, and the tails of those that have one."""
        rows = self._vault.rows("SELECT frame_id, tail FROM _frame UNION SELECT frame_id, tail FROM _mirror")
        return {row[0] for row in rows}, {row[0]: row[1] for row in rows if row[1] is not None}

    @staticmethod
    def _kept(named: Collection[int], tails: dict[int, int]) -> set[int]:
        return set(named) | {tails[number] for number in named if number in tails}

    def _digest(self, number: int) -> bytes:
        try:
            return hashlib.sha256(self._frames.read(number)).digest()
        except (ArchiveDamaged, TypeError, ValueError):
            return b""

    def erase(self, doomed: Collection[int]) -> int:
        """Remove frames; code those again that reference them. Return the bytes of the removed frames."""
        if not doomed:
            return 0
        digests = {number: self._digest(number) for number in sorted(self._dependents(doomed))}
        self.unreadable += [number for number, digest in digests.items() if not digest]
        first: dict[int, int] = {}  # for each removed frame, the first that referenced it
        for number in (number for number, digest in digests.items() if digest):
            references = [each for each in self._references(number) if each in doomed]
            instead = next((first[each] for each in references if each in first), None)
            self._put(number, self._coded(number, instead, doomed))
            for each in references:
                first.setdefault(each, number)
        freed = sum(self._frames.remove(number) for number in doomed)
        self._frames.forget()
        for number, digest in digests.items():
            if self._digest(number) != digest:
                raise ArchiveDamaged(f"{self._vault.path}: frame {number} did not read back; nothing was erased")
        return freed

    def _dependents(self, doomed: Collection[int]) -> set[int]:
        numbers = (json.dumps(sorted(doomed)),)
        found = {
            row[0] for table in ("_frame", "_mirror") for row in self._vault.rows(_REFERENCING.format(table), numbers)
        }
        return found - set(doomed)

    def _references(self, number: int) -> list[int]:
        rows = [
            self._vault.row(f"SELECT reference, base, tail FROM {table} WHERE frame_id = ?", (number,))
            for table in ("_frame", "_mirror")
        ]
        return [each for row in rows if row is not None for each in row if each is not None]

    def _coded(self, number: int, instead: int | None, doomed: Collection[int]) -> Frame:
        """Return a frame with the same block and no reference to a removed frame.

        Args:
            number: its id.
            instead: an older frame that it can reference; None: one that it references already, or none.
            doomed: the removed frames.
        """
        old, block = self._frames.frame(number), self._frames.read(number)
        if old.kind == "D" and instead is not None:
            prefix, depth = self._frames.read(instead), self._frames.frame(instead).depth
            swaps = swaps_between(prefix, block)
            data = pack(block, swapped(prefix, swaps), FAST)
            coded = swaps_to_bytes(swaps, prefix)
            return Frame("D", len(block), data, instead, None, None, old.number, depth + 1, old.mean, coded)
        level = STRONG if len(block) < SLOW_FROM else MIDDLE
        full = Frame("F", len(block), pack(block, b"", level))
        candidates = [instead] if instead is not None else self._keyframes(number, doomed)
        for each in candidates:
            reference = self._frames.frame(each)
            data = pack(block, self._frames.read(each), level)
            if len(data) < _PAYS * len(full.data):
                return Frame("K", len(block), data, each, depth=reference.depth + 1)
        return full

    def _keyframes(self, number: int, doomed: Collection[int]) -> list[int]:
        """Return a remaining reference of a frame, if it is a keyframe; it can be referenced alone."""
        return [
            each
            for each in self._references(number)[:2]
            if each not in doomed and self._frames.frame(each).kind != "D" and self._frames.frame(each).tail is None
        ]

    def _put(self, number: int, frame: Frame) -> None:
        sets = ", ".join(f"{name} = ?" for name in frame._fields)
        self._vault.execute(f"UPDATE _frame SET {sets} WHERE frame_id = ?", (*frame, number))
        self._vault.execute("DELETE FROM _mirror WHERE frame_id = ?", (number,))
        if frame.kind != "D":
            self._frames.mirror(number)
        self._vault.execute(
            "UPDATE _base SET full = ? WHERE frame_id = ? AND full IS NOT ?",
            (frame.kind == "F", number, frame.kind == "F"),
        )
        self._frames.forget()
        self.rewritten.append(number)
