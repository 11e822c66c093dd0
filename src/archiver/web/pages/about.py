"""About the archive: a first page, to be replaced."""

from archiver.web.answer import Answer, PageAnswer, PageRequest


def about(request: PageRequest) -> Answer:
    """Answer the page."""
    return PageAnswer("about.html", "About the archive", {"archive": str(request.archive.store.path)})
