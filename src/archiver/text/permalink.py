"""Permalinks: `/web/20221022030000/http://…`, by moment and address instead of row numbers.

The layout is that of web archives (RFC 7089, "URI-M"), so that a permalink on paper is also a path on a server.
It may begin with `archiver:`, and may end with `#sha256=HEX`, which identifies the bytes.
"""

import re
from dataclasses import dataclass

_PERMALINK = re.compile(
    r"(?:archiver:)?/web/(?P<moment>[0-9]+)/(?P<url>[^#]*)(?:#sha256=(?P<sha256>[0-9A-Fa-f]{64}))?(?P<rest>#\S*)?"
)
_BEGINS = re.compile(r"\s*(?:archiver:)?/web(?:/|$)")


@dataclass(frozen=True, slots=True)
class Permalink:
    """A page at a moment.

    Attributes:
        moment: 4 to 14 digits (UTC), year first; fewer than 14 mean the end of that year, month, day, hour or minute.
        url: the page's address, as written.
        sha256: the digest of the body; None when the link has none.
    """

    moment: str
    url: str
    sha256: str | None = None

    def __str__(self) -> str:
        proof = f"#sha256={self.sha256}" if self.sha256 else ""
        return f"/web/{self.moment}/{self.url}{proof}"


def permalink(moment: str, url: str, sha256: str | None = None) -> Permalink:
    """Return the permalink of a capture.

    Args:
        moment: as the archive stores it, `2022-10-22 03:00:00` (UTC).
        url: the page's address.
        sha256: the digest of its body, hex.
    """
    return Permalink(re.sub(r"\D", "", moment), url, sha256)


def is_permalink(text: str) -> bool:
    """Return whether a text looks like a permalink, valid or not."""
    return bool(_BEGINS.match(text))


def parse_permalink(text: str) -> Permalink | None:
    """Return the parts of a permalink; None when the text is not one. The address in it is not checked."""
    found = _PERMALINK.fullmatch(text.strip())
    if found is None or not found["url"].strip() or (found["rest"] or "").startswith("#sha256"):
        return None
    return Permalink(found["moment"], found["url"].strip(), found["sha256"].lower() if found["sha256"] else None)
