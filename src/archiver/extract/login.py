"""Recognise pages at which people log in: by a field for a password and what is around it, and by their addresses."""

import re
from urllib.parse import urlsplit

from archiver.extract.page import ParsedPage
from archiver.extract.tree import Node, is_within
from archiver.extract.wall_patterns import LOGIN_HOST, LOGIN_PATH, LOGIN_WORDS

_FRAME = "header, footer, nav, aside, [role=banner], [role=navigation], [role=complementary], [role=contentinfo]"
_LITTLE = 300  # characters outside the form; a page with more has a content of its own
_TITLED = 1_500  # the same, when the title says that one logs in
_MOST_WORDS = 5  # of a title that only says that one logs in
_MOST_TEXT = 4_000
_PARTS = re.compile(r"\s+[|·•»:–—-]+\s+|\s*[|»]\s*")


def is_login(page: ParsedPage, html: str, titles: tuple[str, ...], *, is_expected: bool = False) -> bool:
    """Return whether a page is there to log in.

    A login box in the header or a sidebar of a page with other content does not count.

    Args:
        page: the parsed page.
        html: its text.
        titles: its title and first heading.
        is_expected: the address says that one logs in, or redirects lead here and back to a page.
    """
    frame = {node.mem_id: True for node in page.document.css(_FRAME)}
    fields = [field for field in _password_fields(page, html) if not is_within(field, frame)]
    if not fields:
        return False
    body = page.document.first("body")
    around = len(page.beginning(body, _MOST_TEXT)) if body is not None else 0
    around -= sum(len(page.beginning(form, _MOST_TEXT)) for form in _forms(fields))
    if is_expected or any(map(says_login, titles)):
        return around <= _TITLED
    return around <= _LITTLE and not page.document.css("a[href]")


def says_login(title: str) -> bool:
    """Return whether a title only says that one logs in, apart from the name of the site."""
    return any(LOGIN_WORDS.match(part) and len(part.split()) <= _MOST_WORDS for part in title_parts(title))


def title_parts(title: str) -> list[str]:
    """Return the parts of a title: `Log in | Portal` has two."""
    return [part.strip() for part in _PARTS.split(title)]


def asks_to_log_in(url: str) -> bool:
    """Return whether an address is, by its own words, a login page."""
    parts = urlsplit(url)
    return bool(LOGIN_PATH.search(parts.path) or LOGIN_HOST.search(parts.hostname or ""))


def _password_fields(page: ParsedPage, html: str) -> list[Node]:
    """Return the visible fields for a password."""
    if "password" not in html.lower():
        return []
    hidden = dict.fromkeys(page.hidden, True)
    return [node for node in page.document.css("input[type='password' i]") if not is_within(node, hidden)]


def _forms(fields: list[Node]) -> list[Node]:
    """Return the forms around fields, each once."""
    forms: dict[int, Node] = {}
    for field in fields:
        node = field.parent
        while node is not None and node.tag != "form":
            node = node.parent
        if node is not None:
            forms[node.mem_id] = node
    return list(forms.values())
