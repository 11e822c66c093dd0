"""Find the images and documents of a page: by rules, or inside the body."""

from collections.abc import Callable, Iterable
from typing import Any

from archiver.extract.gathered import Gathered
from archiver.extract.images import IMAGES, copy_key
from archiver.extract.links import MOST_LINKS, addresses_of, links_of
from archiver.extract.page import ParsedPage
from archiver.extract.rules import FoundValue, evaluate, picked, source_of
from archiver.extract.tree import Node, ancestry, found_in, is_within
from archiver.model.profile import Rule, Rules
from archiver.model.record import Link, Source

DOCUMENTS = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".zip", ".rar")
_INSIDE = {"images": IMAGES, "files": "a[href]"}


def read_images(name: str, rules: Rules, page: ParsedPage, into: Gathered) -> None:
    """Read the addresses of images: of the nodes found, or of the images inside them."""
    _read(name, rules, page, into, _image)


def read_files(name: str, rules: Rules, page: ParsedPage, into: Gathered) -> None:
    """Read the links to documents: the nodes found, or the links inside them."""
    _read(name, rules, page, into, _file)


def body_images(page: ParsedPage, into: Gathered) -> None:
    """Without a rule: read the images inside the body."""
    if not into.wants("images"):
        return
    shown = _addresses(_inside(IMAGES, page, into), page)
    if shown:
        addresses = tuple(dict.fromkeys(found.text for found in shown))
        into.fill("images", addresses, source_of(shown[0], "document", 0, page))
        items = ((found.text, found) for found in shown)
        into.fill_items("images", items, "document", 0, page)


def body_files(page: ParsedPage, into: Gathered) -> None:
    """Without a rule: read the links inside the body that lead to documents."""
    if not into.wants("files"):
        return
    nodes = _inside("a[href]", page, into)
    if len(nodes) <= MOST_LINKS and not any(map(is_document, addresses_of(nodes, page))):
        return  # as for most bodies: no texts of links are needed
    links = tuple(link for link in links_of(nodes, page) if is_document(link.url))
    if links:
        into.fill("files", links, Source("document", 0, links[0].url))


def is_document(url: str) -> bool:
    """Return whether an address ends, before its query, like a document."""
    return url.partition("?")[0].partition("#")[0].lower().endswith(DOCUMENTS)


def _read(
    name: str, rules: Rules, page: ParsedPage, into: Gathered, values_of: Callable[[FoundValue, ParsedPage], Any]
) -> None:
    for rank, rule in enumerate(rules, 1):
        found = _addressed(rule, page, _INSIDE[name]) if rule.kind == "css" and not rule.attr else evaluate(rule, page)
        pairs = [(value, each) for each in found if (value := values_of(each, page))]
        if pairs:
            into.fill(name, _once([value for value, _ in pairs]), source_of(found[0], rule.text, rank, page))
            items = ((getattr(value, "url", value), each) for value, each in pairs)
            into.fill_items(name, items, rule.text, rank, page)
            into.field_nodes += [each.node for each in found if each.node is not None]
            if rule.cut:
                into.cut_out(found, name)
            return


def _once(values: list[Any]) -> tuple[Any, ...]:
    """Return each address once; of links to it, the first with a text."""
    named = sorted(values, key=lambda value: isinstance(value, Link) and not value.text)
    chosen = {getattr(value, "url", value): value for value in reversed(named)}
    return tuple(chosen[url] for url in dict.fromkeys(getattr(value, "url", value) for value in values))


def _addressed(rule: Rule, page: ParsedPage, inner: str) -> list[FoundValue]:
    """The addresses of the nodes that a rule finds; of a node without one, those of the images or links inside it."""
    return picked(rule, _addresses(found_in(page.document.css(rule.selector), inner, page.address), page), page)


def _addresses(nodes: Iterable[Node], page: ParsedPage) -> list[FoundValue]:
    """Return the addresses of nodes. A `noscript` gives its images, unless they are copies of visible images."""
    found = [FoundValue(address, node, address) for node in nodes for address in page.addresses(node)]
    shown = {copy_key(each.text) for each in found if not _is_noscript(each)}
    return [each for each in found if not _is_noscript(each) or copy_key(each.text) not in shown]


def _is_noscript(found: FoundValue) -> bool:
    return found.node is not None and found.node.tag == "noscript"


def _image(found: FoundValue, page: ParsedPage) -> str | None:
    return page.absolute(found.text)


def _file(found: FoundValue, page: ParsedPage) -> Link | None:
    url = page.absolute(found.text)
    return Link(url, page.line(found.node) if found.node is not None else "") if url else None


def _inside(selector: str, page: ParsedPage, into: Gathered) -> list[Node]:
    """Return the nodes inside the body that are visible and not cut out of it."""
    nodes = list(found_in(into.bodies, selector, lambda _: False))
    around = {above.mem_id for body in into.bodies for above in ancestry(body)}
    skip = (page.hidden | into.cut.keys()) - around
    if not skip:
        return nodes
    verdicts = dict.fromkeys(skip, True) | dict.fromkeys(around, False)
    return [node for node in nodes if not is_within(node, verdicts)]
