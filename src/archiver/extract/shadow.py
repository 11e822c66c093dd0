"""Resolve declarative shadow DOM: the content of `<template shadowrootmode=…>` is visible, so it is put into the tree.

HTML Standard, "A start tag whose tag name is template", and DOM Standard, "Finding slots and slottables": the content
of the shadow root is shown in place of the children of its host. A child is shown where a `<slot>` takes it; one that
no slot takes stays in the tree, for rules that name it, and is hidden.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archiver.extract.tree import Node

SHADOW_ROOTS = "template[shadowrootmode]"
_MODES = ("open", "closed")
_HOST_TAGS = "article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span"
_HOSTS = frozenset(_HOST_TAGS.split())
"""Elements that may have a shadow root, besides custom elements (DOM Standard, "attach a shadow root")."""
_MOST = 50_000
"""The maximum number of templates; each is counted once for every shadow root around it."""


def show_shadow_roots(templates: "list[Node]") -> None:
    """Put the content of shadow roots in place of their templates, also of those within others."""
    waiting = list(templates)
    hosts: set[int] = set()
    looked_at = 0
    for template in waiting:  # the loop appends to it
        host = template.parent
        if host is None or host.mem_id in hosts or not _is_shadow_root(template, host):
            continue
        fragments = template.template_fragments()
        looked_at += len(fragments)
        if looked_at > _MOST:
            return
        hosts.add(host.mem_id)
        if fragments:
            waiting += fragments[0].css(SHADOW_ROOTS)
            _show(template, fragments[0], host)


def _is_shadow_root(template: "Node", host: "Node") -> bool:
    mode = template.attributes.get("shadowrootmode") or ""
    tag = host.tag or ""
    return mode.lower() in _MODES and ("-" in tag or tag in _HOSTS)


def _show(template: "Node", root: "Node", host: "Node") -> None:
    slots: dict[str, Node] = {}
    for slot in root.css("slot"):
        slots.setdefault(slot.attributes.get("name") or "", slot)
    light = [child for child in _children(host) if child.mem_id != template.mem_id]
    for child in _children(root):
        template.insert_before(child, move=True)
    template.decompose()
    filled: set[str] = set()
    for child in light:
        name = (child.attributes.get("slot") or "") if child.is_element_node else ""
        if name in slots:
            _fill(slots[name], child, is_first=name not in filled)
            filled.add(name)
        elif child.is_element_node:
            child.attrs["style"] = "display:none"
        elif child.is_text_node:
            child.remove()


def _fill(slot: "Node", child: "Node", *, is_first: bool) -> None:
    """Put a child of the host into a slot, in place of the slot's default content."""
    if is_first:
        for fallback in _children(slot):
            fallback.remove()
    slot.insert_child(child, move=True)


def _children(node: "Node") -> "Iterator[Node]":
    """Yield the children of a node; each may be moved meanwhile."""
    child = node.first_child
    while child is not None:
        following = child.next
        yield child
        child = following
