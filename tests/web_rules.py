"""What must hold for every page of the web interface, as functions that return faults."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from selectolax.lexbor import LexborNode

from web_walk import Visited, attribute, headings

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TURNING = re.compile(r"[\u202a-\u202e]")
_ISOLATED = {"bdi", "title", "option", "input", "textarea", "code", "pre"}


def faults(page: Visited, most_bytes: int = 60_000) -> list[str]:
    """Return what is wrong with the HTML of a page."""
    return [
        f"{page.place}: {fault}"
        for rule in (_frame, _headings, _labels, _no_inline, _targets, _identities, _pictures, _tables, _clean)
        for fault in rule(page)
    ] + ([f"{page.place}: {len(page.answer.content):,} bytes"] if len(page.answer.content) > most_bytes else [])


def _frame(page: Visited) -> Iterator[str]:
    tree = page.tree
    if attribute(tree.css("html")[0], "lang") != "en":
        yield "the document has no language"
    of_the_interface = (
        () if page.place.startswith("/web/") else ("body header", "body > footer", "a.skip[href='#main']")
    )
    for selector in ("head > title", "body main", "head > meta[name=viewport]", *of_the_interface):
        if len(tree.css(selector)) != 1:
            yield f"not one {selector}"
    if not page.answer.text.lower().startswith("<!doctype html>"):
        yield "no doctype"


def _headings(page: Visited) -> Iterator[str]:
    levels = list(headings(page))
    if levels.count(1) != 1:
        yield f"{levels.count(1)} first headings"
    if any(later > earlier + 1 for earlier, later in pairwise(levels)):
        yield f"headings skip a level: {levels}"


def _labels(page: Visited) -> Iterator[str]:
    named = {attribute(node, "for") for node in page.tree.css("label[for]")}
    for node in page.tree.css("input, select, textarea"):
        is_named = attribute(node, "id") in named or attribute(node, "aria-label") or attribute(node, "aria-labelledby")
        if attribute(node, "type") not in ("hidden", "submit") and not is_named and not _within(node, "label"):
            yield f"no label: {(node.html or '')[:120]}"
    for node in page.tree.css("button, a[href]"):
        if (
            not node.text().strip()
            and not attribute(node, "aria-label")
            and not node.css("[aria-label], img[alt]:not([alt=''])")
        ):
            yield f"no name: {(node.html or '')[:120]}"


def _no_inline(page: Visited) -> Iterator[str]:
    named = ((node, name) for node in page.tree.css("*") for name in node.attributes)
    yield from (f"{node.tag} has {name}" for node, name in named if name == "style" or name.startswith("on"))
    if page.tree.css("style"):
        yield "a style element"
    for node in page.tree.css("script"):
        if not attribute(node, "src").partition("?")[0].endswith("/static/keys.js") or node.text().strip():
            yield f"a script: {(node.html or '')[:120]}"


def _targets(page: Visited) -> Iterator[str]:
    for node in page.tree.css("a[href], area[href], form[action], iframe[src]"):
        target = attribute(node, "href") or attribute(node, "action") or attribute(node, "src")
        if re.match(r"\s*(javascript|data|vbscript):", target, re.IGNORECASE) or target == "#":
            yield f"leads to {target[:80]}"


def _identities(page: Visited) -> Iterator[str]:
    counted = Counter(attribute(node, "id") for node in page.tree.css("[id]"))
    yield from (f"{count} elements have the id {name}" for name, count in counted.items() if count > 1)
    for node in page.tree.css("[aria-labelledby], [aria-describedby]"):
        for name in f"{attribute(node, 'aria-labelledby')} {attribute(node, 'aria-describedby')}".split():
            if name not in counted:
                yield f"nothing has the id {name}"


def _pictures(page: Visited) -> Iterator[str]:
    for node in page.tree.css("img"):
        if "alt" not in node.attributes:
            yield "an image without a text"
    for node in page.tree.css("svg"):
        is_inner = node.parent is not None and _within(node.parent, "svg")
        if not (
            is_inner or attribute(node, "aria-label") or "aria-hidden" in node.attributes or _within(node, "figcaption")
        ):
            yield f"a chart without a name: {(node.html or '')[:120]}"


def _tables(page: Visited) -> Iterator[str]:
    for node in page.tree.css("table"):
        if not node.css("caption") and not attribute(node, "aria-label"):
            yield "a table without a caption"


def _clean(page: Visited) -> Iterator[str]:
    """Their text has no control characters, and what turns the direction of a text stays within an element of its own."""
    for node in page.tree.css("*"):
        if _CONTROLS.search(node.text(deep=False) + attribute(node, "title") + attribute(node, "aria-label")):
            yield f"a control character: {(node.html or '')[:160]!r}"
        if _TURNING.search(node.text(deep=False)) and not any(_is_isolated(each) for each in _upwards(node)):
            yield f"text that turns its surroundings: {(node.html or '')[:160]}"


def _is_isolated(node: LexborNode) -> bool:
    return node.tag in _ISOLATED or "dir" in node.attributes


def _upwards(node: LexborNode) -> Iterator[LexborNode]:
    at: LexborNode | None = node
    while at is not None and at.tag not in ("body", "html", "-undef"):
        yield at
        at = at.parent


def _within(node: LexborNode, tag: str) -> bool:
    return any(each.tag == tag for each in _upwards(node))
