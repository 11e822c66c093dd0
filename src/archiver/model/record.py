"""What an extractor reads from a capture: content with its provenance, and readings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from archiver.model.postback import Postback
from archiver.text.volatile import stable_address

_EXTRA = "extra."


def missed_by_rules(field: str) -> str:
    """Return the note of a record that says that no rule of a field gave a value."""
    return f"{field}: none of its rules gave a value"


@dataclass(frozen=True, slots=True)
class Source:
    """Why a field has the value it has.

    Attributes:
        rule: the rule as the profile wrote it (`css:h3.tieude`); without a rule `fallback:` and the source (`meta`,
            `jsonld`, `microdata`, `trafilatura`, `posts`), or `document` (html lang, a heading, a printed date), or
            `file` (a value of a PDF, an office file or a text file).
        rank: 1 for the first rule of the field, 2 for the second, …; 0 for a fallback.
        raw: the text in the page before normalisation, cut at 500 characters.
        node_path: where in the page; in the answer of an API a JSON Pointer (RFC 6901): `/data/title`.
    """

    rule: str
    rank: int
    raw: str = ""
    node_path: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A date as a page prints it.

    Attributes:
        local: wall time at the site, `YYYY-MM-DD HH:MM:SS`; only `YYYY-MM-DD` for precision "day".
        utc: its instant as `YYYY-MM-DD HH:MM:SS` UTC; None when the page prints only a day, which is not an instant.
        raw: the printed text.
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
class ListedItem:
    """An address that a listing lists, with its headline. `block`: the path of its list; "" for those of `follow`."""

    url: str
    text: str = ""
    block: str = ""


class FieldShape(StrEnum):
    """What a content field holds. The shape decides how the field is read, stored, compared and printed."""

    TEXT = "text"
    """One text, or None."""
    DATE = "date"
    """One `Published`, or None."""
    TEXTS = "texts"
    """Texts in the order of the page."""
    ADDRESSES = "addresses"
    """Absolute addresses in the order of the page."""
    LINKS = "links"
    """`Link` objects in the order of the page."""


@dataclass(frozen=True, slots=True)
class ContentField:
    """The properties of one content field. `CONTENT_FIELDS` has one for each field of `Content` but `extra`.

    Attributes:
        name: the attribute of `Content`, the key in JSON, the key in a profile and the column of the views.
        shape: what it holds.
        meaning: the description of its column in the views.
        item: the column and its description in the view that has a row for each item; None where there is no such view.
        weight: how much a hit in this field counts in a search; 0 for a field that is not searched.
        is_ordered: whether the same items in another order are a change.
        is_visible: whether people who look at the page see it.
        is_prose: whether the characters that an edit adds and removes are counted.
        declared: names of `<meta>` elements that give the field on a page without rules for it, the best first.
    """

    name: str
    shape: FieldShape
    meaning: str
    item: tuple[str, str] | None = None
    weight: float = 0.0
    is_ordered: bool = True
    is_visible: bool = True
    is_prose: bool = True
    declared: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether the field holds several items."""
        return self.shape in (FieldShape.TEXTS, FieldShape.ADDRESSES, FieldShape.LINKS)

    def flat(self, value: Any) -> str | tuple[str, ...] | None:  # noqa: ANN401  (by its shape)
        """Return the field's value as text or texts: the local time of a date, the addresses of links."""
        return _FLAT[self.shape](value)

    def comparable(self, value: Any) -> str | tuple[str, ...] | None:  # noqa: ANN401  (by its shape)
        """Return what two values are compared by: `flat` with stable addresses, sorted where order means nothing."""
        flat = self.flat(value)
        if self.shape in (FieldShape.ADDRESSES, FieldShape.LINKS):
            flat = tuple(map(stable_address, flat or ()))
        return flat if self.is_ordered else tuple(sorted(set(flat or ())))

    def from_plain(self, value: Any) -> Any:  # noqa: ANN401  (by its shape)
        """Return the field's value from its plain form, which `dataclasses.asdict` and JSON give."""
        if self.shape is FieldShape.DATE:
            return Published(**value) if value else None
        if self.shape is FieldShape.LINKS:
            return tuple(Link(**link) for link in value)
        return tuple(value) if self.is_list else value


_FLAT: Mapping[FieldShape, Callable[[Any], str | tuple[str, ...] | None]] = {
    FieldShape.TEXT: lambda value: value,
    FieldShape.DATE: lambda value: value.local if value else None,
    FieldShape.TEXTS: lambda value: value,
    FieldShape.ADDRESSES: lambda value: value,
    FieldShape.LINKS: lambda value: tuple(link.url for link in value),
}

_TEXT: dict[str, Any] = {"shape": FieldShape.TEXT}
_TEXTS: dict[str, Any] = {"shape": FieldShape.TEXTS}


@dataclass(frozen=True, slots=True)
class Content:
    """The stable fields of a page. Two equal contents are the same version; readings are never part of it.

    This is the only list of content fields: readers, store, views, comparison and output use `CONTENT_FIELDS`, which is
    made from the fields and their metadata. The order is the order in which people read a page.
    """

    title: str | None = field(default=None, metadata=_TEXT | {"meaning": "headline", "weight": 5.0})
    published: Published | None = field(
        default=None,
        metadata={
            "shape": FieldShape.DATE,
            "meaning": "what the page claims, local wall time at the site; only a date when the page states only a day",
        },
    )
    section: str | None = field(default=None, metadata=_TEXT | {"meaning": "section or category"})
    summary: str | None = field(
        default=None,
        metadata=_TEXT
        | {
            "meaning": "lead or abstract",
            "weight": 2.0,
            "declared": ("og:description", "description", "twitter:description", "dc.description"),
        },
    )
    body: str | None = field(
        default=None, metadata=_TEXT | {"meaning": "text; paragraphs part by one blank line", "weight": 1.0}
    )
    captions: tuple[str, ...] = field(
        default=(),
        metadata=_TEXTS | {"meaning": "the captions", "item": ("text", "the caption, without its mark"), "weight": 1.0},
    )
    bylines: tuple[str, ...] = field(
        default=(), metadata=_TEXTS | {"meaning": "the authors", "item": ("name", "who signs"), "weight": 1.0}
    )
    tags: tuple[str, ...] = field(
        default=(), metadata=_TEXTS | {"meaning": "the tags", "item": ("name", "the tag"), "is_ordered": False}
    )
    images: tuple[str, ...] = field(
        default=(), metadata={"shape": FieldShape.ADDRESSES, "meaning": "the addresses of the images"}
    )
    files: tuple[Link, ...] = field(default=(), metadata={"shape": FieldShape.LINKS, "meaning": "the linked files"})
    language: str | None = field(default=None, metadata=_TEXT | {"meaning": "BCP 47", "is_visible": False})
    file: str | None = field(
        default=None,
        metadata=_TEXT
        | {
            "meaning": "of a page that is a file: `sha256:` with the digest of its bytes, and its size; NULL for HTML",
            "is_prose": False,
        },
    )
    extra: tuple[tuple[str, str], ...] = ()

    def flat(self) -> dict[str, str | tuple[str, ...] | None]:
        """Return each field's value by its name, `extra.NAME` for the others; to compare contents, see `comparable`.

        Of `published` only the moment, not how it was printed; of `files` only the addresses.
        """
        values = {each.name: each.flat(getattr(self, each.name)) for each in CONTENT_FIELDS}
        values.update((f"extra.{name}", value) for name, value in self.extra)
        return values

    def comparable(self) -> dict[str, str | tuple[str, ...] | None]:
        """Return the values that decide whether two contents are equal: `flat` without irrelevant differences.

        Addresses of images and files are compared without the parameters that servers change at each visit (signatures,
        tokens), and tags in any order.
        """
        values = {each.name: each.comparable(getattr(self, each.name)) for each in CONTENT_FIELDS}
        values.update((f"extra.{name}", value) for name, value in self.extra)
        return values

    def with_previous(self, names: Iterable[str], previous: "Content") -> "Content":
        """Return this content with the values that `previous` has for these fields (`extra.NAME` for the others)."""
        fields = [name for name in names if name in FIELDS]
        extras = {name.removeprefix(_EXTRA) for name in names if name.startswith(_EXTRA)}
        known = dict(self.extra) | {name: value for name, value in previous.extra if name in extras}
        values: dict[str, Any] = {name: getattr(previous, name) for name in fields}
        return replace(self, **values, extra=tuple(known.items()))

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> "Content":
        """Return the content whose `dataclasses.asdict` is `values`; JSON arrays may stand for tuples.

        Raises:
            KeyError: a field is missing.
        """
        known = {each.name: each.from_plain(values[each.name]) for each in CONTENT_FIELDS}
        return cls(**known, extra=tuple((name, value) for name, value in values["extra"]))

    @property
    def is_empty(self) -> bool:
        """Whether no visible field has a value."""
        seen = (each.flat(getattr(self, each.name)) for each in CONTENT_FIELDS if each.is_visible)
        return not any(seen) and not any(value for _, value in self.extra)


CONTENT_FIELDS: tuple[ContentField, ...] = tuple(
    ContentField(each.name, **each.metadata) for each in fields(Content) if each.metadata
)
"""The properties of every field of `Content` but `extra`, in the order in which people read a page."""

FIELDS: tuple[str, ...] = tuple(each.name for each in CONTENT_FIELDS)
"""The names of the content fields. A profile's field of any other name is kept in `extra`."""

IDENTITY_FIELDS: tuple[str, ...] = tuple(each.name for each in CONTENT_FIELDS if not each.is_prose)
"""The names of the fields whose edits have no number of characters: the digest of a file."""

LIST_FIELDS: tuple[str, ...] = tuple(each.name for each in CONTENT_FIELDS if each.is_list)
"""The names of the content fields that hold several items."""


@dataclass(frozen=True, slots=True)
class Record:
    """Content, readings and the source of each value; derived from one capture and reproducible from it.

    Attributes:
        item_sources: of the items of lists after the first, as `captions[2]`.
        kind: the kind of page by the profile: listing, article, file.
        soft_gone: whether the page says that it does not exist, regardless of its status.
        blocked: why the response is a wall (a captcha, a login) and not the page; "" when it is the page.
        notes: facts about the reading (charset overruled, ambiguous date, template guessed, …).
        links: the links of the content or of a listing, for the `links` view; not part of the content.
        items: what a listing lists, in its order; None for other pages. `name`: the title of a listing.
        follow: addresses that the crawl may visit next, by the kind's `follow` rules.
        next: paging addresses by the kind's `next` rule.
        nofollow: addresses with parameters that the page links with `rel=nofollow` only.
        noindex: whether the page asks search engines to leave it out.
        is_unfinished: whether the HTML has neither `</body>` nor `</html>`: the answer may have been cut.
        feeds: addresses of feeds that the page declares; `maps`: of sitemaps that an index lists.
        hints: addresses that a sitemap or a feed lists, each with the moment printed with it ("" without one).
        needs_fallback: no rule gave a body; the slow fallback (trafilatura) may find one.
        unread: fields that the archiver could not read (a package is missing, the reader took too
            long, a pattern ran out of time); `extra.NAME` for other names. Their emptiness is never a change.
        requisites: addresses that a browser fetches to show the page or the style sheet, when the profile wants them.
        looks_like_article: whether a listing has the body of the site's articles (not stored; a crawl counts them).
        continues: addresses of the other parts of the article, by the kind's `continues` rule.
        part_of: the address of the first part, when the page says that it is a later one.
        broken: fields that the profile's rules seem to misread (`extract/broken.py`), `follow`: the links of a listing;
            `missed`: title or body, when their rules give nothing.
        modified: when the page says that it was changed last. It is a claim and no content: it makes no version.
        is_rendered: it was read from the document that a browser made, and not from the body that the server sent.
        not_rendered: why there is no such document, though the profile wants it; "" otherwise.
    """

    content: Content = Content()
    readings: tuple[tuple[str, int], ...] = ()
    sources: tuple[tuple[str, Source], ...] = ()
    item_sources: tuple[tuple[str, Source], ...] = ()
    kind: str = "article"
    template: str = ""
    charset: str = ""
    soft_gone: bool = False
    blocked: str = ""
    notes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    items: tuple[ListedItem, ...] | None = None
    name: str = ""
    follow: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    nofollow: tuple[str, ...] = ()
    noindex: bool = False
    is_unfinished: bool = False
    postbacks: tuple[Postback, ...] = ()
    feeds: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    hints: tuple[tuple[str, str], ...] = ()
    canonical: str | None = None
    needs_fallback: bool = False
    unread: tuple[str, ...] = ()
    looks_like_article: bool = False
    requisites: tuple[str, ...] = ()
    continues: tuple[str, ...] = ()
    part_of: str | None = None
    modified: Published | None = None
    missed: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    is_rendered: bool = False
    not_rendered: str = ""
