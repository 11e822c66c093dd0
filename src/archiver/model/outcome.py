"""How a visit can end, and what each outcome means. Everything else that classifies outcomes is made from this table.

To add an outcome, add a member and its row in `TRAITS`; a test fails while one is missing. `docs/howto/extend.md`
goes through it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a visit ended. Every visit has one; the words are those of the `visits` view."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    MOVED = "moved"
    GONE = "gone"
    SOFT_GONE = "soft_gone"
    BLOCKED = "blocked"
    REFUSED = "refused"
    SKIPPED = "skipped"
    TOO_BIG = "too_big"
    TRUNCATED = "truncated"
    SERVER_ERROR = "server_error"
    NETWORK_ERROR = "network_error"
    TLS_ERROR = "tls_error"
    UNREADABLE = "unreadable"

    @property
    def traits(self) -> "Traits":
        """What this outcome means."""
        return TRAITS[self]

    @property
    def is_failure(self) -> bool:
        """Whether the visit says nothing certain about the page. A page that is gone is certain."""
        return not TRAITS[self].is_certain

    @property
    def is_absence(self) -> bool:
        """Whether the visit is evidence that the page is not there."""
        return TRAITS[self].is_absence

    @property
    def is_presence(self) -> bool:
        """Whether the visit is evidence that the page is there."""
        return TRAITS[self].is_presence


@dataclass(frozen=True, slots=True)
class Traits:
    """What an outcome means.

    Attributes:
        meaning: one line for the documentation.
        is_certain: it says something certain about the page.
        is_presence: the page exists; `is_absence`: it does not.
        is_error: it counts among the errors of a run.
        is_blind: no page was received because of the server, the network or the archiver; changes then are not seen.
        has_body: a body was received that may be read as a page.
        is_partial: a body was received, but truncated or not decodable.
        is_lost: the page or its server may be lost; after many of these in a row, pages without a capture come first.
        is_transient: the same request may succeed in a moment.
        is_no_list: at a guessed sitemap address, it means that no sitemap exists.
        backs_off: the page waits longer with each such visit in a row.
        state: the state of the page after the visit; None: unchanged.
    """

    meaning: str
    is_certain: bool = False
    is_presence: bool = False
    is_absence: bool = False
    is_error: bool = False
    is_blind: bool = False
    has_body: bool = False
    is_partial: bool = False
    is_lost: bool = False
    is_transient: bool = False
    is_no_list: bool = False
    backs_off: bool = True
    state: str | None = None


TRAITS: dict[Outcome, Traits] = {
    Outcome.OK: Traits(
        "the page was fetched", is_certain=True, is_presence=True, has_body=True, backs_off=False, state="live"
    ),
    Outcome.NOT_MODIFIED: Traits(
        "the server says that the page is unchanged (304)",
        is_certain=True,
        is_presence=True,
        backs_off=False,
        state="live",
    ),
    Outcome.MOVED: Traits(
        "a redirect to another address, or a page that is nothing but a refresh",
        is_certain=True,
        is_no_list=True,
        state="moved",
    ),
    Outcome.GONE: Traits("404 or 410", is_certain=True, is_absence=True, is_lost=True, is_no_list=True),
    Outcome.SOFT_GONE: Traits(
        "an answer with any status that says that the page is not there",
        is_certain=True,
        is_absence=True,
        has_body=True,
        is_lost=True,
        is_no_list=True,
    ),
    Outcome.BLOCKED: Traits(
        "401, 402, 403, 429, 451; a captcha, login or error message",
        is_error=True,
        is_blind=True,
        has_body=True,
        state="blocked",
    ),
    Outcome.REFUSED: Traits("robots.txt or a safety rule forbids the request; it was not sent", is_blind=True),
    Outcome.SKIPPED: Traits("a sitemap or feed was expected, and the answer is none; it was not read", is_no_list=True),
    Outcome.TOO_BIG: Traits(
        "larger than `max_bytes`; the body was not kept", is_error=True, is_blind=True, is_partial=True
    ),
    Outcome.TRUNCATED: Traits(
        "the body ended early; the received part is kept",
        is_error=True,
        is_blind=True,
        is_partial=True,
        is_transient=True,
    ),
    Outcome.SERVER_ERROR: Traits(
        "5xx, an unexpected status, or an answer that is no HTTP", is_error=True, is_blind=True, is_lost=True
    ),
    Outcome.NETWORK_ERROR: Traits(
        "no answer: DNS, connection, timeout",
        is_error=True,
        is_blind=True,
        is_lost=True,
        is_transient=True,
    ),
    Outcome.TLS_ERROR: Traits("the certificate or the TLS handshake is not valid", is_error=True, is_blind=True),
    Outcome.UNREADABLE: Traits(
        "a body in which the profile finds nothing, or that cannot be decoded",
        is_error=True,
        is_blind=True,
        has_body=True,
        is_partial=True,
    ),
}


def having(wanted: Callable[[Traits], bool]) -> tuple[Outcome, ...]:
    """Return the outcomes whose traits meet a condition, in the order of the enumeration."""
    return tuple(outcome for outcome in Outcome if wanted(TRAITS[outcome]))


def sql_list(wanted: Callable[[Traits], bool]) -> str:
    """Return the outcomes whose traits meet a condition as an SQL list: `('ok', 'not_modified')`."""
    return "(" + ", ".join(f"'{outcome}'" for outcome in having(wanted)) + ")"


class Cause(StrEnum):
    """Why a visit that was read has its outcome, where the status line does not say so. Column `cause` of `visits`."""

    EMPTY = "nothing_found"
    WALL = "wall"
    LOGIN = "redirect_to_login"
    HOME = "redirect_to_home"
    SOFT_404_RULE = "gone_rule"
    SOFT_404_ALIKE = "like_a_missing_page"
    NOT_DECODED = "not_decoded"
    NOT_RENDERED = "not_rendered"
    NO_LIST = "no_list"
    NO_FILE = "no_file"
    FALSE_304 = "false_304"
    PARTLY_READ = "partly_read"
    DOUBTFUL = "doubtful"
    SHARED_TEXT = "shared_text"
    BROKEN = "broken"
    READER_FAILED = "reader_failed"
    READER_DIED = "reader_died"

    @property
    def is_ours(self) -> bool:
        """Whether the capture was not read, for a fault of this program; it says nothing about the page."""
        return self in (Cause.READER_FAILED, Cause.READER_DIED)

    @property
    def is_doubt(self) -> bool:
        """Whether what the visit shows makes no version until it is decided whether it is the page."""
        return self in (Cause.DOUBTFUL, Cause.BROKEN)


DOUBTFUL_CAUSES: frozenset[str] = frozenset(each for each in Cause if each.is_doubt)
DOUBTS = "(" + ", ".join(f"'{each}'" for each in Cause if each.is_doubt) + ")"
"""The causes of doubtful visits as an SQL list."""


CAUSE_TEXT: dict[Cause, str] = {
    Cause.EMPTY: "nothing was found to read; does the profile still fit?",
    Cause.WALL: "a captcha, a login, or an error message instead of the page",
    Cause.LOGIN: "redirects to a login",
    Cause.HOME: "redirects to the site's home page",
    Cause.SOFT_404_RULE: "the page says that it is not there",
    Cause.SOFT_404_ALIKE: "reads like a page that is not there",
    Cause.NOT_DECODED: "the body cannot be decoded",
    Cause.NOT_RENDERED: "no browser could show the page, and the profile wants what a browser makes of it",
    Cause.NO_LIST: "not a sitemap or feed, so nothing was read",
    Cause.NO_FILE: "something else instead of the file; it makes no version",
    Cause.FALSE_304: "the server answered 304, but the bytes had changed under the same validator",
    Cause.PARTLY_READ: "some fields could not be read here; their last values are kept",
    Cause.DOUBTFUL: "doubtful: a tiny text that shares nothing with the page; a version only when another visit agrees",
    Cause.SHARED_TEXT: "the same tiny text stands at other addresses of the site, instead of their content",
    Cause.BROKEN: "doubtful: the rules of the profile seem to misread the page; no version until that is decided",
    Cause.READER_FAILED: "archiver could not read it; the capture is kept and read again by a newer version",
    Cause.READER_DIED: "the process that read it died; the capture is kept and tried again by the next command",
}
