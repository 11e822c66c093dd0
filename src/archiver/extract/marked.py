"""Mark in a page what differs from an earlier capture of it: words in place, and images.

Each mark is an `ins` or a `del` around text, never around markup, so tables, lists and preformatted text stay whole.
Deleted words stand where they stood. Marks carry their style with `!important`, so that the page's CSS does not hide
them, and a sign, so that they do not depend on colour.
"""

from collections.abc import Collection
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from archiver.extract.markup import attributes_of
from archiver.extract.page_words import PageWords, page_words
from archiver.extract.still import read_tags
from archiver.text.word_diff import Span, counts, diff_text

MOST_TEXT = 1_000_000
"""The maximum number of characters of both texts that are compared."""
MOST_MARKS = 4_000
_ALL = "all:unset!important;display:inline!important;visibility:visible!important;"
_STYLES = {
    "ins": f"{_ALL}background:#ddf1e1!important;color:#14602f!important;font-weight:600!important",
    "del": f"{_ALL}background:#fbe4e1!important;color:#98231f!important;text-decoration:line-through!important",
}
_SIGNS = {"ins": "+", "del": "\u2212"}
_OUTLINE = "outline:4px dashed #14602f!important;outline-offset:2px!important"


class _Mark(NamedTuple):
    """A mark in a run of text: from `start` to `end`; of deleted words, which are not there, both are the same."""

    run: int
    start: int
    end: int
    deleted: str


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """A page with marks.

    Attributes:
        html: the page.
        added, removed: the number of characters that came and went.
        is_cut: whether the texts were too long to be compared, or had more differences than are marked.
    """

    html: str
    added: int
    removed: int
    is_cut: bool = False


def marked_page(old: str, new: str, changed_images: Collection[str] = ()) -> MarkedPage:
    """Return the new page with marks.

    Args:
        old: the HTML of the earlier capture.
        new: the HTML of the later one, as it is to be served.
        changed_images: the values of `src` of images in the new page that are marked.
    """
    before, after = page_words(old), page_words(new)
    if len(before.text) + len(after.text) > MOST_TEXT:
        return MarkedPage(_with_images(new, changed_images), 0, 0, is_cut=True)
    spans = diff_text(before.text, after.text)
    marks = _marks(spans, after)
    added, removed = counts(spans)
    html = _with_images(_written(new, after, marks[:MOST_MARKS]), changed_images)
    return MarkedPage(html, added, removed, is_cut=len(marks) > MOST_MARKS)


def _marks(spans: tuple[Span, ...], words: PageWords) -> list[_Mark]:
    """Return the marks of a difference, in the order of the new page."""
    marks, position = [], 0
    for span in spans:
        if span.op == "delete":
            marks += _deleted(span.text, words, position)
            continue
        end = position + len(span.text)
        if span.op == "insert":
            marks += _inserted(words, position, end)
        position = end
    return marks


def _inserted(words: PageWords, start: int, end: int) -> list[_Mark]:
    """Return the marks of inserted words; those of one run with only white space between them are one mark."""
    marks: list[_Mark] = []
    for run, first, last in words.within(start, end):
        before = marks[-1] if marks else None
        if before is not None and before.run == run and not words.runs[run].text[before.end : first].strip():
            marks[-1] = before._replace(end=last)
        else:
            marks.append(_Mark(run, first, last, ""))
    return marks


def _deleted(text: str, words: PageWords, position: int) -> list[_Mark]:
    if not text.strip():
        return []
    is_in_line = words.text[position : position + 1].isspace() or position >= len(words.text)
    place = words.before(position) if is_in_line else words.after(position)
    place = place or words.after(position) or words.before(position)
    return [_Mark(place[0], place[1], place[1], text)] if place else []


def _written(html: str, words: PageWords, marks: list[_Mark]) -> str:
    """Return the page with marks in its text; text without marks stays as it is."""
    by_run: dict[int, list[_Mark]] = {}
    for mark in marks:
        by_run.setdefault(mark.run, []).append(mark)
    parts, position = [], 0
    for number, inside in sorted(by_run.items()):
        run = words.runs[number]
        parts += [html[position : run.start], _run(run.text, inside)]
        position = run.end
    return "".join((*parts, html[position:]))


def _run(text: str, marks: list[_Mark]) -> str:
    parts, position = [], 0
    for mark in sorted(marks, key=lambda each: (each.start, each.end)):
        start = max(mark.start, position)
        parts.append(escape(text[position:start], quote=False))
        if mark.deleted:
            parts.append("<br>".join(_element("del", each) for each in mark.deleted.split("\n") if each.strip()))
            parts.append("<br>" if "\n" in mark.deleted.rstrip(" ")[-1:] else "")
        elif mark.end > start:
            parts.append(_element("ins", text[start : mark.end]))
        position = max(start, mark.end)
    return "".join((*parts, escape(text[position:], quote=False)))


def _element(name: str, text: str) -> str:
    """Return a mark; white space at the ends stays outside of it."""
    words = text.strip()
    start, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    inside = (
        f'<{name} data-archived="{name}" style="{_STYLES[name]}">{_SIGNS[name]}{escape(words, quote=False)}</{name}>'
    )
    return f"{start}{inside}{end}"


def _with_images(html: str, changed: Collection[str]) -> str:
    """Return the page with a mark before each image that changed."""
    if not changed:
        return html
    parts, position, count = [], 0, 0
    for tag, _ in read_tags(html):
        if tag.name != "img" or tag.is_end or count >= MOST_MARKS:
            continue
        attributes = {each.name: each.value for each in attributes_of(html, tag)}
        if attributes.get("src") in changed:
            style = "" if "style" in attributes else f' style="{_OUTLINE}"'
            begin = tag.attributes[0]
            parts += [html[position : tag.start], _element("ins", "image"), html[tag.start : begin], style]
            position, count = begin, count + 1
    return "".join((*parts, html[position:]))
