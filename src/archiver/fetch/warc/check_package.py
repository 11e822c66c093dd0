"""Check a WACZ package strictly (WACZ 1.1.1 and the draft of 1.2.0): required members, digests and index."""

import gzip
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.errors import UsageError
from archiver.fetch.warc.dates import NO_LIMIT, date_fault, stamp_fault
from archiver.text.clean import printable

_PIECE = 1 << 20
_MOST_TEXT = 64 * 1024 * 1024  # bytes of a member that is read into memory
_FOLDERS = ("archive/", "indexes/", "pages/")
_MUST = {"url", "digest", "mime", "filename", "offset", "length", "status"}
_FAULTS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)


def package_faults(path: Path, now: datetime = NO_LIMIT) -> Iterator[str]:
    """Yield the faults of a package, except those of the records in its WARC files; `now` is the present.

    Raises:
        UsageError: the file is not a ZIP file that can be opened.
    """
    try:
        package = zipfile.ZipFile(path)
    except _FAULTS as error:
        raise UsageError(f"{path}: a package that cannot be opened: {printable(str(error), 200)}") from error
    with package:
        members = {info.filename: info for info in package.infolist()}
        yield from _missing(members)
        for name, info in members.items():
            packed = name.startswith(("archive/", "indexes/")) and name.endswith(".gz")
            if packed and info.compress_type != zipfile.ZIP_STORED:
                yield f"{printable(name, 200)}: compressed twice; it must be stored as it is (4.1)"
        yield from _described(package, members)
        yield from _paged(package, members, now)
        yield from _indexed(package, members, now)


def _missing(members: dict[str, zipfile.ZipInfo]) -> Iterator[str]:
    for name, where in (("datapackage.json", "4.3"), ("pages/pages.jsonl", "5.2.3")):
        if name not in members:
            yield f"{name} is missing ({where})"
    if not any(name.startswith("indexes/") for name in members):
        yield "there is no index under indexes/ (5.2.2)"


def _described(package: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> Iterator[str]:
    """Check datapackage.json, the digests in it, and its own digest."""
    if "datapackage.json" not in members:
        return
    text = _read(package, members["datapackage.json"])
    value = _json(text)
    if not isinstance(value, dict):
        yield "datapackage.json is no JSON object" if text is not None else "datapackage.json cannot be read"
        return
    digest = _json(_read(package, members.get("datapackage-digest.json")))
    if (
        isinstance(digest, dict)
        and text is not None
        and digest.get("hash") != f"sha256:{hashlib.sha256(text).hexdigest()}"
    ):
        yield "datapackage-digest.json: its hash is not that of datapackage.json (5.4)"
    resources = value.get("resources")
    if not isinstance(resources, list):
        yield "datapackage.json lists no resources (5.3)"
        return
    listed = {str(each.get("path")): each for each in resources if isinstance(each, dict)}
    for name, resource in listed.items():
        yield from _resource(package, members.get(name), name, resource)
    for name in sorted(set(members) - set(listed)):
        if name.startswith(_FOLDERS) and not name.endswith("/"):
            yield f"{printable(name, 200)} is not among the resources of datapackage.json (5.3)"


def _resource(
    package: zipfile.ZipFile, info: zipfile.ZipInfo | None, name: str, resource: dict[str, Any]
) -> Iterator[str]:
    shown = printable(name, 200)
    if info is None:
        yield f"{shown} is listed in datapackage.json and not in the package"
        return
    size, found = 0, hashlib.sha256()
    try:
        with package.open(info) as member:
            while piece := member.read(_PIECE):
                size += len(piece)
                found.update(piece)
    except _FAULTS as error:
        yield f"{shown} is damaged: {printable(str(error), 200)}"
        return
    if resource.get("bytes") != size:
        yield f"{shown} has {size} bytes; datapackage.json says {printable(str(resource.get('bytes')), 40)}"
    stated = str(resource.get("hash", ""))
    if stated.startswith("sha256:") and stated != f"sha256:{found.hexdigest()}":
        yield f"{shown}: its SHA-256 is not the one in datapackage.json"


def _paged(package: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], now: datetime) -> Iterator[str]:
    text = _read(package, members.get("pages/pages.jsonl"))
    if text is None:
        return
    lines = [_json(line) for line in text.splitlines() if line.strip()]
    if not lines or not isinstance(lines[0], dict) or lines[0].get("format") != "json-pages-1.0":
        yield "pages/pages.jsonl does not begin with its header (5.2.3)"
        return
    for number, page in enumerate(lines[1:], start=2):
        if not isinstance(page, dict) or not page.get("url") or not page.get("ts"):
            yield f"pages/pages.jsonl, line {number}: a page needs url and ts (5.2.3)"
        elif fault := date_fault(str(page["ts"]), now):
            yield f"pages/pages.jsonl, line {number}: ts {fault} (5.2.3)"
    if len(lines) == 1:
        yield "pages/pages.jsonl lists no page: a viewer cannot open anything"


def _indexed(package: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], now: datetime) -> Iterator[str]:
    """Check the CDXJ index: sorted by bytes, complete, and in agreement with the files."""
    for name in sorted(members):
        if not name.startswith("indexes/") or not name.endswith((".cdxj", ".cdx.gz", ".cdxj.gz", ".cdx")):
            continue
        text = _read(package, members[name])
        if text is None:
            yield f"{printable(name, 200)} cannot be read"
            continue
        lines = [line for line in text.splitlines() if line and not line.startswith(b"!")]
        if lines != sorted(lines):
            yield f"{printable(name, 200)} is not sorted bytewise (5.2.2)"
        for number, line in enumerate(lines, start=1):
            fault = _entry(line, members, now)
            if fault:
                yield f"{printable(name, 200)}, line {number}: {fault}"
                break


def _entry(line: bytes, members: dict[str, zipfile.ZipInfo], now: datetime) -> str:
    parts = line.split(b" ", 2)
    value = _json(parts[-1])
    if len(parts) < 3 or not isinstance(value, dict):  # noqa: PLR2004
        return "no CDXJ"
    lacking = _MUST - set(value) - ({"status"} if _has_no_status(value) else set())
    if lacking:
        return f"lacks {', '.join(sorted(lacking))}"
    info = members.get(f"archive/{value['filename']}")
    if info is None:
        return f"names {printable(str(value['filename']), 100)}, which is not in archive/"
    try:
        end = int(value["offset"]) + int(value["length"])
    except (TypeError, ValueError):
        return "its offset and length are no numbers"
    if end > info.file_size:
        return "points beyond the end of the file"
    fault = stamp_fault(parts[1].decode("utf-8", "replace"), now)
    return f"its timestamp {fault}" if fault else ""


def _has_no_status(entry: dict[str, Any]) -> bool:
    """Whether an entry is of a record that may have no HTTP status: a revisit, or what was made from a page."""
    return entry.get("mime") == "warc/revisit" or str(entry.get("url", "")).startswith("urn:")


def _read(package: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> bytes | None:
    """Return a member, decompressed if it is gzip; None when it is missing, too big, or damaged."""
    if info is None or info.file_size > _MOST_TEXT:
        return None
    try:
        data = package.read(info)
        if info.filename.endswith(".gz"):
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(_MOST_TEXT)
    except _FAULTS:
        return None
    return data


def _json(text: bytes | None) -> object:
    try:
        return json.loads(text or b"")
    except (ValueError, RecursionError):
        return None
