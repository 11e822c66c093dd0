"""Faults on demand, to test a crawler."""

import re
from dataclasses import dataclass, field


@dataclass
class PlannedFault:
    """A fault for matching addresses and a number of requests (None = without end).

    Attributes:
        kind: status, slow, drop (no response), cut (body shorter than announced), endless (body without end).
        seconds: the delay of `slow`.
    """

    pattern: re.Pattern[str]
    kind: str
    times: int | None = None
    status: int = 503
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


class PlannedFaults:
    """The active faults."""

    def __init__(self) -> None:
        self._faults: list[PlannedFault] = []

    def add(self, fault: PlannedFault) -> None:
        """Add a fault."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()

    def next(self, path: str) -> PlannedFault | None:
        """Return the fault for this request, and count it."""
        for fault in self._faults:
            if fault.times != 0 and fault.pattern.search(path):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
