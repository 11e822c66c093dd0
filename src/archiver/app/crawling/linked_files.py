"""The files that a page links to, for `capture --files`."""

from archiver.app.reading.state import PageState
from archiver.model.event import Visited
from archiver.model.profile import DEFAULT_FILES, CrawlRules
from archiver.text.url import extension_of


def linked_files(page: Visited, state: PageState, rules: CrawlRules) -> tuple[str, ...]:
    """Return the addresses of the files that a page links to, each once.

    These are the values of its field `files`, and its links with an ending of `files` in `[crawl]`, or of the default
    list. Links of menus and footers do not count.
    """
    endings = rules.files or DEFAULT_FILES
    named = [link.url for link in state.content.files] if state.content is not None else []
    named += [url for url in page.links if extension_of(url) in endings]
    return tuple(dict.fromkeys(named))
