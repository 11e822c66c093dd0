"""Ways to fail on demand, so that a crawler can be tried against them."""

import re
from dataclasses import dataclass, field


@dataclass
class PlannedFault:
    """One way to fail, for addresses that match, so many times (None = for ever).

    Attributes:
        kind: status, slow, drop (no answer), cut (body shorter than announced), endless (body without end).
        seconds: how long `slow` waits.
    """

    pattern: re.Pattern[str]
    kind: str
    times: int | None = None
    status: int = 503
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


class PlannedFaults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[PlannedFault] = []

    def add(self, fault: PlannedFault) -> None:
        """Put a fault in force."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Work as usual again."""
        self._faults.clear()

    def next(self, path: str) -> PlannedFault | None:
        """The fault this request meets, used up by one."""
        for fault in self._faults:
            if fault.times != 0 and fault.pattern.search(path):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
