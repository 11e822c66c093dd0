"""Cite one version of a page as a sentence, BibTeX, RIS or CSL-JSON.

Every text from the web is normalised to one line before it is written, so that no title can end the field that
contains it. Moments are ISO 8601, which needs no language.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archiver.model.capture import HTML_TYPES
from archiver.text.clean import line

_ERROR = 400


@dataclass(frozen=True, slots=True)
class Citation:
    """The facts of a citation. Times are UTC, `YYYY-MM-DD HH:MM:SS`, except `published`.

    Attributes:
        url: the page's address.
        site: the site's name, as on the command line; `container` is the site's title.
        title: the headline; when nothing was read, the file's name or the address.
        authors: the bylines, as printed.
        published: the date on the page, local time of the site, as precise as printed; None when there is none.
        language: BCP 47; None when unknown.
        seen_from: the first visit that saw this version; `seen_last` the last one.
        captured_at: the capture that is cited; `sha256` of its body, `media_type` as declared.
        permalink: `/web/14 digits/address`; `archiver show` accepts it.
        version: its number within the page; None when the page was never read.
        extractor: the profile's hash (first 12 digits) and the reader's version; None when the page was never read.
        archive_id: the identity of the archive that holds it.
        moved_to: the address where the page is now; None when it did not move.
        status: the HTTP status of the capture; an error page is cited as one.
    """

    url: str
    site: str
    container: str
    title: str
    authors: tuple[str, ...]
    published: str | None
    language: str | None
    seen_from: str
    seen_last: str
    captured_at: str
    sha256: str
    media_type: str | None
    permalink: str
    version: int | None
    extractor: str | None
    archive_id: str
    status: int | None = None
    moved_to: str | None = None

    @property
    def key(self) -> str:
        """Return an ASCII key that no other capture has: site, year, first word, digest of permalink and body."""
        digest = hashlib.sha256(f"{self.permalink}#{self.sha256}".encode("utf-8", "replace")).hexdigest()
        year = (self.published or self.captured_at)[:4]
        parts = (_ascii_words(self.site), year, _ascii_words(self.title).partition("-")[0][:20], digest[:8])
        return "-".join(part for part in parts if part)

    @property
    def seen(self) -> str:
        """Return when the version was seen, in words."""
        what = f"status {self.status}, seen" if (self.status or 0) >= _ERROR else "seen"
        if self.seen_from == self.seen_last:
            return f"{what} {self.seen_from} UTC"
        return f"{what} {self.seen_from} to {self.seen_last} UTC"

    @property
    def said(self) -> tuple[int, ...]:
        """Return year, month and day of the date on the page, as far as printed."""
        found = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", self.published or "")
        return tuple(int(part) for part in found.groups() if part) if found else ()

    @property
    def kind(self) -> str:
        """Return the media type of a file, or of a capture that was not read as a page; "" for a page."""
        is_page = self.version is not None and self.media_type in HTML_TYPES
        return "" if is_page or not self.media_type else self.media_type

    @property
    def evidence(self) -> str:
        """Return the identifiers that prove the capture and find it again, as one sentence."""
        parts = [self.seen[0].upper() + self.seen[1:], f"SHA-256 {self.sha256}", f"permalink {self.permalink}"]
        if self.extractor:
            parts.append(f"extractor {self.extractor}")
        if self.kind:
            parts.append(f"media type {self.kind}")
        if self.moved_to:
            parts.append(f"now at {self.moved_to}")
        return "; ".join([*parts, f"archive {self.archive_id}"])


def as_text(cited: Citation) -> str:
    """Return a sentence: author, “title”. Site, date. Address (seen; identifiers; permalink)."""
    authors = ", ".join(filter(None, map(line, cited.authors)))
    kind = f" [{line(cited.kind)}]" if cited.kind else ""
    return (
        f"{authors + ': ' if authors else ''}“{line(cited.title)}”{kind}. {line(cited.container)}, "
        f"{line(cited.published or '') or 'no date'}. {line(cited.url)} "
        f"({cited.seen}; SHA-256 {cited.sha256}; {line(cited.permalink)}"
        f"{'; now at ' + line(cited.moved_to) if cited.moved_to else ''})"
    )


# BibTeX, UTF-8. A brace counts even after a backslash, so braces are written as commands

_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "`": r"\textasciigrave{}",
    }
)
_LIGATURE = re.compile(r"([-'<>,])(?=\1)")  # TeX replaces -- by a dash and '' by a quotation mark
_ADDRESS_IN_BRACES = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})


def as_bibtex(cited: Citation) -> str:
    """Return an `@online` entry for biblatex. Names and titles keep their case; `url` is verbatim."""
    authors = " and ".join(f"{{{_tex(name)}}}" for name in cited.authors if line(name))
    fields = {
        "author": authors,
        "title": f"{{{_tex(cited.title)}}}",
        "organization": f"{{{_tex(cited.container)}}}",
        "date": "-".join(f"{part:02}" if place else f"{part:04}" for place, part in enumerate(cited.said)),
        "url": line(cited.url).translate(_ADDRESS_IN_BRACES),
        "urldate": cited.captured_at[:10],
        "note": _tex(cited.evidence),
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@online{{{cited.key},\n{body}\n}}\n"


def _tex(text: str) -> str:
    return _LIGATURE.sub(r"\1{}", line(text).translate(_TEX))


# RIS


def as_ris(cited: Citation) -> str:
    """Return a RIS record of the type ELEC; lines end in CR LF."""
    said = [f"{part:02}" if place else f"{part:04}" for place, part in enumerate(cited.said)]
    tags = [
        ("TY", "ELEC"),
        *(("AU", name) for name in cited.authors),
        ("TI", cited.title),
        ("T2", cited.container),
        ("PY", said[0] if said else ""),
        ("DA", "/".join([*said, *[""] * (4 - len(said))]) if said else ""),
        ("Y2", cited.captured_at[:10].replace("-", "/") + "/"),
        ("LA", cited.language or ""),
        ("UR", cited.url),
        ("AV", cited.permalink),
        ("N1", cited.evidence),
    ]
    lines = [f"{tag}  - {line(value)}" for tag, value in tags if line(value)]
    return "\r\n".join([*lines, "ER  - ", ""])


# CSL-JSON


def as_csl(cited: Citation) -> str:
    """Return CSL-JSON, an array with one item, as citation processors and Zotero read it."""
    item: dict[str, object] = {
        "id": cited.key,
        "type": "webpage",
        "title": line(cited.title),
        "author": [{"literal": line(name)} for name in cited.authors if line(name)],
        "container-title": line(cited.container),
        "issued": {"date-parts": [list(cited.said)]} if cited.said else None,
        "accessed": {"date-parts": [[int(part) for part in cited.captured_at[:10].split("-")]]},
        "URL": line(cited.url),
        "language": line(cited.language or ""),
        "archive": f"archiver {cited.archive_id}",
        "archive_location": line(cited.permalink),
        "note": line(cited.evidence),
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=1) + "\n"


FORMS: Mapping[str, Callable[[Citation], str]] = {
    "text": as_text,
    "bibtex": as_bibtex,
    "ris": as_ris,
    "csl": as_csl,
}
"""The forms of a citation by name."""


def _ascii_words(text: str) -> str:
    """Return the words of a text in lower-case ASCII, joined by dashes; accents and other scripts are removed."""
    bare = unicodedata.normalize("NFKD", line(text).lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", bare))
