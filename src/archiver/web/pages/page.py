"""The page page: not built yet."""

from archiver.errors import UsageError
from archiver.web.answer import Answer, PageRequest


def find_page(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")


def page(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")
