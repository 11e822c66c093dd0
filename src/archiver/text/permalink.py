"""The lasting address of what a page said: `/web/20221022030000/http://…`, by moment and address, not by row numbers.

The layout is the one that web archives serve (RFC 7089, "URI-M"), so a permalink on paper is also a path on a server.
It may begin with `archiver:`, and may end with `#sha256=HEX`, the proof that it was answered by the right bytes.
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
        sha256: of the body that was seen; None when the link does not say.
    """

    moment: str
    url: str
    sha256: str | None = None

    def __str__(self) -> str:
        proof = f"#sha256={self.sha256}" if self.sha256 else ""
        return f"/web/{self.moment}/{self.url}{proof}"


def permalink(moment: str, url: str, sha256: str | None = None) -> Permalink:
    """The permalink of a capture.

    Args:
        moment: as the archive writes it, `2022-10-22 03:00:00` (UTC).
        url: the page's address.
        sha256: of its body, hex.
    """
    return Permalink(re.sub(r"\D", "", moment), url, sha256)


def is_permalink(text: str) -> bool:
    """Whether a text is meant as one, well formed or not."""
    return bool(_BEGINS.match(text))


def parse_permalink(text: str) -> Permalink | None:
    """What a permalink says; None when the text is none. What stands for its address is not checked."""
    found = _PERMALINK.fullmatch(text.strip())
    if found is None or not found["url"].strip() or (found["rest"] or "").startswith("#sha256"):
        return None
    return Permalink(found["moment"], found["url"].strip(), found["sha256"].lower() if found["sha256"] else None)
