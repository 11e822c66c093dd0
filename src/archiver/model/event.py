"""Events of running work. The command line prints them as progress or JSON."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.model.capture import Capture, Outcome
from archiver.model.version import Decision


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit was stored and read.

    Attributes:
        decision: None when there was nothing to read.
        known, due: the number of pages on the site's frontier, and of those that the run has yet to visit.
        requisites: the addresses of what a browser needs to show it, when the profile wants them.
        kind: the kind of the page, or `requisite`.
        note: what there is to say about the visit, as in the view `visits`; "" when there is nothing.
    """

    site: str
    url: str
    visit_id: int
    page_id: int
    capture: Capture
    outcome: Outcome
    decision: Decision | None
    known: int = 0
    due: int = 0
    requisites: tuple[str, ...] = ()
    kind: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A message for the user, for example about a crawler trap or a suspended server."""

    site: str
    text: str

    @property
    def line(self) -> str:
        """Return the message as one line, with the site if there is one."""
        return f"{self.site}: {self.text}" if self.site else self.text


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a long task: `done` of `total` units (None: unknown)."""

    task: str
    done: int
    total: int | None


Event = Visited | Noticed | Progress
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """Ignore an event."""
