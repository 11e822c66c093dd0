"""The door to trafilatura: the body of a page for which no rule gives one. It takes thirty times all else."""

import logging
from collections.abc import Callable
from importlib.util import find_spec

from archiver.text.clean import line, paragraphs

RULE = "fallback:trafilatura"
MOST_CHARACTERS = 5_000_000
_LONGEST_REASON = 200
_NEEDED = ("trafilatura", "justext", "lxml_html_clean")
"""Packages without which it cannot be imported. They are looked for, not imported: that would take half a second."""

Guess = Callable[[str, str], str]
"""Takes the HTML of a page and its address, and returns its main text as trafilatura sees it ("" for none)."""


class FallbackFailed(Exception):
    """Trafilatura could not be asked, or broke: whether the page has a body is not known. The message says why."""


def is_installed() -> bool:
    """Whether this installation has all that the last fallback needs."""
    return all(find_spec(name) is not None for name in _NEEDED)


def unasked(reason: str) -> str:
    """What a record says when the body is not known for a fault of ours."""
    return f"body: not read, the last fallback failed here ({reason[:_LONGEST_REASON]})"


def guess_text(html: str, url: str) -> str:
    """Return the main text of a page as trafilatura sees it, in normal form; "" when it sees none.

    Raises:
        FallbackFailed: a package of it is missing, or it broke on this page.
    """
    try:
        import trafilatura  # noqa: PLC0415  (takes half a second)

        logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # its log is about pages, not about us
        found = trafilatura.bare_extraction(  # a tenth faster than `extract`, which renders the text again
            html[:MOST_CHARACTERS],
            url=url or None,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=False,
        )
    except Exception as error:  # a guess by foreign code on a foreign page: whatever it is, the rest of the page stands
        raise FallbackFailed(f"{type(error).__name__}: {error}") from error
    text = (found.get("text") if isinstance(found, dict) else getattr(found, "text", None)) or ""
    return paragraphs([line(part) for part in text.split("\n")])
