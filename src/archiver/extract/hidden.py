"""Decide which elements a page hides: by an attribute, by being closed, or by a declaration in their `style`.

Hidden text that one click shows is content: a tab, an accordion, a "read more". So is text that a script moves
into its place (React streams a page as `<div hidden id="S:1">`), and a page that hides all of itself.
"""

import re
from collections.abc import Set as AbstractSet

from archiver.extract.tree import Document, Node, attribute

MAY_BE_HIDDEN = '[hidden], [style*="none" i], [style*="hidden" i], [popover], dialog:not([open])'
"""The elements to ask `is_hidden` about."""
_CONTROLS = "[aria-controls], [data-target], [data-bs-target], a[href^='#']"
_MOST_CONTROLS = 2_000
_WHOLE_PAGE = frozenset(("html", "body", "main", "article"))
_STREAMED = re.compile(r"S:[0-9a-f]+\Z")
_OVERLAYS = frozenset(("dialog", "alertdialog", "menu", "listbox", "navigation", "tooltip", "search"))
_OVERLAY = re.compile(
    r"modal|menu|dropdown|nav|popup|pop-up|offcanvas|tooltip|dialog|drawer|overlay|cookie|consent|search|login|cart",
    re.IGNORECASE,
)
_DISPLAYS = (
    "none block contents flex flow-root grid inherit initial inline inline-block inline-flex inline-grid inline-table "
    "list-item table table-caption table-cell table-row table-row-group unset"
)
_VISIBILITIES = "collapse hidden inherit initial unset visible"
_VALUES = {"display": frozenset(_DISPLAYS.split()), "visibility": frozenset(_VISIBILITIES.split())}


def is_hidden(node: Node) -> bool:
    """Return whether an element hides itself (HTML Standard, "Hidden elements").

    A `display` in its style takes precedence over the attribute `hidden`, `popover`, and a `dialog` being closed.
    `hidden="until-found"` is text that readers can reach.
    """
    said = _declared(attribute(node, "style") or "")
    if said["display"] == "none" or said["visibility"] == "hidden":
        return True
    return not said["display"] and _is_hidden_by_markup(node)


def hidden_nodes(document: Document) -> list[Node]:
    """Return the elements of a page that are hidden and stay so."""
    hidden = [node for node in document.css(MAY_BE_HIDDEN) if is_hidden(node)]
    controlled = _controlled(document) if any(attribute(node, "id") for node in hidden) else frozenset()
    return [node for node in hidden if not _is_revealed(node, controlled)]


def _controlled(document: Document) -> AbstractSet[str]:
    """Return the ids of elements that a button, a tab or a link shows and hides (WAI-ARIA 1.2, `aria-controls`)."""
    found: set[str] = set()
    for node in document.css(_CONTROLS)[:_MOST_CONTROLS]:
        for name in ("aria-controls", "data-target", "data-bs-target", "href"):
            found.update(each.lstrip("#") for each in (attribute(node, name) or "").split())
    return found


def _is_revealed(node: Node, controlled: AbstractSet[str]) -> bool:
    name = attribute(node, "id") or ""
    if node.tag in _WHOLE_PAGE or _STREAMED.match(name):
        return True
    if attribute(node, "role") == "tabpanel":
        return True
    is_overlay = (
        node.tag in ("dialog", "nav") or attribute(node, "role") in _OVERLAYS or attribute(node, "popover") is not None
    )
    return name in controlled and not is_overlay and not _OVERLAY.search(f"{attribute(node, 'class') or ''} {name}")


def _is_hidden_by_markup(node: Node) -> bool:
    hidden = attribute(node, "hidden")
    if hidden is not None and hidden.strip().lower() != "until-found":
        return True
    is_open = attribute(node, "open") is not None
    if node.tag == "dialog":
        return not is_open
    return attribute(node, "popover") is not None


def _declared(style: str) -> dict[str, str]:
    """Return what a style declares of the properties that hide: the last valid value, unless another is important."""
    said = dict.fromkeys(_VALUES, "")
    important_ones: set[str] = set()
    for declaration in style.lower().split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip()
        if name not in _VALUES:
            continue
        value, important, _ = value.partition("!")
        value = value.strip()
        if value in _VALUES[name] and (important or name not in important_ones):
            said[name] = value
            important_ones |= {name} if important else set()
    return said
