"""The exact bytes of a copy, with the type that its server declared."""

import re
from dataclasses import dataclass

from archiver.app.browsing.replay import Copy, capture_of
from archiver.app.reading.questions import ArchiveReader
from archiver.extract.copy_type import copy_type

_TYPE = re.compile(
    r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,100}(?:[ \t]*;[ \t]*[A-Za-z0-9-]{1,40}=\"?[\w.:/+-]{0,100}\"?){0,4}",
    re.ASCII,
)
_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class ExactBytes:
    """The bytes of a copy.

    Attributes:
        body: as the server sent them, transfer and content encodings undone.
        media_type: as the server declared it; `application/octet-stream` when that is no media type.
        name: a name for the file.
        is_active: whether a browser would run or render them: they are given only to be saved.
        status: what the server answered.
    """

    body: bytes
    media_type: str
    name: str
    is_active: bool
    status: int


def exact_bytes(archive: ArchiveReader, copy: Copy) -> ExactBytes:
    """Return the exact bytes of a copy.

    Raises:
        ArchiveDamaged: they do not match their digest.
        BodyPruned: they were pruned or redacted.
    """
    capture = capture_of(archive, copy)
    declared = (capture.header("content-type") or "").strip()
    media_type = declared if _TYPE.fullmatch(declared) else "application/octet-stream"
    found = copy_type(capture, "")
    is_shown = found.form == "shown" and "svg" not in found.media_type
    is_plain = found.form == "text" and media_type.lower().startswith("text/plain")
    return ExactBytes(capture.body, media_type, _file_name(copy.url), not (is_shown or is_plain), capture.status or 200)


def _file_name(url: str) -> str:
    """Return a file name from the end of an address."""
    end = url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return _NAME.sub("_", end)[-_LONGEST_NAME:].lstrip(".") or "page"
