"""Whether a page is only the shell of a script: a browser must run it before there is anything to read."""

import re

from archiver.extract.page import ParsedPage
from archiver.model.record import Record

SHELL = "the page looks like the shell of a script"
"""The note of a page that was read from the server's bytes, though its text is not in them."""
_ROOTS = (
    "#app", "#root", "#__next", "#__nuxt", "#___gatsby", "#svelte", "#ember-app", "#react-root", "#main-app",
    "#application",
    "app-root", "[ng-app]", "[ng-version]", "[data-reactroot]", "[data-v-app]", "[data-server-rendered]",
    "[q\\:container]",
)  # fmt: skip
"""Elements in which frameworks of scripts put a page."""
_LITTLE_TEXT = 400  # characters of the whole page: a menu and a footer
_LITTLE_IN_ROOT = 200  # characters, such as "Loading…"
_MUCH_SCRIPT = 4  # characters of inline scripts for each one of text
_FILE = 2_000  # characters that a script in a file counts for
_REFRESH = "meta[http-equiv='refresh' i]"
_LEAVING = re.compile(r"\blocation(?:\.href)?\s*=[^=]|\blocation\.(?:replace|assign)\(")
_HARDLY_ANY = 100  # characters of a page in which nothing but its scripts says that something is missing
_LITTLE_GUESSED = 200  # characters of a body that no rule gave
_MANY_LINKS = 3  # a page with so many has something to show


def is_shell(page: ParsedPage) -> bool:
    """Return whether a page has little text, and scripts that are likely to bring it.

    Either an element in which frameworks put a page is nearly empty, or the scripts weigh much more than the text.
    """
    scripts = [node for node in page.document.css("script") if _is_program(node.attributes.get("type"))]
    if not scripts or not page.says_at_most(_LITTLE_TEXT):
        return False
    roots = page.document.css(", ".join(_ROOTS))
    if any(len(page.beginning(root, _LITTLE_IN_ROOT + 1)) <= _LITTLE_IN_ROOT for root in roots):
        return True
    body = page.document.first("body")
    text = len(page.beginning(body, _LITTLE_TEXT)) if body is not None else 0
    weight = sum(_FILE if node.attributes.get("src") else len(page.html(node)) for node in scripts)
    return weight > _MUCH_SCRIPT * text


def is_clearly_shell(page: ParsedPage) -> bool:
    """Return whether a page is a shell without links, and no redirect: short pages that a server made have some."""
    if not is_shell(page):
        return False
    roots = page.document.css(", ".join(_ROOTS))
    if roots:
        return sum(len(root.css("a[href]")) for root in roots) < _MANY_LINKS
    leaves = page.document.css(_REFRESH) or any(
        _LEAVING.search(page.html(node)) for node in page.document.css("script")
    )
    return not leaves and page.says_at_most(_HARDLY_ANY) and len(page.document.css("a[href]")) < _MANY_LINKS


def has_body(record: Record) -> bool:
    """Return whether a record has a body: one that a rule gave, or one of the fallback that is more than `Loading…`."""
    body, source = record.content.body, dict(record.sources).get("body")
    return bool(body) and ((source is not None and source.rank > 0) or len(body or "") > _LITTLE_GUESSED)


def _is_program(declared: str | None) -> bool:
    """Whether a `script` element of a type is run; data, such as JSON-LD, is not."""
    kind = (declared or "").strip().lower()
    return kind in ("", "module") or "javascript" in kind or "ecmascript" in kind
