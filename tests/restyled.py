"""A portal of articles on loopback that is published in three templates, for the tests of redesigns."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.app.reading.state import CrawlSummary
from archiver.extract.profile import parse_profile
from scripted import Scripted

SECTIONS = ("Văn hoá - Xã hội", "Kinh tế - Đời sống", "Pháp luật")
_WORDS = "quận phường nhà dân họp báo công trình đường cây xanh trường học mới năm nay khu phố".split()
PROFILE = """
[site]
name = "{name}"
title = "Portal"
home = "{url}/"
language = "vi"
timezone = "Asia/Ho_Chi_Minh"
[crawl]
delay = 0
[[page]]
kind = "listing"
url = '/$'
[[page]]
kind = "article"
url = '/a\\d'
fallback = {fallback}
[page.fields]
title = "h1"
section = ".sec"
bylines = ".by"
body = "{body}"
captions = {{ css = "p.cap", cut = true }}
"""


@dataclass
class Post:
    """An article of the portal."""

    number: int
    title: str
    section: str
    paragraphs: list[str]
    caption: str
    author: str
    related: str = field(default="")


def posts(count: int, seed: int = 1) -> list[Post]:
    """Return articles with different texts."""
    chance = random.Random(seed)

    def text(length: int) -> str:
        return " ".join(chance.choice(_WORDS) for _ in range(length))

    return [
        Post(
            number,
            f"Tin số {number} về {text(3)}",
            SECTIONS[number % 3],
            [f"{text(30)} {chance.randint(100, 999)} đồng." for _ in range(4)],
            f"Người dân {text(2)}",
            ("Lan Anh", "Minh Tú")[number % 2],
            text(6),
        )
        for number in range(count)
    ]


def _body(post: Post) -> str:
    return "".join(f"<p>{each}</p>" for each in post.paragraphs)


def first(post: Post) -> str:
    return (
        f"<title>{post.title}</title><h1>{post.title}</h1><span class=sec>{post.section}</span>"
        f"<div class=body>{_body(post)}<p class=cap>Ảnh: {post.caption}</p></div>"
    )


def second(post: Post) -> str:
    return (
        f"<title>{post.title} | Portal</title><header><h1>{post.title} | Portal</h1></header>"
        f"<span class=sec>{post.section.replace('-', '–')}</span><span class=by>{post.author}</span>"
        f"<div class=body>{_body(post)}<p class=cap>{post.caption}</p></div>"
    )


def third(post: Post) -> str:
    return (
        f"<title>{post.title}</title><main><h1>{post.title}</h1><span class=sec>{post.section.upper()}</span>"
        f"<div class=body>{_body(post)}<p>Bản quyền thuộc Portal</p><p>Tin liên quan: {post.related}</p>"
        f"<p class=cap>{post.caption}</p></div></main>"
    )


def other_body(post: Post) -> str:
    """Render the first template with another element around the text, which the profile does not name."""
    return first(post).replace("class=body", "class=text")


Template = Callable[[Post], str]


class Restyled:
    """The portal, the archive that crawls it, and their clock."""

    def __init__(
        self,
        path: Path,
        count: int = 24,
        *,
        profile: bool = True,
        name: str = "portal",
        archive: Any = None,
        clock: Any = None,
    ) -> None:
        path.parent.mkdir(exist_ok=True)
        self.server = Scripted(path)
        self.archive = archive or self.server.archive
        self.server.clock = clock or self.server.clock
        self.posts = posts(count)
        self.name = name
        self.profile = self.profile_of("div.body") if profile else None
        self.publish(first)

    def profile_of(self, body: str, fallback: str = "true") -> Any:
        """Return the profile; without a fallback, what its rules lose is not held back."""
        fallback += "\ndrift = false" if fallback == "false" else ""
        text = PROFILE.format(name=self.name, url=self.server.url, body=body, fallback=fallback)
        return parse_profile(text, self.name)

    def write_profile(self) -> None:
        """Write the profile to the folder where the commands look for it."""
        if self.profile is not None:
            (self.server.selectors / f"{self.name}.toml").write_text(self.profile.text)

    def publish(self, template: Template, only: Collection[int] | None = None) -> None:
        """Render the articles, or some of them, in a template; the listing links to all."""
        links = "".join(f'<a href="/a{post.number}">{post.number}</a>' for post in self.posts)
        self.server.answers["/"] = (200, {}, f"<h1>Portal</h1>{links}".encode())
        for post in self.posts:
            if only is None or post.number in only:
                self.server.answers[f"/a{post.number}"] = (200, {}, template(post).encode())

    def crawl(self, days: float = 1, **options: Any) -> CrawlSummary:
        """Crawl all known pages; then some days pass."""
        site = self.profile or f"{self.server.url}/"
        found: CrawlSummary = self.archive.crawl(site, **{"everything": True, **options})
        self.server.clock.advance(days=days)
        return found

    def edits(self) -> list[tuple[int, str]]:
        """Return the number of the article and the field of each edit."""
        return [(int(row["url"].rpartition("/a")[2]), row["field"]) for row in self.archive.changes("edited")]

    def redesigns(self) -> list[dict[str, Any]]:
        return list(self.archive.sql("SELECT * FROM redesigns ORDER BY redesign_id"))

    def counts(self) -> list[int]:
        """Return `changed` of each run of the view `runs`."""
        return [row["changed"] for row in self.archive.sql("SELECT changed FROM runs ORDER BY run_id")]

    def close(self) -> None:
        self.server.close()
