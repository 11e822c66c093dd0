"""Events grouped by site and page, and as lines of text: for notifications and mails."""

import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from archiver.app.watching.page_events import PageEvent
from archiver.change.diff import reading_order
from archiver.text.clean import counted, printable
from archiver.text.page_names import by_place

_ORDER = ("redesign", "edited", "new", "gone", "back", "moved")
_LONGEST_TITLE, _LONGEST_WORDS = 200, 600
_LONGEST_STORY = 1_500  # characters of a story in a notification
WIDTH = 78
"""Columns of a line of a mail."""


@dataclass(slots=True)
class Story:
    """What happened to one page in one visit: the edits of its fields, or one other event.

    `also`: the address of its index page, or of its folder, when both show the same.
    """

    events: list[PageEvent]
    also: tuple[str, ...] = ()

    @property
    def first(self) -> PageEvent:
        """Return the first event; all have the same page, kind and time."""
        return self.events[0]

    @property
    def edits(self) -> list[PageEvent]:
        """Return the edits in the order in which people read the fields."""
        place = {name: number for number, name in enumerate(reading_order(e.field or "" for e in self.events))}
        return sorted(self.events, key=lambda event: place[event.field or ""])


@dataclass(slots=True)
class SiteDigest:
    """The events of one site. `counts`: the number of events of each kind; pages, not fields, for edits."""

    site: str
    stories: list[Story] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Return the number of stories, with those that are only counted."""
        return self.counts.total()

    @property
    def summary(self) -> str:
        """Return the counts as text: `2 edited, 1 new`."""
        parts = [
            counted(self.counts[kind], kind) if kind == "redesign" else f"{self.counts[kind]} {kind}"
            for kind in _ORDER
            if self.counts[kind]
        ]
        return ", ".join(parts)


@dataclass(slots=True)
class EventDigest:
    """Events of several sites, in the order of the sites' names."""

    sites: list[SiteDigest]
    since: str
    """The earliest time at which `archiver changes` lists one of the events (UTC text); "" without events."""

    @property
    def total(self) -> int:
        """Return the number of stories."""
        return sum(each.total for each in self.sites)


def digest(events: Iterable[PageEvent], most: int | None = None) -> EventDigest:
    """Group events, which come newest first. More than `most` stories are only counted."""
    sites: dict[str, SiteDigest] = {}
    known: dict[tuple[str, str, int, str], Story | None] = {}
    since = ""
    for event in events:
        since = min(since or event.not_after, event.not_after)
        key = (event.site, event.kind, event.page_id, event.evidence)
        story = known.get(key)
        if story is not None:
            story.events.append(event)
        elif key not in known:
            site = sites.setdefault(event.site, SiteDigest(event.site))
            site.counts[event.kind] += 1
            known[key] = Story([event]) if most is None or len(known) < most else None
            if (new := known[key]) is not None:
                site.stories.append(new)
    for each in sites.values():
        _join_same(each)
        each.stories.sort(key=lambda story: (_ORDER.index(story.first.kind), story.first.found_at, story.first.page_id))
    return EventDigest([sites[name] for name in sorted(sites)], since)


def _join_same(site: SiteDigest) -> None:
    """Make one story of the stories of a folder and of its index page that are the same."""
    found = by_place(site.stories, lambda story: story.first.url, _content)
    for story, *others in found:
        story.also = tuple(each.first.url for each in others)
        site.counts[story.first.kind] -= len(others)
    site.stories = [group[0] for group in found]


def _content(story: Story) -> Hashable:
    first = story.first
    if first.kind not in ("new", "edited") or first.content_id is None:
        return None
    return first.kind, first.content_id, frozenset(event.field for event in story.events)


def listed(site: SiteDigest, most: int | None) -> Iterator[Story | str]:
    """Yield the stories of a site, at most `most` of each kind; then a line that counts those that are left out."""
    for kind in _ORDER:
        stories = [story for story in site.stories if story.first.kind == kind]
        yield from stories[:most]
        if most is not None and len(stories) > most:
            yield f"and {len(stories) - most} more {kind}"


def heading(event: PageEvent) -> str:
    """Return what a story is about: the kind of event, unless it is an edit, and the title of the page."""
    title = printable(event.title or "", _LONGEST_TITLE) or "(no title)"
    if event.kind == "redesign":
        return f"redesign: {counted(event.pages, 'page')}: {printable(event.context)}"
    return title if event.kind == "edited" else f"{event.kind}: {title}"


def bracket(event: PageEvent) -> str:
    """Return between which visits an event happened."""
    if event.not_before:
        return f"between {event.not_before} and {event.not_after} UTC"
    return f"by {event.not_after} UTC"


def label(event: PageEvent) -> str:
    """Return an edit's field and nature: `body, figures`."""
    return f"{event.field}, {event.nature}"


def story_lines(story: Story) -> Iterator[str]:
    """Yield a story as lines; all but the first are indented."""
    first = story.first
    yield heading(first)
    if first.kind == "redesign":
        return
    yield f"  {printable(first.url, 2000)}"
    yield from (f"  also {printable(each, 2000)}" for each in story.also)
    if first.kind == "edited":
        yield from (f"  {label(each)}: {printable(each.context, _LONGEST_WORDS)}" for each in story.edits)
    elif first.kind == "gone" and first.context:
        yield f"  {printable(first.context)}"
    elif first.kind == "moved":
        yield f"  → {printable(first.context, 2000)}"


def message(found: EventDigest, most: int) -> str:
    """Return a digest as text of at most `most` characters. It counts the stories that it leaves out."""
    blocks = [
        "\n".join([*([f"{site.site}: {site.summary}"] if story is site.stories[0] else []), _short(story)])
        for site in found.sites
        for story in site.stories
    ]
    only = f" --site {found.sites[0].site}" if len(found.sites) == 1 else ""
    rest = f"and {{}} more: archiver changes --since '{found.since}'{only}"
    left, shown = most - len(rest) - 10, []
    for block in blocks:
        if len(block) + 2 > left:
            break
        left -= len(block) + 2
        shown.append(block)
    if len(shown) < found.total:
        shown.append(rest.format(found.total - len(shown)))
    return "\n\n".join(shown)


def _short(story: Story) -> str:
    text = "\n".join(story_lines(story))
    return text if len(text) <= _LONGEST_STORY else text[: _LONGEST_STORY - 1] + "…"


def wrapped(line: str, width: int = WIDTH) -> Iterator[str]:
    """Yield a line in lines of at most `width` columns. An address is not broken; later lines are indented further."""
    body = line.lstrip(" ")
    first = " " * (len(line) - len(body))
    if "://" in body and " " not in body:
        yield line
        return
    indent, size = first, len(first)
    words: list[str] = []
    for word in _words(body, width - len(first) - 2):
        wide = columns(word)
        if words and size + 1 + wide > width:
            yield indent + " ".join(words)
            indent, words, size = first + "  ", [], len(first) + 2
        size += wide + (1 if words else 0)
        words.append(word)
    yield indent + " ".join(words)


def _words(text: str, width: int) -> Iterator[str]:
    """Yield the words of a text; a word that is wider than a line in pieces."""
    for word in text.split(" "):
        piece, size = "", 0
        for char in word if columns(word) > width else ():
            if size + columns(char) > width:
                yield piece
                piece, size = "", 0
            piece, size = piece + char, size + columns(char)
        yield piece or word


def columns(text: str) -> int:
    """Return how many columns a text takes in a font of fixed width: two for a Chinese character, none for a mark."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
