"""WACZ 1.2.0: WARC files, their index and a list of pages in one ZIP that replay viewers load in pieces."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.export.wacz_sign import WaczSigner

PIECE = 1 << 20
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
        home: address and moment of the page to open first; None without pages.
        requires: packages with records to which revisits in this one refer: filename, hash, size.
    """

    title: str
    description: str
    created: str
    software: str
    home: tuple[str, str] | None = None
    requires: tuple[dict[str, str | int], ...] = ()

    def as_json(self, resources: list[dict[str, Any]]) -> dict[str, Any]:
        """Return datapackage.json (WACZ 1.2.0, 5.3)."""
        values: dict[str, Any] = {
            "profile": "wacz",
            "wacz_version": "1.2.0",
            "title": self.title,
            "description": self.description,
            "created": self.created,
            "modified": self.created,
            "software": self.software,
            "resources": resources,
        }
        if self.home is not None:
            values["home"] = {"url": self.home[0], "ts": self.home[1]}
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
        self._put(f"archive/{path.name}", _pieces(path), zipfile.ZIP_STORED)

    def put_index(self, lines: Iterable[str]) -> None:
        """Add the index, sorted by bytes, under `indexes/`."""
        self._put("indexes/index.cdxj", (f"{line}\n".encode() for line in lines), zipfile.ZIP_DEFLATED)

    def put_pages(self, pages: Iterable[PageLine]) -> None:
        """Add the list of pages, its header first (WACZ 1.2.0, 5.2.3: required, even when it lists no page)."""
        header = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
        objects = (header, *(page.as_json() for page in pages))
        lines = (json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in objects)
        self._put("pages/pages.jsonl", lines, zipfile.ZIP_DEFLATED)

    def finish(self, described: WaczMetadata, signer: WaczSigner | None = None) -> str:
        """Write datapackage.json and its digest, signed if there is a signer; return that digest, `sha256:…`."""
        data = (json.dumps(described.as_json(self._resources), ensure_ascii=False, indent=2) + "\n").encode()
        self._write("datapackage.json", [data], zipfile.ZIP_DEFLATED)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        about: dict[str, Any] = {"path": "datapackage.json", "hash": digest}
        if signer is not None:
            about["signedData"] = signer.signed(digest, described.created, described.software)
        values = json.dumps(about, indent=2) + "\n"
        self._write("datapackage-digest.json", [values.encode()], zipfile.ZIP_DEFLATED)
        return digest

    def _put(self, name: str, pieces: Iterable[bytes], method: int) -> None:
        size, digest = self._write(name, pieces, method)
        resource = {"name": name.rpartition("/")[2], "path": name, "hash": f"sha256:{digest}", "bytes": size}
        self._resources.append(resource)

    def _write(self, name: str, pieces: Iterable[bytes], method: int) -> tuple[int, str]:
        info = zipfile.ZipInfo(name, _TIMES)
        info.compress_type, info.external_attr = method, 0o644 << 16
        size, digest = 0, hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        return size, digest.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
