"""The door to trafilatura: a body where no rule gave one. It costs thirty pages of ours, so only when asked."""

import logging

from archiver.extract.page import Page
from archiver.text.clean import line, paragraphs

RULE = "fallback:trafilatura"
_MOST_CHARACTERS = 5_000_000


def guessed_body(page: Page) -> str | None:
    """The main text of a page as trafilatura sees it, in normal form; None when it sees none.

    Imported here, since the import alone takes half a second, and its log is about pages, not about us.
    """
    import trafilatura  # noqa: PLC0415

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        text = trafilatura.extract(
            page.document.html[:_MOST_CHARACTERS],
            url=page.url or None,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=False,
        )
    except Exception:  # noqa: BLE001  (a guess by foreign code on a foreign page: no guess is an answer)
        return None
    return paragraphs([line(part) for part in (text or "").split("\n")]) or None
