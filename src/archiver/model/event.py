"""What the work says while it runs; the command line turns it into progress, JSON or silence."""

from collections.abc import Callable
from dataclasses import dataclass

from archiver.model.capture import Capture, Outcome
from archiver.model.version import Decision


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit was kept and read. `decision` is None when there was nothing to read."""

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
    """Something a person should know: a trap cut, a profile held back, a host asked to wait."""

    site: str
    text: str

    @property
    def told(self) -> str:
        """As one line; what is of no site is said without one."""
        return f"{self.site}: {self.text}" if self.site else self.text


@dataclass(frozen=True, slots=True)
class Progress:
    """A long piece of work moved on: `done` of `total` (None when nobody knows)."""

    task: str
    done: int
    total: int | None


Event = Visited | Noticed | Progress
Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """The listener that hears nothing."""
