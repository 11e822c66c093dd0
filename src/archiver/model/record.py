"""What an extractor reads from a capture: content with its provenance, and readings."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from archiver.text.volatile import stable_address

SINGLE_FIELDS = ("title", "published", "section", "summary", "body", "language")
LIST_FIELDS = ("captions", "bylines", "tags", "images", "files")
FIELDS = (
    "title",
    "published",
    "section",
    "summary",
    "body",
    "captions",
    "bylines",
    "tags",
    "images",
    "files",
    "language",
)
"""The named fields of a record, in the order people read them. Any other name is kept in `extra`."""
_EXTRA = "extra."


def missed_by_rules(field: str) -> str:
    """Return the note of a record that says that no rule of a field gave a value."""
    return f"{field}: none of its rules gave a value"


@dataclass(frozen=True, slots=True)
class Source:
    """Why a field has the value it has.

    Attributes:
        rule: the rule as the profile wrote it (`css:h3.tieude`); without a rule `fallback:` and the source (`meta`,
            `jsonld`, `microdata`, `trafilatura`, `posts`), or `document` (html lang, a heading, a printed date).
        rank: 1 for the first rule of the field, 2 for the second, …; 0 for a fallback.
        raw: what stood in the page before normalisation, cut at 500 characters.
        node_path: CSS path of the node from the root; empty for meta and JSON-LD.
    """

    rule: str
    rank: int
    raw: str = ""
    node_path: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A date as a page says it.

    Attributes:
        local: wall time at the site, `YYYY-MM-DD HH:MM:SS`; only `YYYY-MM-DD` for precision "day".
        utc: its instant as `YYYY-MM-DD HH:MM:SS` UTC; None when only a day is said (a day is no instant).
        raw: what was printed.
        precision: "day", "minute" or "second".
    """

    local: str | None
    utc: str | None = None
    raw: str = ""
    precision: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: absolute address without fragment, and its text."""

    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The stable fields of a page. Two equal contents are the same version; readings are never part of it."""

    title: str | None = None
    published: Published | None = None
    section: str | None = None
    summary: str | None = None
    body: str | None = None
    captions: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    files: tuple[Link, ...] = ()
    language: str | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def flat(self) -> dict[str, str | tuple[str, ...] | None]:
        """Return each field's value by its name, `extra.NAME` for the others; to compare contents, see `comparable`.

        Of `published` only the moment said, not how it was printed; of `files` only the addresses.
        """
        values: dict[str, str | tuple[str, ...] | None] = {
            "title": self.title,
            "published": self.published.local if self.published else None,
            "section": self.section,
            "summary": self.summary,
            "body": self.body,
            "captions": self.captions,
            "bylines": self.bylines,
            "tags": self.tags,
            "images": self.images,
            "files": tuple(link.url for link in self.files),
            "language": self.language,
        }
        values.update((f"extra.{name}", value) for name, value in self.extra)
        return values

    def comparable(self) -> dict[str, str | tuple[str, ...] | None]:
        """Return what two contents are compared by: `flat`, but for what differs without a change.

        Addresses of images and files are compared without the parameters that servers change at each visit (signatures,
        tokens), and tags in any order.
        """
        values = self.flat()
        values["tags"] = tuple(sorted(set(self.tags)))
        values["images"] = tuple(map(stable_address, self.images))
        values["files"] = tuple(stable_address(link.url) for link in self.files)
        return values

    def with_previous(self, names: Iterable[str], previous: "Content") -> "Content":
        """Return this content with the values that `previous` has for these fields (`extra.NAME` for the others)."""
        fields = [name for name in names if not name.startswith(_EXTRA)]
        extras = {name.removeprefix(_EXTRA) for name in names if name.startswith(_EXTRA)}
        known = dict(self.extra) | {name: value for name, value in previous.extra if name in extras}
        values: dict[str, Any] = {name: getattr(previous, name) for name in fields}
        return replace(self, **values, extra=tuple(known.items()))

    @property
    def is_empty(self) -> bool:
        """Whether nothing a reader could see was found."""
        return not any(value for name, value in self.flat().items() if name != "language")


@dataclass(frozen=True, slots=True)
class Record:
    """Content, readings and the reasons for each value; derived from one capture, and derivable again.

    Attributes:
        kind: what the profile calls the page: listing, article, file.
        soft_gone: the page says that it is not there, whatever its status.
        blocked: why it is no answer but a wall (a captcha, a login), whatever its status; "" usually.
        notes: what the reader should know (charset overruled, ambiguous date, template guessed, …).
        links: every link of the page, for discovery and the `links` view; not part of the content.
        follow: addresses the crawl may take next, by the kind's `follow` rules.
        next: paging addresses by the kind's `next` rule.
        feeds: addresses of feeds that the page declares; `maps`: of sitemaps that an index lists.
        hints: addresses that a sitemap or a feed lists, each with the moment printed beside it ("" without one).
        needs_fallback: no rule gave a body; trafilatura may be asked, off the hot path.
        unread: fields that could not be read for a fault of our own (a package that is missing, a reader that took
            too long, a pattern that ran out of time); `extra.NAME` for fields of other names. That they are empty
            says nothing about the page, and is never a change of it.
        looks_like_article: a listing in which the body of the site's articles was found. A crawl counts such pages;
            the archive does not keep this.
    """

    content: Content = Content()
    readings: tuple[tuple[str, int], ...] = ()
    sources: tuple[tuple[str, Source], ...] = ()
    kind: str = "article"
    template: str = ""
    charset: str = ""
    soft_gone: bool = False
    blocked: str = ""
    notes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    follow: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    postbacks: tuple["Postback", ...] = ()
    feeds: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    hints: tuple[tuple[str, str], ...] = ()
    canonical: str | None = None
    needs_fallback: bool = False
    unread: tuple[str, ...] = ()
    looks_like_article: bool = False


@dataclass(frozen=True, slots=True)
class Postback:
    """An ASP.NET `__doPostBack` paging link: the form to send, hidden fields and all."""

    url: str
    fields: tuple[tuple[str, str], ...] = field(default=())
