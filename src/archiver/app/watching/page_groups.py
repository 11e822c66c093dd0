"""Groups of pages that are read by the same tables of a profile; the health of a site is that of its groups."""

from collections.abc import Callable
from typing import NamedTuple


class Group(NamedTuple):
    """Pages that are read by the same tables of the profile: their kind, fields with rules, required fields."""

    kind: str
    ruled: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


GroupOf = Callable[[str], Group | None]
"""Returns the group of the page with an address; None for pages that have no fields."""
