"""A portal on loopback whose articles are served in an old and a new template, for the tests of drift."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from archiver.app.reading.state import CrawlSummary
from archiver.extract.profile import parse_profile
from archiver.model.profile import Profile
from scripted import Scripted

_STREETS = "Anger Birch Cedar Dock Elm Ferry Garden Harbour Island Jasmine Kiln Lake Market North Orchard Park".split()
OLD, NEW = "div.text", "section.story"
Template = Callable[["Post"], bytes]


class Post:
    """An article: its number, and what it says now."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.title = f"Repairs in {_STREETS[number % len(_STREETS)]} Street number {number}"
        street = _STREETS[number % len(_STREETS)]
        self.text = [
            f"The town repairs {street} Street from the {each} house to the school, and the buses of line {number} "
            f"stop at the town hall until the work of week {each} is done, as the council of the town decided."
            for each in range(1, 6)
        ]
        self.views = 100


def old(post: Post) -> bytes:
    """The template that the profile was written for."""
    text = "".join(f"<p>{each}</p>" for each in post.text)
    return (
        f"<html><head><title>{post.title} - Town</title></head><body><h1 class=head>{post.title}</h1>"
        f"<div class=text>{text}</div><span class=views>{post.views}</span></body></html>"
    ).encode()


def new(post: Post) -> bytes:
    """The template of the redesign: other elements, and a box where the text was."""
    text = "".join(f"<p>{each}</p>" for each in post.text)
    return (
        f"<html><head><title>{post.title} - Town</title></head><body><h1 class=head>{post.title}</h1>"
        "<div class=share><p>Share this page with your friends.</p></div>"
        f"<section class=story>{text}</section><span class=views>{post.views}</span></body></html>"
    ).encode()


def renamed(post: Post) -> bytes:
    """The old template with the name of the town where the title was; the title stands elsewhere."""
    text = old(post).decode()
    heading = f"<h1 class=head>{post.title}</h1>"
    return text.replace(heading, f"<h1 class=head>Town</h1><h2 class=story>{post.title}</h2>").encode()


class Drifting(Scripted):
    """The portal: a listing at its home and articles at `/aN`."""

    def __init__(self, path: Path, count: int = 8) -> None:
        super().__init__(path)
        self.posts = {number: Post(number) for number in range(count)}
        self.templates: dict[int, Template] = {}
        self.template: Template = old
        self.body = f'body = "{OLD}"'
        self.more = ""
        self.follow = '["li.item a"]'

    def add(self, number: int) -> None:
        """Add an article."""
        self.posts[number] = Post(number)

    def publish(self, items: str = "item") -> None:
        """Publish the articles as they are now, and the listing."""
        links = "".join(
            f"<li class={items}><h3><a href=/a{number}>{post.title}</a></h3></li>"
            for number, post in self.posts.items()
        )
        self.answers["/"] = (200, {}, f"<title>Town</title><main><ul>{links}</ul></main>".encode())
        for number, post in self.posts.items():
            self.answers[f"/a{number}"] = (200, {}, self.templates.get(number, self.template)(post))

    def profile_of(self) -> Profile:
        """Return the profile with the present rules."""
        text = f"""[site]\nname = "t"\ntitle = "Town"\nhome = "{self.url}/"\nlanguage = "en"\n[crawl]\ndelay = 0.0\nsitemaps = []\nfeeds = []
[[page]]\nkind = "article"\nurl = '/a\\d'\n{self.more}\n[page.fields]\ntitle = "h1.head"\n{self.body}\n[page.readings]\nviews = ".views"
[[page]]\nkind = "listing"\nfollow = {self.follow}\n"""
        (self.selectors / "t.toml").write_text(text, encoding="utf-8")
        return parse_profile(text, "t")

    def visit(self, *, due: bool = False) -> CrawlSummary:
        """Crawl everything (or only what is due), a day later."""
        summary = self.archive.crawl(self.profile_of(), everything=not due)
        self.clock.advance(days=1)
        return summary

    def mend(self) -> None:
        """Add the new template to the profile's rules."""
        self.body = f'body = ["{OLD}", "{NEW}"]'

    def history(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return what the views say of the articles."""
        return {
            "versions": self.rows(
                "SELECT url, version, seen_from, seen_last, seen_until, title, body FROM versions ORDER BY url, version"
            ),
            "changes": self.rows("SELECT url, field, old, new, not_before, not_after FROM changes ORDER BY 1, 6, 2"),
            "readings": self.rows("SELECT url, name, read_at, value, gained FROM readings ORDER BY 1, 3"),
            "editions": self.rows("SELECT edition, position, title, seen_from FROM editions ORDER BY 1, 2"),
            "doubtful": self.rows("SELECT url, since, fields, visits FROM doubtful ORDER BY 1"),
        }
