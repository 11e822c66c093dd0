"""Reasons for visiting a page: a code and its text."""

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Why a page is visited: the values of the column `reason_code` of the view `visits`."""

    START = "start"
    LINK = "link"
    NEXT_PAGE = "next_page"
    PART = "part"
    LINKED_FILE = "linked_file"
    PAGING_FORM = "paging_form"
    REDIRECT = "redirect"
    SITEMAP = "sitemap"
    FEED = "feed"
    NAMED_BY_PAGE = "named_by_page"
    NAMED_BY_PROFILE = "named_by_profile"
    NAMED_BY_ROBOTS = "named_by_robots"
    IN_SITEMAP_INDEX = "in_sitemap_index"
    GUESSED_SITEMAP = "guessed_sitemap"
    ASKED_FOR = "asked_for"
    ALL = "all"
    IMPORTED = "imported"
    ROBOTS = "robots"
    PROBE = "probe"
    SERVER_CHECK = "server_check"
    HINT = "hint"
    CEILING = "ceiling"
    RATE = "rate"
    FAILED = "failed"
    GONE = "gone"
    MISSING_ONCE = "missing_once"
    DOUBTFUL = "doubtful"
    MOVED = "moved"
    REQUISITE = "requisite"
    BROWSER = "browser"


TEXT: dict[ReasonCode, str] = {
    ReasonCode.START: "start",
    ReasonCode.LINK: "link",
    ReasonCode.NEXT_PAGE: "next page",
    ReasonCode.PART: "part of a page",
    ReasonCode.LINKED_FILE: "linked file",
    ReasonCode.PAGING_FORM: "paging form",
    ReasonCode.REDIRECT: "redirect",
    ReasonCode.SITEMAP: "sitemap",
    ReasonCode.FEED: "feed",
    ReasonCode.NAMED_BY_PAGE: "a page names it",
    ReasonCode.NAMED_BY_PROFILE: "the profile names it",
    ReasonCode.NAMED_BY_ROBOTS: "robots.txt names it",
    ReasonCode.IN_SITEMAP_INDEX: "a sitemap index lists it",
    ReasonCode.GUESSED_SITEMAP: "where sitemaps usually are",
    ReasonCode.ASKED_FOR: "asked for",
    ReasonCode.ALL: "all were asked for",
    ReasonCode.IMPORTED: "imported",
    ReasonCode.ROBOTS: "before the first page, and each 24 hours",
    ReasonCode.PROBE: "to see what a missing page looks like",
    ReasonCode.SERVER_CHECK: "to see whether the server still answers",
    ReasonCode.HINT: "hint: {} says newer",
    ReasonCode.CEILING: "not seen for {}",
    ReasonCode.RATE: "{}",
    ReasonCode.FAILED: "{}: later",
    ReasonCode.GONE: "gone: seldom",
    ReasonCode.MISSING_ONCE: "missing once: a second proof is needed",
    ReasonCode.DOUBTFUL: "doubtful: another visit must agree",
    ReasonCode.MOVED: "moved: seldom",
    ReasonCode.REQUISITE: "a page needs it to be shown",
    ReasonCode.BROWSER: "a page in a browser requested it",
}
OWN_WAIT = frozenset(
    {
        ReasonCode.HINT,
        ReasonCode.FAILED,
        ReasonCode.GONE,
        ReasonCode.MISSING_ONCE,
        ReasonCode.DOUBTFUL,
        ReasonCode.MOVED,
    }
)
"""Reasons that set a page's wait themselves; the wait of all others comes from its change rate."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, and the text that was made from it when it was written down: `hint: sitemap says newer`."""

    code: ReasonCode
    text: str

    @classmethod
    def of(cls, code: ReasonCode, detail: str = "") -> "Reason":
        """Return the reason with this code. `detail` fills in its text: a span of time, a name or an outcome."""
        return cls(code, TEXT[code].format(detail))

    @classmethod
    def imported(cls, code: str | None, text: str | None) -> "Reason":
        """Read one out of a file: by its code or, in files from before there were codes, by its text."""
        if any(code == each for each in ReasonCode):
            return cls.stored(code, text)
        known = next((each for each in ReasonCode if text == TEXT[each]), ReasonCode.IMPORTED)
        return cls(known, text or TEXT[known])

    @classmethod
    def stored(cls, code: str | None, text: str | None) -> "Reason":
        """Read one back. A code that this version does not know counts as a link."""
        known = next((each for each in ReasonCode if each == code), ReasonCode.LINK)
        return cls(known, text or TEXT[known])
