"""RO-Crate 1.2: `ro-crate-metadata.json` describes a package and each of its files for repositories of research data.

The metadata says only what the archive knows. It names no author, and the licence that the specification requires is an
entity that says that none is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from archiver.export.about import PackageInfo
from archiver.export.sums import SUMS
from archiver.export.tables import Written

METADATA = "ro-crate-metadata.json"
_VERSION = "https://w3id.org/ro/crate/1.2"
_LICENCE = {
    "@id": "#licence",
    "@type": "CreativeWork",
    "name": "No known licence",
    "description": "The archive does not know the licence of the texts. They belong to those who wrote them.",
}
_RESERVED = ":/?#[]@!$&'()*+,;=~%"  # of RFC 3986, 2.2, and what is encoded already
_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "db": "application/vnd.sqlite3",
    "json": "application/json",
    "md": "text/markdown",
    "ipynb": "application/x-ipynb+json",
    "toml": "application/toml",
}
_MEANINGS = {
    "datapackage.json": "Describes every table and column (Frictionless Data Package).",
    "archive.db": "The archive without its captures, as a SQLite database.",
    "head.json": "The head of the archive's chain of visits.",
    "README.md": "What the package contains, how to read it and how to cite it.",
    "start.ipynb": "A notebook with first queries.",
    SUMS: "SHA-256 digests of all other files.",
}


def crate_metadata(about: PackageInfo, files: Iterable[Written], meanings: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of the metadata file.

    Args:
        about: the facts about the package.
        files: every file of the package, by its path in it, except the metadata file and `SUMS`. That is written last,
            with the digest of the metadata, so it is listed without its size and digest.
        meanings: what files contain, by path; for the tables.
    """
    told = {**_MEANINGS, **meanings}
    listed = [*(_file(each, told) for each in files), _entity(SUMS, told)]
    sites = _sites(about)
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "name": "RO-Crate metadata",
            "conformsTo": {"@id": _VERSION},
            "about": {"@id": "./"},
        },
        _root(about, listed, sites),
        *listed,
        *sites,
        _LICENCE,
    ]
    return {"@context": f"{_VERSION}/context", "@graph": graph}


def _root(about: PackageInfo, files: Sequence[dict[str, Any]], sites: Sequence[dict[str, Any]]) -> dict[str, Any]:
    moment = about.made_at.replace(" ", "T") + "Z"
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"History of {about.subject}",
        "description": (
            "Versions, changes and counters of web pages, read from captures kept as evidence. "
            f"Made by archiver {about.version} from the archive {about.head['archive_id']}."
        ),
        "datePublished": moment,
        "dateCreated": moment,
        "license": {"@id": _LICENCE["@id"]},
        "hasPart": [{"@id": each["@id"]} for each in files],
    }
    based_on = [{"@id": each["@id"]} for each in sites]
    return {**root, "isBasedOn": based_on if len(based_on) > 1 else based_on[0]} if based_on else root


def _file(file: Written, told: Mapping[str, str]) -> dict[str, Any]:
    entity = _entity(file.path.as_posix(), told)
    return {**entity, "contentSize": str(file.bytes), "sha256": file.sha256}


def _entity(path: str, told: Mapping[str, str]) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    return {
        "@id": quote(path),
        "@type": "File",
        "name": name,
        "description": told.get(path, "The profile that the site's pages were read with."),
        "encodingFormat": _TYPES.get(name.rpartition(".")[2], "text/plain"),
    }


def _sites(about: PackageInfo) -> list[dict[str, Any]]:
    """Return the sites, each address once."""
    names: dict[str, str] = {}
    for name, title, home in about.sites:
        names.setdefault(quote(home, safe=_RESERVED), title or name)
    return [{"@id": url, "@type": "WebSite", "name": name, "url": {"@id": url}} for url, name in names.items() if url]
