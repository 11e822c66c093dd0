"""The only user of trafilatura: the body of a page without a rule for it. It takes 30 times as long as the rest."""

import logging
from collections.abc import Callable
from importlib.util import find_spec

from archiver.text.clean import line, paragraphs

RULE = "fallback:trafilatura"
MOST_CHARACTERS = 5_000_000
_LONGEST_REASON = 200
_NEEDED = ("trafilatura", "justext", "lxml_html_clean")
"""Packages that it needs. They are looked for, not imported: importing takes half a second."""

Guess = Callable[[str, str], str]
"""Takes the HTML and the address of a page, and returns the main text that trafilatura finds ("" for none)."""


class FallbackFailed(Exception):
    """Trafilatura could not run, or failed: whether the page has a body is unknown. The message gives the reason."""


def is_installed() -> bool:
    """Return whether this installation has all packages of the last fallback."""
    return all(find_spec(name) is not None for name in _NEEDED)


def unasked(reason: str) -> str:
    """Return the note of a record whose body the archiver could not read."""
    return f"body: not read, the last fallback failed here ({reason[:_LONGEST_REASON]})"


def guess_text(html: str, url: str) -> str:
    """Return the main text of a page that trafilatura finds, in normal form; "" when it finds none.

    Raises:
        FallbackFailed: a package is missing, or trafilatura failed on this page.
    """
    try:
        import trafilatura  # noqa: PLC0415  (importing it takes half a second)

        logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # its log is about pages, not about archiver
        found = trafilatura.bare_extraction(  # a tenth faster than `extract`, which renders the text again
            html[:MOST_CHARACTERS],
            url=url or None,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=False,
        )
    except Exception as error:  # foreign code may fail in any way on a foreign page; the other fields are kept
        raise FallbackFailed(f"{type(error).__name__}: {error}") from error
    text = (found.get("text") if isinstance(found, dict) else getattr(found, "text", None)) or ""
    return paragraphs([line(part) for part in text.split("\n")])
