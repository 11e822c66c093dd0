"""Which elements a page itself hides: by an attribute, by being closed, or by a declaration in their `style`."""

from archiver.extract.tree import Node, attribute

MAY_BE_HIDDEN = '[hidden], [style*="none" i], [style*="hidden" i], [popover], dialog:not([open])'
"""What `is_hidden` is to be asked about."""
_DISPLAYS = (
    "none block contents flex flow-root grid inherit initial inline inline-block inline-flex inline-grid inline-table "
    "list-item table table-caption table-cell table-row table-row-group unset"
)
_VISIBILITIES = "collapse hidden inherit initial unset visible"
_VALUES = {"display": frozenset(_DISPLAYS.split()), "visibility": frozenset(_VISIBILITIES.split())}


def is_hidden(node: Node) -> bool:
    """Whether an element hides itself (HTML Standard, "Hidden elements").

    A `display` in its style counts more than the attribute `hidden`, than `popover`, and than a `dialog` being closed.
    `hidden="until-found"` is text that readers can reach.
    """
    said = _declared(attribute(node, "style") or "")
    if said["display"] == "none" or said["visibility"] == "hidden":
        return True
    return not said["display"] and _is_hidden_by_markup(node)


def _is_hidden_by_markup(node: Node) -> bool:
    hidden = attribute(node, "hidden")
    if hidden is not None and hidden.strip().lower() != "until-found":
        return True
    is_open = attribute(node, "open") is not None
    if node.tag == "dialog":
        return not is_open
    return attribute(node, "popover") is not None


def _declared(style: str) -> dict[str, str]:
    """What a style declares of the properties that hide: the last valid value, unless another is important."""
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
