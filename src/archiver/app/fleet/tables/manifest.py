"""Manifests of exported tables: which Parquet files in object storage are the present tables of a site.

Keys: `tables/VIEW/site=SITE/month=MONTH/GENERATION-DIGEST.parquet`, and `tables/manifests/site=SITE/NUMBER.json`. Both
are created once and never changed. Two exports of one site compete for the next number of its manifest; one of them
publishes. What is read from the storage is checked: names, numbers and sizes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from archiver.errors import ArchiveDamaged, ObjectMissing
from archiver.model.clock import instant, written
from archiver.model.stored_object import ObjectStorage

FORMAT = 1
READ_FOR = timedelta(days=1)
"""How long a file that is no longer used is kept for readers that began before."""
_FOLDER = "tables/manifests"
_KEY = re.compile(r"tables/manifests/site=([a-z0-9][a-z0-9._-]*)/(\d{12})\.json")
_BEGUN = re.compile(r"tables/manifests/site=[a-z0-9][a-z0-9._-]*/begun-(\d{12})")
_FILE = re.compile(
    r"tables/[a-z_]{1,40}/site=([a-z0-9][a-z0-9._-]*)/month=(\d{4}-\d\d|all|none)/(\d{12})-[0-9a-f]{16}\.parquet"
)
_VIEW = re.compile(r"[a-z_]{1,40}")
_MONTH = re.compile(r"\d{4}-\d\d|all|none")
_NAME = re.compile(r"\d{12}-[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_LARGEST = 2**40


@dataclass(frozen=True, slots=True)
class TableFile:
    """A Parquet file of a view.

    Attributes:
        view: its name.
        month: of its rows: `2026-11`, `all` for a view without a time, `none` for rows whose time is NULL.
        name: the generation that it was made from, and the begin of its digest.
        rows: how many it has.
        bytes: its size.
        sha256: of its bytes, hex.
    """

    view: str
    month: str
    name: str
    rows: int
    bytes: int
    sha256: str

    def key(self, site: str) -> str:
        """Return its key in the storage."""
        return f"{table_folder(self.view, site)}/month={self.month}/{self.name}.parquet"


@dataclass(frozen=True, slots=True)
class TableManifest:
    """The tables of a site.

    Attributes:
        site: its name.
        number: 1, 2, … in order of time.
        shard: the number of the shard in the ids of its rows.
        generation: of the shard that was read.
        state: what is the same in generations without new pages, such as fences: a digest, hex.
        redactions: the id of the last redaction in the shard; 0: there was none.
        made_at: when (UTC text).
        views: a digest of the definitions of the views; other definitions make other rows of the same archive.
        embargoed_until: the first moment at which pages that were left out may be shown (UTC text); None: none were.
        files: of all views, in the order of their rows.
        retired: keys of files that are no longer used, and since when (UTC text). Readers may read them for a day; not
            after a redaction: then the time is a day before `made_at`.
    """

    site: str
    number: int
    shard: int
    generation: int
    state: str
    redactions: int
    made_at: str
    views: str
    embargoed_until: str | None
    files: tuple[TableFile, ...]
    retired: Mapping[str, str]

    @property
    def key(self) -> str:
        """Its key in the storage."""
        return manifest_key(self.site, self.number)

    def body(self) -> bytes:
        """Return its text."""
        tables: dict[str, dict[str, list[list[Any]]]] = {}
        for each in self.files:
            of_month = tables.setdefault(each.view, {}).setdefault(each.month, [])
            of_month.append([each.name, each.rows, each.bytes, each.sha256])
        facts = {
            "format": FORMAT,
            **{name: getattr(self, name) for name in ("site", "number", "shard", "generation", "state", "redactions")},
            **{name: getattr(self, name) for name in ("made_at", "views", "embargoed_until")},
            "tables": tables,
            "retired": dict(self.retired),
        }
        return json.dumps(facts, separators=(",", ":")).encode()


def table_folder(view: str, site: str) -> str:
    """Return the folder of a site's files of a view."""
    return f"tables/{view}/site={site}"


def generation_of(key: str) -> int | None:
    """Return the generation that a file was made from; None: it is no file of a table."""
    match = _FILE.fullmatch(key)
    return None if match is None else int(match[3])


def over_at(moment: str) -> str:
    """Return the latest time since when a file that is deleted at a moment may be retired (UTC texts)."""
    return written(instant(moment) - READ_FOR)


def is_over(since: str, at: str) -> bool:
    """Return whether a file that is retired since a time is to be deleted at another (UTC texts)."""
    return since <= over_at(at)


def begin_key(site: str, generation: int) -> str:
    """Return the key that exists while an export of a generation runs, and after it was interrupted."""
    return f"{_FOLDER}/site={site}/begun-{generation:012d}"


def manifest_key(site: str, number: int) -> str:
    """Return the key of a manifest."""
    return f"{_FOLDER}/site={site}/{number:012d}.json"


@dataclass(frozen=True, slots=True)
class PublishedTables:
    """What the storage has of a site.

    Attributes:
        newest: its newest manifest; None: it was never exported.
        keys: of all its manifests, oldest first.
        begun: generations whose export began, and did not end.
    """

    newest: TableManifest | None
    keys: tuple[str, ...]
    begun: frozenset[int]


def published(storage: ObjectStorage, site: str) -> PublishedTables:
    """Return what the storage has of a site.

    Raises:
        StorageUnavailable: the storage does not answer.
        ArchiveDamaged: the manifest is not valid, or is missing.
    """
    stored = [each.key for each in storage.objects(f"{_FOLDER}/site={site}")]
    keys = tuple(key for key in stored if _KEY.fullmatch(key))
    begun = frozenset(int(match[1]) for match in map(_BEGUN.fullmatch, stored) if match)
    if not keys:
        return PublishedTables(None, keys, begun)
    try:
        body = storage.read(keys[-1])
    except ObjectMissing as error:
        raise ArchiveDamaged(f"{storage.place}: {keys[-1]} is listed, and missing; run the command again") from error
    return PublishedTables(parse_manifest(body, site, number_of(keys[-1])), keys, begun)


def newest_numbers(storage: ObjectStorage) -> dict[str, int]:
    """Return the number of the newest manifest of each site.

    Raises:
        StorageUnavailable: the storage does not answer.
    """
    found = (_KEY.fullmatch(each.key) for each in storage.objects(_FOLDER))
    return {match[1]: int(match[2]) for match in found if match}


def number_of(key: str) -> int:
    """Return the number of a manifest by its key."""
    return int(key[-17:-5])


def parse_manifest(body: bytes, site: str, number: int) -> TableManifest:
    """Return the manifest of a text.

    Raises:
        ArchiveDamaged: it is not valid.
    """
    try:
        given = json.loads(body)
        _check_identity(given, site, number)
        manifest = TableManifest(
            site,
            number,
            _count(given["shard"]),
            _count(given["generation"]),
            _matching(_SHA256, given["state"]),
            _count(given["redactions"]),
            _matching(_TIME, given["made_at"]),
            _matching(_SHA256, given["views"]),
            None if given["embargoed_until"] is None else _matching(_TIME, given["embargoed_until"]),
            tuple(_files(given["tables"])),
            dict(_retired(site, given["retired"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"{manifest_key(site, number)}: not a manifest of tables ({error!r})"
        raise ArchiveDamaged(f"{what}; delete it, and run `archiver fleet export {site}`") from error
    return manifest


def _check_identity(given: Any, site: str, number: int) -> None:  # noqa: ANN401  (untrusted JSON)
    if (given["format"], given["site"], given["number"]) != (FORMAT, site, number):
        raise ValueError(f"format {given['format']!r} of {given['site']!r}")


def _files(tables: Any) -> Iterator[TableFile]:  # noqa: ANN401  (untrusted JSON)
    for view, months in tables.items():
        for month, files in months.items():
            for name, rows, size, sha256 in files:
                yield TableFile(
                    _matching(_VIEW, view),
                    _matching(_MONTH, month),
                    _matching(_NAME, name),
                    _count(rows),
                    _count(size),
                    _matching(_SHA256, sha256),
                )


def _retired(site: str, retired: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  (untrusted JSON)
    for key, since in retired.items():
        match = _FILE.fullmatch(key)
        if match is None or match[1] != site:
            raise ValueError(f"{key[:80]!r} is no file of {site}")
        yield key, _matching(_TIME, since)


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{str(value)[:40]!r}")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LARGEST:
        raise ValueError(f"{str(value)[:40]!r}")
    return value
