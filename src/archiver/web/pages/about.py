"""The page `About the archive`."""

from dataclasses import asdict

from archiver.app.browsing.about import about as read_about
from archiver.web.answer import Answer, PageAnswer, PageRequest


def about(request: PageRequest) -> Answer:
    """Answer the page."""
    found = asdict(read_about(request.archive))
    rows = [{"what": name, "value": value} for name, value in found.items() if not isinstance(value, dict | tuple)]
    rows += [{"what": name, "value": count} for name, count in found["counts"].items()]
    return PageAnswer("about.html", "About the archive", found, rows=rows, sql="SELECT * FROM verifications")
