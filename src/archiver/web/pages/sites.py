"""The page sites: not built yet."""

from archiver.errors import UsageError
from archiver.web.answer import Answer, PageRequest


def sites(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")


def site(request: PageRequest) -> Answer:
    """Answer the page."""
    raise UsageError(f"this page is not built yet: {request.path}")
