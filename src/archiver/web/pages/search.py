"""The page search: not built yet."""

from archiver.errors import UsageError
from archiver.web.answer import Answer, PageRequest


def search(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")
