"""Citations for web pages: in all forms, and as tags that reference managers read.

Zotero's translator "Embedded Metadata" reads `<meta>` tags whose prefix it knows (DC, prism, z) and some of Highwire's
(`citation_…`). `citation_title` is not among ours: it would make each page a journal article.
"""

from dataclasses import asdict, replace
from typing import Any

from archiver.app.exporting.cite import cite_version, format_citation
from archiver.app.reading.page import demand_content
from archiver.app.reading.questions import ArchiveReader
from archiver.errors import NoSuchVersion, NotInArchive, VersionRedacted
from archiver.export.citations import FORMS, Citation
from archiver.text.clean import line

_DAY = len("2022-10-21")
_LONGEST = 1_000  # characters of a tag


def citation_of(archive: ArchiveReader, page_id: int, number: int) -> Citation:
    """Return the citation of a version of a page by its number.

    Raises:
        NotInArchive: there is no such page.
        NoSuchVersion: there is no such version.
        VersionRedacted: its content was redacted.
    """
    store = archive.store
    known = store.pages.page(page_id)
    if known is None:
        raise NotInArchive(f"page {page_id}: there is no such page in this archive")
    version = store.history.version(page_id, number)
    if version is None:
        raise NoSuchVersion(f"{known.url}: there is no version {number}; the page's timeline lists them")
    demand_content(known.url, version)
    return cite_version(store, known, version)


def newest_citation(archive: ArchiveReader, page_id: int, number: int | None) -> Citation | None:
    """Return the citation of a version that may not be there: None without a number, a capture, or its content."""
    try:
        return citation_of(archive, page_id, number) if number else None
    except (NoSuchVersion, VersionRedacted):
        return None


def citation_data(cited: Citation, permalink: str) -> dict[str, Any]:
    """Return the facts of a citation, its text in each form, and its tags. `permalink`: the absolute address."""
    cited = replace(cited, permalink=permalink)
    return {
        **asdict(cited),
        "authors": list(cited.authors),
        "key": cited.key,
        "forms": {form: format_citation(cited, form) for form in FORMS},
        "tags": citation_tags(cited),
    }


def citation_tags(cited: Citation) -> list[list[str]]:
    """Return names and contents of the `<meta>` tags by which reference managers cite a version as a web page.

    The tag `citation_public_url` is not among them: it has the absolute permalink, which the server knows.
    """
    tags = [
        ("z.itemType", "webpage"),
        ("DC.title", cited.title),
        *(("citation_author", author) for author in cited.authors),
        ("citation_publication_date", (cited.published or cited.captured_at)[:_DAY]),
        ("prism.publicationName", cited.container),
        ("citation_language", cited.language or ""),
        ("DC.source", cited.url),
        ("z.archive", f"archiver {cited.archive_id}"),
        ("z.archiveLocation", f"sha256:{cited.sha256}"),
        ("DCTERMS.dateSubmitted", cited.captured_at),
    ]
    return [[name, line(text)[:_LONGEST]] for name, text in tags if line(text)]
