"""The pages by name: the function that answers each. It is imported when the page is first requested."""

from collections.abc import Callable
from importlib import import_module

from archiver.web.answer import Answer, PageRequest

View = Callable[[PageRequest], Answer]

VIEWS = {
    "today": "today:today",
    "pages": "pages_list:pages",
    "find_page": "page:find_page",
    "page": "page:page",
    "compare": "compare:compare",
    "picture": "pictures:picture",
    "read": "read:read",
    "read_on": "read:read_on",
    "version": "read:version",
    "visit": "visit:visit",
    "screenshot": "pictures:screenshot",
    "dom": "pictures:dom",
    "rules": "rules:rules",
    "cite": "cite:cite",
    "why": "why:why",
    "search": "search:search",
    "front": "front:front",
    "gone": "gone:gone",
    "silent": "silent:silent",
    "counters": "counters:counters",
    "redesign": "redesign:redesign",
    "health": "health:health",
    "sites": "sites:sites",
    "site": "sites:site",
    "about": "about:about",
    "acts": "acts:acts",
}
"""By the names of `links.PATHS`: module of `web.pages` and function in it."""


def view(name: str) -> View:
    """Return the function that answers a page."""
    module, _, function = VIEWS[name].partition(":")
    found: View = getattr(import_module(f"archiver.web.pages.{module}"), function)
    return found
