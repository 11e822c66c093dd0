"""Traps: endless sets of addresses, which the profile's limits of depth and pages stop."""

from collections.abc import Iterator

from archiver.model.capture import Outcome
from hostile.server import Asked, Host, Part, answer, fault, page

OK, MOVED = Outcome.OK, Outcome.MOVED


def number_of(path: str) -> int:
    """Return the number at the end of an address; 0 without one."""
    digits = path.rpartition("=")[2].rpartition("/")[2]
    return int(digits) if digits.isdigit() else 0


def leads(title: str, *targets: str) -> Iterator[Part]:
    """Return a page with links."""
    yield answer(page(title, "<p>On and on.</p>" + "".join(f"<a href='{each}'>x</a>" for each in targets)))


def calendar(asked: Asked) -> Iterator[Part]:
    """Each month links to the next and to the one before."""
    month = number_of(asked.path)
    return leads(f"Month {month}", f"/calendar?month={month + 1}", f"/calendar?month={abs(month - 1)}")


def repetition(asked: Asked) -> Iterator[Part]:
    """Each folder links to a folder of the same name: /a/a/a/…"""
    return leads("Folder", f"{asked.path}/a")


def relative(asked: Asked) -> Iterator[Part]:
    """A relative link that should start at the root, under a path that responds to everything."""
    return leads("News", f"{asked.path}/news/article")


def session(asked: Asked) -> Iterator[Part]:
    """Each link has a new session id."""
    known = number_of(asked.path)
    return leads("Session", *(f"/session?sid={known * 7 + number}" for number in range(1, 8)))


def parameters(asked: Asked) -> Iterator[Part]:
    """Each page adds one more parameter of a filter."""
    join = "&" if "?" in asked.path else "?"
    return leads("Filter", *(f"{asked.path}{join}{name}=1" for name in "abc" if f"{name}=1" not in asked.path))


def onward(asked: Asked) -> Iterator[Part]:
    """Redirect to a redirect, without end."""
    number = number_of(asked.path)
    yield answer(b"", f"Location: /onward/{number + 1}", status="302 Found")


DEPTH, PAGES = 4, 60
HOSTS = (Host("deep", "deep"), Host("wide", "wide"), Host("far", "far"))
"""Separate sites: one is stopped by depth, the others by the number of pages."""

FAULTS = (
    fault("calendar", calendar, OK, host="deep", title="Month 0"),
    fault("a", repetition, OK, host="deep", title="Folder"),
    fault("relative", relative, OK, host="deep", title="News"),
    fault("parameters", parameters, OK, host="deep", title="Filter"),
    fault("session", session, OK, host="wide", title="Session"),
    fault("onward", onward, MOVED, host="far"),
)
