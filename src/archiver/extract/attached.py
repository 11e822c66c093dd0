"""Images and documents of a page: by their rules, or those inside the body."""

from collections.abc import Callable
from typing import Any

from archiver.extract.gathered import Gathered
from archiver.extract.links import links_of
from archiver.extract.page import Page
from archiver.extract.rules import Found, evaluate, source_of
from archiver.extract.tree import Node, ancestry
from archiver.model.profile import Rules
from archiver.model.record import Link, Source

DOCUMENTS = (".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".zip", ".rar")


def read_images(name: str, rules: Rules, page: Page, into: Gathered) -> None:
    """Addresses of images: of the nodes found, or of the images inside them."""
    _read(name, rules, page, into, _image_addresses)


def read_files(name: str, rules: Rules, page: Page, into: Gathered) -> None:
    """Links to documents: the nodes found, or the links inside them."""
    _read(name, rules, page, into, _file_links)


def body_images(page: Page, into: Gathered) -> None:
    """Without a rule: the images inside the body."""
    if not into.wants("images"):
        return
    images = [(image, page.address(image)) for image in _inside("img", page, into)]
    shown = [(image, address) for image, address in images if address]
    if shown:
        image, address = shown[0]
        addresses = tuple(dict.fromkeys(address for _, address in shown))
        into.fill("images", addresses, source_of(Found(address, image, address), "document", 0))


def body_files(page: Page, into: Gathered) -> None:
    """Without a rule: the links inside the body that lead to documents."""
    if not into.wants("files"):
        return
    links = tuple(link for link in links_of(_inside("a[href]", page, into), page) if is_document(link.url))
    if links:
        into.fill("files", links, Source("document", 0, links[0].url))


def is_document(url: str) -> bool:
    """Whether an address ends, before its query, as documents do."""
    return url.partition("?")[0].partition("#")[0].lower().endswith(DOCUMENTS)


def _read(
    name: str, rules: Rules, page: Page, into: Gathered, values_of: Callable[[list[Found], Page], tuple[Any, ...]]
) -> None:
    for rank, rule in enumerate(rules, 1):
        found = evaluate(rule, page)
        values = values_of(found, page)
        if values:
            into.fill(name, values, source_of(found[0], rule.text, rank))
            if rule.cut:
                into.cut_out(found, name)
            return


def _image_addresses(found: list[Found], page: Page) -> tuple[str, ...]:
    addresses: list[str | None] = []
    for each in found:
        if each.node is not None and each.raw is None:
            addresses += [page.address(image) for image in each.node.css("img")]
        else:
            addresses.append(page.absolute(each.text))
    return tuple(dict.fromkeys(address for address in addresses if address))


def _file_links(found: list[Found], page: Page) -> tuple[Link, ...]:
    links: dict[str, Link] = {}
    for each in found:
        if each.node is not None and each.raw is None:
            links |= {link.url: link for link in links_of(each.node.css("a[href]"), page)}
        elif address := page.absolute(each.text):
            links.setdefault(address, Link(address, page.line(each.node) if each.node is not None else ""))
    return tuple(links.values())


def _inside(selector: str, page: Page, into: Gathered) -> list[Node]:
    """The nodes inside the body that are seen and not cut out of it."""
    nodes = [node for body in into.bodies for node in body.css(selector)]
    around = {above.mem_id for body in into.bodies for above in ancestry(body)}
    skip = (page.hidden | into.cut.keys()) - around
    if not skip:
        return nodes
    return [node for node in nodes if not any(above.mem_id in skip for above in ancestry(node))]
