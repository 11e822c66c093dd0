"""Contents as rows: a stable, immutable row for each fingerprint, and back again."""

import json
from collections.abc import Sequence

from archiver.model.record import LIST_FIELDS, Content, Link, Published
from archiver.model.version import FieldValue
from archiver.store.connection import Door, Row
from archiver.text.digest import fingerprint

_LISTS = ("captions", "bylines", "tags", "images")
_INSERT = (
    "INSERT INTO _content(fingerprint, title, published, published_utc, published_raw, published_precision, section, "
    "summary, body, captions, bylines, tags, images, files, language, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def put_contents(door: Door, contents: Sequence[Content]) -> dict[str, int]:
    """Return the numbers of contents by their fingerprints, made where no page ever had them."""
    wanted = {content_name(content): content for content in contents}
    if not wanted:
        return {}
    found = {
        row["fingerprint"]: int(row["content_id"])
        for row in door.rows(
            "SELECT c.fingerprint, c.content_id FROM json_each(?) j CROSS JOIN _content c ON c.fingerprint = j.value",
            (json.dumps(list(wanted)),),
        )
    }
    items: list[tuple[int, str, int, str, str | None]] = []
    for name, content in wanted.items():
        if name not in found:
            found[name] = door.insert(_INSERT, _values(name, content))
            items += _items(found[name], content)
    if items:
        door.executemany("INSERT INTO _item(content_id, field, position, text, url) VALUES (?, ?, ?, ?, ?)", items)
    return found


def _values(name: str, content: Content) -> tuple[str | None, ...]:
    published = content.published or Published(None)
    return (
        name,
        content.title,
        published.local,
        published.utc,
        published.raw or None,
        published.precision,
        content.section,
        content.summary,
        content.body,
        *(as_text(getattr(content, field)) for field in _LISTS),
        json.dumps([[link.url, link.text] for link in content.files], ensure_ascii=False),
        content.language,
        json.dumps(dict(content.extra), ensure_ascii=False, sort_keys=True),
    )


def content_name(content: Content) -> str:
    """What tells one row of `_content` from another: all that it holds, the instant and the names of files, too."""
    published = content.published or Published(None)
    more = {
        "published_utc": published.utc,
        "published_raw": published.raw,
        "published_precision": published.precision,
        "file_names": tuple(link.text for link in content.files) if any(link.text for link in content.files) else (),
    }
    return fingerprint(dict(content.flat()) | more)


def _items(number: int, content: Content) -> list[tuple[int, str, int, str, str | None]]:
    rows: list[tuple[int, str, int, str, str | None]] = []
    for field in ("captions", "bylines", "tags"):
        rows.extend((number, field, place, text, None) for place, text in enumerate(getattr(content, field), start=1))
    rows.extend((number, "files", place, link.text, link.url) for place, link in enumerate(content.files, start=1))
    return rows


def content_of(row: Row) -> Content:
    """The content a `_content` row holds; the inverse of `put_content`."""
    published = None
    if row["published"] is not None or row["published_raw"] is not None:
        published = Published(
            row["published"], row["published_utc"], row["published_raw"] or "", row["published_precision"]
        )
    return Content(
        title=row["title"],
        published=published,
        section=row["section"],
        summary=row["summary"],
        body=row["body"],
        captions=tuple(json.loads(row["captions"])),
        bylines=tuple(json.loads(row["bylines"])),
        tags=tuple(json.loads(row["tags"])),
        images=tuple(json.loads(row["images"])),
        files=tuple(Link(url, text) for url, text in json.loads(row["files"])),
        language=row["language"],
        extra=tuple(sorted(json.loads(row["extra"]).items())),
    )


def as_text(value: FieldValue) -> str | None:
    """A field's value as the views print it: text as it is, lists as JSON arrays."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(list(value), ensure_ascii=False)


def from_text(field: str, text: str | None) -> FieldValue:
    """The inverse of `as_text`, for a field of the views."""
    if text is None or field not in LIST_FIELDS:
        return text
    return tuple(json.loads(text))
