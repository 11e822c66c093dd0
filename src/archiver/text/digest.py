"""Stable names: the fingerprint of a content, and the link of the chain of visits. Recipes carry their version."""

import hashlib
import json
from collections.abc import Mapping

GENESIS = "0" * 64
"""What the first visit of an archive is chained to."""

_RECIPE = "1"


def fingerprint(values: Mapping[str, str | tuple[str, ...] | None]) -> str:
    """A name for a set of fields: `1:` and the SHA-256 of their JSON, keys sorted, empty fields left out.

    Empty fields do not count, so that a field added later leaves older fingerprints as they are.
    """
    full = {name: value for name, value in values.items() if value}
    return f"{_RECIPE}:{hashlib.sha256(_canonical(full)).hexdigest()}"


def chain_link(previous: str, visit: Mapping[str, str | int | None]) -> str:
    """SHA-256 (hex) over the previous link, a line feed, and the visit as JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + _canonical(visit)).hexdigest()


def _canonical(values: Mapping[str, object]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
