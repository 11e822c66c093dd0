"""The fingerprint of a content and the links of the chain of visits. Each recipe has a version."""

import hashlib
import json
from collections.abc import Mapping

GENESIS = "0" * 64
"""The link before the first visit of an archive."""

_RECIPE = "1"


def fingerprint(values: Mapping[str, str | tuple[str, ...] | None]) -> str:
    """The fingerprint of a set of fields: `1:` and the SHA-256 of their JSON, keys sorted, empty fields left out.

    Empty fields do not count, so that a field added later leaves older fingerprints unchanged.
    """
    full = {name: value for name, value in values.items() if value}
    return f"{_RECIPE}:{hashlib.sha256(_canonical(full)).hexdigest()}"


def chain_link(previous: str, visit: Mapping[str, str | int | None]) -> str:
    """The SHA-256 (hex) of the previous link, a line feed, and the visit as JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + _canonical(visit)).hexdigest()


def _canonical(values: Mapping[str, object]) -> bytes:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
