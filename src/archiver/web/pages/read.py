"""The page read: not built yet."""

from archiver.errors import UsageError
from archiver.web.answer import Answer, PageRequest


def read(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")


def read_on(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")


def version(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")
