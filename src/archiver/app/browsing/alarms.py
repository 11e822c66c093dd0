"""The alarms of the newest crawls, by site, each with what mends it."""

from dataclasses import dataclass
from typing import Any

from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.alarm import Alarm
from archiver.app.watching.current_alarms import current_alarms

_OF_READING = ("field", "body", "required")


@dataclass(frozen=True, slots=True)
class SiteAlarms:
    """The alarms of one site. `is_reading`: they say that captures are read wrongly, and no capture is lost."""

    site: str
    alarms: tuple[Alarm, ...]

    @property
    def is_reading(self) -> bool:
        """Return whether all are faults of reading."""
        return all(each.alarm in _OF_READING for each in self.alarms)

    def as_json(self) -> dict[str, Any]:
        """Return the site with its alarms and what mends each."""
        return {"site": self.site, "is_reading": self.is_reading, "alarms": [each.as_json() for each in self.alarms]}


def alarms_by_site(archive: ArchiveReader, site: str | None = None) -> list[SiteAlarms]:
    """Return the alarms that hold now of each site, or of one."""
    found: dict[str, list[Alarm]] = {}
    for alarm in current_alarms(archive, site):
        found.setdefault(alarm.site, []).append(alarm)
    return [SiteAlarms(name, tuple(alarms)) for name, alarms in found.items()]
