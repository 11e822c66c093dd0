"""The manifest of a generation as JSON, and the keys of a shard's objects.

What comes from the storage is not trusted: a manifest is bounded in size, every value is checked for its type and its
range, and it may name only objects of its own shard.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from archiver.errors import ArchiveError, ShardDamaged
from archiver.model.clock import instant
from archiver.model.generation import Generation, Pack, ShardFile, ShardHead
from archiver.text.clean import printable

LARGEST_MANIFEST = 8 * 1024 * 1024
"""Bytes. A pack takes 200, so the packs of a generation may have 300 GB."""
LARGEST_PACK = 32 * 1024 * 1024
"""Bytes. Packs are written with 8 MB (`page_packs.PACK_SIZE`); larger ones of other versions are read."""
FILES = ("archive.db", "archive.vault.db")
_FORMAT = 1
_HIGHEST = 2**53
_LONGEST = 2000
_SITE = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_HEX = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"(\d{12})\.json")


def generations_of(site: str) -> str:
    """Return the prefix of a shard's manifests.

    Raises:
        ValueError: it is not the name of a site.
    """
    return f"{_shard(site)}/generations"


def packs_of(site: str) -> str:
    """Return the prefix of a shard's packs."""
    return f"{_shard(site)}/packs"


def _shard(site: str) -> str:
    if _SITE.fullmatch(site) is None:
        raise ValueError(f"not the name of a site: {site!r}")
    return f"shards/{site}"


def manifest_key(site: str, number: int) -> str:
    """Return the key of a manifest. Keys sort as their numbers do."""
    return f"{generations_of(site)}/{number:012d}.json"


def number_of(key: str) -> int | None:
    """Return the number of a generation from the key of its manifest; None when the key is of another form."""
    found = _NUMBER.fullmatch(key.rpartition("/")[2])
    return int(found[1]) if found else None


def pack_key(site: str, number: int, epoch: int, token: str, part: int) -> str:
    """Return the key of a pack. `token`: random, so that no two attempts to publish a number share a key."""
    return f"{packs_of(site)}/{number:012d}-{epoch}-{token}-{part:05d}.pack"


def number_of_pack(key: str) -> int | None:
    """Return the number of the generation for which a pack was written; None when the key is of another form."""
    digits = key.rpartition("/")[2].partition("-")[0]
    return int(digits) if len(digits) == 12 and digits.isdecimal() and key.endswith(".pack") else None  # noqa: PLR2004


def manifest_bytes(generation: Generation) -> bytes:
    """Return the manifest of a generation; the inverse of `parse_manifest`.

    Raises:
        ArchiveError: it is larger than those that are read.
    """
    found = json.dumps({"format": _FORMAT, **asdict(generation)}, indent=1, ensure_ascii=True).encode("ascii") + b"\n"
    if len(found) > LARGEST_MANIFEST:
        raise ArchiveError(
            f"{generation.site}: this archive is too large for one generation ({len(generation.packs):,} packs); nothing "
            "was published; divide its pages among several profiles"
        )
    return found


def digest_of(manifest: bytes) -> str:
    """Return the SHA-256 of a manifest, hex."""
    return hashlib.sha256(manifest).hexdigest()


def parse_manifest(data: bytes, site: str, number: int, place: str) -> Generation:
    """Return the generation that a manifest describes.

    Args:
        data: the object's bytes.
        site: whose manifest it must be.
        number: the number that it must have.
        place: the storage, for messages.

    Raises:
        ShardDamaged: it is malformed, or it is the manifest of something else.
    """
    try:
        generation = _generation(json.loads(data))
        _check(generation, site, number)
    except (ValueError, TypeError, KeyError, RecursionError, _Invalid) as error:
        why = str(error) if isinstance(error, _Invalid) else "it is malformed"
        raise ShardDamaged(
            f"{place}: {manifest_key(site, number)}: this manifest cannot be used: {printable(why)}; {rescue_advice(site)}"
        ) from error
    return generation


def rescue_advice(site: str) -> str:
    """Return what ends the message about a generation that cannot be restored."""
    return f"`archiver fleet rescue {site}` finds the newest one that is whole"


class _Invalid(Exception):
    """A value of a manifest is out of its range."""


def _generation(values: object) -> Generation:
    if not isinstance(values, dict) or values.pop("format", None) != _FORMAT:
        raise _Invalid("its format is unknown; upgrade archiver if a newer one wrote it")
    return Generation(**_exactly(values, _VALUES))


def _check(found: Generation, site: str, number: int) -> None:
    if found.site != site or found.number != number:
        raise _Invalid(f"it is of generation {found.number} of {found.site}")
    if not 0 <= found.full <= number or bool(found.full) != bool(found.files):
        raise _Invalid("it has no full generation")
    if found.files and tuple(each.name for each in found.files) != FILES:
        raise _Invalid("its files have other names")
    prefix = f"{packs_of(site)}/{number:012d}-"
    if not all(each.key.startswith(prefix) and each.key.endswith(".pack") for each in found.packs):
        raise _Invalid("it names objects of something else")
    if len({each.key for each in found.packs}) != len(found.packs) or (found.packs and not found.files):
        raise _Invalid("its packs are invalid")


def _whole(most: int, least: int = 0) -> Callable[[object], int]:
    def check(value: object) -> int:
        if type(value) is not int or not least <= value <= most:
            raise _Invalid(f"the number {value!r} is out of range")
        return value

    return check


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise _Invalid("a text is missing or too long")
    return printable(value, _LONGEST)


def _is_true(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Invalid("a value is neither true nor false")
    return value


def _digest(value: object) -> str:
    if not isinstance(value, str) or _HEX.fullmatch(value) is None:
        raise _Invalid("a digest is invalid")
    return value


def _moment(value: object) -> str:
    instant(_text(value))
    return _text(value)


def _page_size(value: object) -> int:
    size = _whole(65536, 512)(value)
    if size & (size - 1):
        raise _Invalid(f"pages of {size} bytes")
    return size


def _exactly(value: object, names: dict[str, Callable[[object], Any]]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != names.keys():
        raise _Invalid("values are missing")
    return {name: check(value[name]) for name, check in names.items()}


def _head(value: object) -> ShardHead:
    count = _whole(_HIGHEST)
    checks = {"visits": count, "last_visit": count, "chain": _digest, "redactions": count, "redaction_chain": _digest}
    return ShardHead(**_exactly(value, checks))


def _files(value: object) -> tuple[ShardFile, ...]:
    checks = {"name": _text, "page_size": _page_size, "pages": _whole(2**32 - 2, 1)}
    return tuple(ShardFile(**_exactly(each, checks)) for each in _list(value))


def _packs(value: object) -> tuple[Pack, ...]:
    checks = {"key": _text, "bytes": _whole(LARGEST_PACK, 1), "sha256": _digest}
    return tuple(Pack(**_exactly(each, checks)) for each in _list(value))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _Invalid("a list is missing")
    return value


_VALUES: dict[str, Callable[[object], Any]] = {
    "site": _text,
    "number": _whole(10**12 - 1, 1),
    "epoch": _whole(_HIGHEST, 1),
    "worker": _text,
    "made_at": _moment,
    "previous": lambda value: "" if value == "" else _digest(value),
    "full": _whole(10**12 - 1),
    "full_bytes": _whole(_HIGHEST),
    "changed_bytes": _whole(_HIGHEST),
    "archive_id": _text,
    "head": _head,
    "profile_version": _whole(_HIGHEST),
    "reader": _text,
    "read_whole": _is_true,
    "files": _files,
    "packs": _packs,
}
