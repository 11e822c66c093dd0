"""Events of running work. The command line prints them as progress or JSON."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.model.capture import Capture, Outcome
from archiver.model.version import Decision


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit was stored and read. `decision` is None when there was nothing to read."""

    site: str
    url: str
    visit_id: int
    page_id: int
    capture: Capture
    outcome: Outcome
    decision: Decision | None
    known: int
    due: int


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
