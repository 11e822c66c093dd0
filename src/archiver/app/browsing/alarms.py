"""The alarms of the newest crawls, by site, each with what mends it."""

from dataclasses import dataclass
from typing import Any

from archiver.app.watching.alarm import Alarm
from archiver.store.archive import Store

MOST_SITES = 3
"""The most sites whose alarms are told in full. The others are named."""
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


def alarms_by_site(store: Store, site: str | None = None) -> list[SiteAlarms]:
    """Return the alarms of the newest crawl of each site, or of one. They were kept at the end of the crawl."""
    found: dict[str, list[Alarm]] = {}
    for name, kept in store.browsing.watch.alarms():
        if site in (None, name):
            alarm = Alarm(kept.what, name, kept.problem, kept.kind, kept.field, kept.since, kept.url)
            found.setdefault(name, []).append(alarm)
    return [SiteAlarms(name, tuple(alarms)) for name, alarms in found.items()]
