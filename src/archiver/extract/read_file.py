"""Read a record from a capture that is no HTML: a PDF, an office file, a text file, an image.

The digest and the size of the bytes are content, so that a file whose bytes change gets a version. The text is content,
too, where its format is read. A file whose text cannot be read keeps the values that it had before.
"""

import re
from dataclasses import replace
from html import escape
from urllib.parse import unquote, urlsplit

from archiver.extract.choose import choose
from archiver.extract.fallback import FallbackFailed
from archiver.extract.file_format import SLOW, FileFormat, file_format, missing_signature
from archiver.extract.file_text import FileText, FileUnreadable, ReadFile
from archiver.extract.gather import gather_fields, gather_readings
from archiver.extract.gathered import Gathered
from archiver.extract.page import ParsedPage
from archiver.extract.plain_text import plain_text
from archiver.model.capture import Capture
from archiver.model.profile import PageKind, Profile
from archiver.model.record import FIELDS, Content, Record, Source
from archiver.text.charset import decode
from archiver.text.clean import line

_SHOWN_TO_CHOOSE = 3_000
"""Characters from which the language of the dates is detected."""
_LONGEST_TITLE = 300
_NO_TITLE = re.compile(
    r"(?:untitled|title|document|presentation|powerpoint presentation)\d*\Z|microsoft \w+ -", re.IGNORECASE
)
"""Default titles that programs write into the metadata of a document without a title."""
_FILE_ENDING = re.compile(r"\.(?:docx?|xlsx?|pptx?|odt|ods|pdf|rtf|txt|tmp|indd|cdr)\Z", re.IGNORECASE)
_DISPOSITION = re.compile(
    r"""filename\*\s*=\s*(?:[\w-]*'[\w-]*')?([^;]+)|filename\s*=\s*(?:"([^"]*)"|([^;]+))""", re.IGNORECASE
)


def read_file(capture: Capture, profile: Profile | None, what: str, file_text: ReadFile | None) -> Record:
    """Return the record of a file.

    Args:
        capture: the evidence.
        profile: the site's profile; the first of its `[[page]] kind = "file"` that matches may have rules.
        what: what the file is, in words.
        file_text: reads the text of PDFs and office files; without it, the record of such a file `needs_fallback`.
    """
    missing = missing_signature(capture.body, capture.media_type)
    if missing:
        return Record(kind="file", notes=(f"declared {capture.media_type}, but the bytes are not {missing}",))
    form = file_format(capture.body, capture.media_type, capture.url)
    if form in SLOW and file_text is None:
        return Record(Content(file=file_identity(capture)), kind="file", needs_fallback=True)
    return _FileReading(capture, profile, what).record(form, file_text)


def file_identity(capture: Capture) -> str:
    """Return the digest and the size of a file, as the field `file` has them: `sha256:… (12,345 bytes)`."""
    return f"sha256:{capture.sha256} ({len(capture.body):,} bytes)"


class _FileReading:
    """The reading of one file."""

    def __init__(self, capture: Capture, profile: Profile | None, what: str) -> None:
        self._capture = capture
        self._profile = profile
        self._what = what
        self._gathered = Gathered()
        self._notes: list[str] = []
        self._charset = ""

    def record(self, form: FileFormat, file_text: ReadFile | None) -> Record:
        """Return the record."""
        gathered, identity = self._gathered, file_identity(self._capture)
        text = self._text(form, file_text)
        details = (text.details if text else "") or self._what
        gathered.fill("file", identity, Source("file", 0, details, "bytes"))
        kind, page = self._page(text)
        readings = gather_readings(kind.readings, page, gathered) if kind and text else ()
        self._fill(text, kind, page)
        return Record(
            gathered.content(),
            readings,
            tuple(gathered.sources.items()),
            kind="file",
            template=kind.template if kind else "",
            charset=self._charset,
            notes=(*self._notes, *page.notes),
            unread=tuple(sorted(gathered.unread)),
            modified=gathered.values.get("modified"),
        )

    def _text(self, form: FileFormat, file_text: ReadFile | None) -> FileText | None:
        """Return the text of the file; None when it has none that is read, or when it cannot be read."""
        if form in SLOW and file_text is not None:
            try:
                return file_text(self._capture.body, form)
            except (FileUnreadable, FallbackFailed) as why:
                self._leave_unread(str(why))
                return None
        if form is FileFormat.LOCKED:
            self._leave_unread("it is protected by a password")
            return None
        if form in (FileFormat.TEXT, FileFormat.TABLE):
            language = self._profile.site.language if self._profile else None
            decoded = decode(self._capture.body, self._capture.header("content-type"), language)
            if decoded.is_text:
                self._charset = decoded.charset
                self._notes += decoded.notes
                return plain_text(decoded, form)
        self._notes.append(f"not HTML but {self._what}")
        return None

    def _leave_unread(self, why: str) -> None:
        self._notes.append(f"not HTML but {self._what}; text: not read, {why}")
        self._gathered.unread |= {"title", "body"}

    def _page(self, text: FileText | None) -> tuple[PageKind | None, ParsedPage]:
        """Return the table of the profile that reads the file, and the text as a page for its rules."""
        capture, profile = self._capture, self._profile
        site = profile.site if profile else None
        body = text.body if text else ""
        page = ParsedPage(f"<body>{escape(body[:_SHOWN_TO_CHOOSE])}", capture.url, site)
        page.file_body = body
        if profile is None:
            return None, page
        kinds = tuple(kind for kind in profile.pages if kind.kind == "file")
        kind, note = choose(replace(profile, pages=kinds), capture.url, capture.visited_at, page)
        if note:
            page.notes.append(note)
        return kind, page

    def _fill(self, text: FileText | None, kind: PageKind | None, page: ParsedPage) -> None:
        """Fill the fields: by the rules of the profile, then by what the file says."""
        gathered, rules = self._gathered, kind.fields if kind else ()
        if text is None:
            if gathered.unread:
                gathered.unread |= {name if name in FIELDS else f"extra.{name}" for name, _ in rules}
            self._fill_title([(_file_name(self._capture), "name")])
            return
        self._notes += text.notes
        gather_fields(rules, page, gathered)
        said = _title(text.title)
        self._fill_title([(said, "metadata"), (text.heading, "heading"), (_file_name(self._capture), "name")])
        if gathered.wants("body") and text.body:
            gathered.fill("body", text.body, Source("file", 0, node_path="text"))

    def _fill_title(self, titles: list[tuple[str, str]]) -> None:
        """Fill the title with the first that is not empty; each has its place."""
        title, place = next(((title, place) for title, place in titles if title), ("", ""))
        if self._gathered.wants("title") and title:
            self._gathered.fill("title", title[:_LONGEST_TITLE], Source("file", 0, title, place))


def _title(said: str) -> str:
    """Return the title in the metadata; "" when a program wrote it: a file name, `untitled`."""
    has_letter = any(char.isalpha() for char in said)
    return said if has_letter and not _NO_TITLE.match(said) and not _FILE_ENDING.search(said) else ""


def _file_name(capture: Capture) -> str:
    """Return the name of the file: as the server gives it (RFC 6266), else the last part of the address."""
    said = _DISPOSITION.search(capture.header("content-disposition") or "")
    name = next((part for part in said.groups() if part), "") if said else ""
    if name:
        name = name.encode("latin-1", "replace").decode("utf-8", "replace") if "%" not in name else unquote(name)
    name = name or unquote(urlsplit(capture.url).path.rpartition("/")[2])
    return line(name.strip().replace("\\", "/").rpartition("/")[2])[:_LONGEST_TITLE]
