"""A generation of a shard: its numbered, immutable state in object storage, as its manifest describes it."""

from dataclasses import dataclass

from archiver.model.lease import ShardState


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One SQLite file of a shard: its name, the bytes of a page, and its number of pages."""

    name: str
    page_size: int
    pages: int


@dataclass(frozen=True, slots=True)
class Pack:
    """An object with pages: its key, its size in bytes, and its SHA-256 in hex."""

    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ShardHead:
    """How far the chains of an archive go.

    Attributes:
        visits: the number of visits.
        last_visit: the id of the last; 0 when there is none.
        chain: its link, hex.
        redactions: the id of the last redaction; 0 when there is none.
        redaction_chain: its link, hex.
    """

    visits: int
    last_visit: int
    chain: str
    redactions: int
    redaction_chain: str


@dataclass(frozen=True, slots=True)
class Generation:
    """What a manifest says.

    Attributes:
        site: the site of the shard.
        number: counted from 1, without a gap.
        epoch: of the lease under which it was published.
        worker: who published it.
        made_at: when, by the worker's clock; UTC, `YYYY-MM-DD HH:MM:SS`.
        previous: SHA-256 of the manifest before, hex; "" for the first.
        full: the number of the newest generation with all pages, from which this one is restored; 0 when there is none.
        full_bytes: of the packs of that generation.
        changed_bytes: of the packs of all generations since.
        archive_id: the identity of the archive; "" when there is none yet.
        head: how far its chains go.
        profile_version: of the profile that the worker crawled with; 0 when nothing was crawled.
        reader: which reader read the captures; "" when nothing was crawled.
        read_whole: whether this version of the profile and this reader have read all captures, not only the newest.
        files: `archive.db` and its vault; empty when there is no archive yet.
        packs: the pages that this generation adds. A fence adds none.
    """

    site: str
    number: int
    epoch: int
    worker: str
    made_at: str
    previous: str
    full: int
    full_bytes: int
    changed_bytes: int
    archive_id: str
    head: ShardHead
    profile_version: int
    reader: str
    read_whole: bool
    files: tuple[ShardFile, ...]
    packs: tuple[Pack, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was stored yet."""
        return not self.files

    @property
    def size(self) -> int:
        """Bytes of the shard's files."""
        return sum(each.page_size * each.pages for each in self.files)

    @property
    def state(self) -> ShardState:
        """What the control database shows of it."""
        return ShardState(self.number, self.head.visits, self.size)
