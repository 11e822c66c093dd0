"""What `link` elements and links mean for a page that is shown without scripts."""

import re
from collections.abc import Mapping

Attributes = Mapping[str, str | None]
ICONS = frozenset(("icon", "apple-touch-icon", "mask-icon"))
OTHER_LINKS = re.compile(r"(?:mailto|tel|sms):[^\x00-\x20]{1,2000}", re.IGNORECASE)
"""Links that a browser hands to another program. They are kept."""
_LOADED_LATE = re.compile(r"\bmedia\b|\brel\b")


def relations_of(attributes: Attributes) -> frozenset[str]:
    """Return the relations of a `link`, in lower case."""
    return frozenset((attributes.get("rel") or "").lower().split())


def is_style_link(attributes: Attributes) -> bool:
    """Whether a `link` is a style sheet that the page shows; also one that a script would make of a preloaded one."""
    relations = relations_of(attributes)
    is_style = "stylesheet" in relations and "alternate" not in relations
    return is_style or ("preload" in relations and (attributes.get("as") or "").strip().lower() == "style")


def is_loaded_late(attributes: Attributes) -> bool:
    """Whether a script would change the media or the relation of a style sheet once it is loaded."""
    return _LOADED_LATE.search(attributes.get("onload") or "") is not None
