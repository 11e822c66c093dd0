"""The content that stands for one that was redacted: it has no field but a mark."""

from archiver.model.record import Content

REDACTED = "archiver:redacted"
"""The name of the mark in `Content.extra`. No profile has a field of this name."""


def redacted_content(mark: str) -> Content:
    """Return the content that stands for a redacted one. `mark`: equal for equal contents of a page."""
    return Content(extra=((REDACTED, mark),))


def is_redacted(content: Content | None) -> bool:
    """Whether a content stands for a redacted one."""
    return content is not None and any(name == REDACTED for name, _ in content.extra)
