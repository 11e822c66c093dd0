"""WACZ 1.1.1: WARC files, their index and a list of pages in one ZIP that replay viewers load in pieces.

1.1.1 is the stable version, which viewers and py-wacz read; they refuse the `profile` of the draft of 1.2.0.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from archiver.export.compressed import pieces_of
from archiver.export.wacz_sign import WaczSigner

_TIMES = (1980, 1, 1, 0, 0, 0)  # of every member, so that the same package is the same bytes


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page in `pages/pages.jsonl`.

    Attributes:
        moment: RFC 3339, UTC.
        text: for the viewer's search; None to leave it out.
    """

    key: str
    url: str
    moment: str
    title: str
    text: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return the object of the line."""
        values = {"id": self.key, "url": self.url, "ts": self.moment, "title": self.title}
        return values if self.text is None else {**values, "text": self.text}


@dataclass(frozen=True, slots=True)
class WaczMetadata:
    """The metadata of a package.

    Attributes:
        title: of the collection.
        description: Markdown.
        created: RFC 3339, UTC.
        software: the program that made it.
        main_page: address and moment (RFC 3339, UTC) of the page to open first; None without pages.
        requires: packages with records to which revisits in this one refer: filename, hash, size.
    """

    title: str
    description: str
    created: str
    software: str
    main_page: tuple[str, str] | None = None
    requires: tuple[dict[str, str | int], ...] = ()

    def as_json(self, resources: list[dict[str, Any]]) -> dict[str, Any]:
        """Return datapackage.json (WACZ 1.1.1, 5.2.4)."""
        values: dict[str, Any] = {
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "title": self.title,
            "description": self.description,
            "created": self.created,
            "modified": self.created,
            "software": self.software,
            "resources": resources,
        }
        if self.main_page is not None:
            values["mainPageUrl"], values["mainPageDate"] = self.main_page
        if self.requires:
            values["relation"] = {"requires": list(self.requires)}
        return values


class WaczWriter:
    """Writes a package. Members that are already compressed are stored, as the specification demands."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", allowZip64=True)
        self._resources: list[dict[str, Any]] = []

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def put_warc(self, path: Path) -> None:
        """Add a WARC file, under `archive/`."""
        self._put(f"archive/{path.name}", path, zipfile.ZIP_STORED)

    def put_index(self, path: Path) -> None:
        """Add the index, CDXJ lines sorted by bytes, under `indexes/`; pywb looks for an index that ends in `.cdx`."""
        self._put("indexes/index.cdx", path, zipfile.ZIP_DEFLATED)

    def put_pages(self, path: Path) -> None:
        """Add the list of pages, a file that `write_pages` wrote."""
        self._put("pages/pages.jsonl", path, zipfile.ZIP_DEFLATED)

    def finish(self, described: WaczMetadata, signer: WaczSigner | None = None) -> str:
        """Write datapackage.json and its digest, signed if there is a signer; return that digest, `sha256:…`."""
        data = (json.dumps(described.as_json(self._resources), ensure_ascii=False, indent=2) + "\n").encode()
        self._write("datapackage.json", len(data), [data])
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        about: dict[str, Any] = {"path": "datapackage.json", "hash": digest}
        if signer is not None:
            about["signedData"] = signer.signed(digest, described.created, described.software)
        values = (json.dumps(about, indent=2) + "\n").encode()
        self._write("datapackage-digest.json", len(values), [values])
        return digest

    def _put(self, name: str, path: Path, method: int) -> None:
        size = path.stat().st_size
        digest = self._write(name, size, pieces_of(path), method)
        resource = {"name": name.rpartition("/")[2], "path": name, "hash": f"sha256:{digest}", "bytes": size}
        self._resources.append(resource)

    def _write(self, name: str, size: int, pieces: Iterable[bytes], method: int = zipfile.ZIP_DEFLATED) -> str:
        """Write a member and return its SHA-256.

        It has a zip64 field in its local header if, and only if, it has one in the central directory: viewers that read
        only the central directory take the data to begin after a local header without such a field. `zipfile` would
        write one already for sizes 5 % below the limit if it was told the size beforehand.
        """
        info = zipfile.ZipInfo(name, _TIMES)
        info.compress_type, info.external_attr = method, 0o644 << 16
        digest = hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=size > zipfile.ZIP64_LIMIT) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
        return digest.hexdigest()


def write_pages(path: Path, pages: Iterable[PageLine], *, text: bool) -> None:
    """Write a list of pages, its header first (WACZ 1.1.1, 5.2.3: required, even when it lists no page).

    Args:
        path: the file.
        pages: the pages.
        text: whether they have their text: viewers search it only if the header says so.
    """
    header = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", **({"hasText": True} if text else {})}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for each in chain([header], (page.as_json() for page in pages)):
            file.write(json.dumps(each, ensure_ascii=False) + "\n")
