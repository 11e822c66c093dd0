"""`archiver cite`: cite one version of a page, with the digest of its bytes and a permalink."""

import re
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Annotated

import typer

from archiver.app.exporting.cite import format_citation
from archiver.app.reading.questions import ArchiveReader
from archiver.cli.context import OUTPUT, AsJson, reading
from archiver.errors import UsageError
from archiver.export.citations import Citation
from archiver.model.moments import MOMENTS


class CitationForm(StrEnum):
    """The output format of `cite`."""

    TEXT = "text"
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL = "csl"


def cite(
    what: Annotated[
        str, typer.Argument(help="The page's address, a permalink (/web/20221022030000/http://…), or a version_id.")
    ],
    version: Annotated[int | None, typer.Option("--version", help="One version by number; -1 is the newest.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help=f"The version that was current then: {MOMENTS}. A date means its end.")
    ] = None,
    form: Annotated[
        CitationForm, typer.Option("--format", help="A sentence, BibTeX (biblatex), RIS, or CSL-JSON (Zotero, pandoc).")
    ] = CitationForm.TEXT,
    base: Annotated[
        str, typer.Option("--base", metavar="URL", help="Make the permalink absolute: http://archive.example.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Cite one version of a page: authors, title, site, dates, the SHA-256 of its bytes, and a permalink."""
    with reading() as archive:
        cited = _cited(archive, what, version, at)
    if base:
        cited = replace(cited, permalink=f"{_web_address(base)}{cited.permalink}")
    text = format_citation(cited, form)
    if as_json:
        OUTPUT.json({**asdict(cited), "key": cited.key, "citation": text})
    elif form is CitationForm.TEXT:
        OUTPUT.line(text)
    else:
        OUTPUT.bytes(text.encode("utf-8", "replace"))


def _web_address(base: str) -> str:
    """Return the beginning of absolute permalinks, without a slash at its end.

    Raises:
        UsageError: it is no web address.
    """
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", base):
        raise UsageError(f"--base {base}: not a web address; write http://archive.example")
    return base.rstrip("/")


def _cited(archive: ArchiveReader, what: str, version: int | None, at: str | None) -> Citation:
    if not re.fullmatch(r"[0-9]{1,18}", what):
        return archive.page(what).citation(version, at)
    if version is not None or at is not None:
        raise UsageError(f"{what}: a version_id names one version already; use --version and --at with an address")
    return archive.citation(int(what))
