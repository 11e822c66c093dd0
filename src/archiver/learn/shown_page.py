"""What a browser shows of a page that a script made: its texts, its title and its links, to compare an API with."""

import re
from dataclasses import dataclass
from functools import cached_property

from archiver.extract.links import every_link
from archiver.extract.page import ParsedPage
from archiver.model.record import Link

_MOST_TEXT = 500_000
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class ShownPage:
    """The visible texts of the document that a browser made.

    Attributes:
        url: the address of the page.
        title: its `<title>`.
        texts: the texts of its body, in order.
        links: its links.
    """

    url: str
    title: str
    texts: tuple[str, ...]
    links: tuple[Link, ...] = ()

    @cached_property
    def bare(self) -> str:
        """Return its texts without white space, in lower case."""
        return bare(" ".join(self.texts))[:_MOST_TEXT]

    @cached_property
    def lines(self) -> frozenset[str]:
        """Return each of its texts, and those of its links, without white space."""
        return frozenset(map(bare, (*self.texts, *(link.text for link in self.links))))

    def shows(self, text: str) -> bool:
        """Return whether a text is on the page; case and white space do not count."""
        plain = bare(text)
        return bool(plain) and plain in self.bare


def shown_page(html: str, url: str) -> ShownPage:
    """Return what a document shows."""
    page = ParsedPage(html, url)
    body = page.document.first("body")
    texts = tuple(page.paragraphs(body).split("\n")) if body is not None else ()
    return ShownPage(url, page.title_line, tuple(filter(None, texts)), every_link(page))


def bare(text: str) -> str:
    """Return a text without white space, in lower case."""
    return _SPACES.sub("", text).casefold()
