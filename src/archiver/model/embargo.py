"""Embargoes: addresses that are not shown to others before a time, by patterns of robots.txt (RFC 9309, 2.2.3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Embargo:
    """One rule.

    Attributes:
        embargo_id: its id in the archive.
        site: the site's name; None: addresses of all sites.
        pattern: the beginning of the addresses; `*` stands for any text, and `$` at the end for the end.
        until: the first moment at which the addresses are shown (UTC text).
        reason: why.
    """

    embargo_id: int
    site: str | None
    pattern: str
    until: str
    reason: str

    def holds(self, site: str, url: str, at: str) -> bool:
        """Whether an address of a site may not be shown at a time (UTC text)."""
        return at < self.until and self.site in (None, site) and _matcher(self.pattern).match(url) is not None


def is_embargoed(rules: Iterable[Embargo], site: str, urls: Iterable[str], at: str) -> bool:
    """Whether one of a page's addresses may not be shown at a time (UTC text).

    A server asks this with the rules of `Store.embargoes.standing`, before it shows a page or one of its captures.
    """
    known = list(urls)
    return any(rule.holds(site, url, at) for rule in rules for url in known)


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> re.Pattern[str]:
    is_whole = pattern.endswith("$")
    first, *others = (re.escape(part) for part in pattern.removesuffix("$").split("*"))
    last = others.pop() if is_whole and others else ""
    # each part at its first place, and no other is tried (an atomic group): linear in the address
    text = first + "".join(f"(?>.*?{part})" for part in others if part)
    if is_whole:
        text += (f".*{last}" if "*" in pattern else "") + r"\Z"
    return re.compile(text, re.DOTALL)
