"""An alarm: what is wrong with a site, where, since when, and how it is mended."""

from dataclasses import asdict, dataclass

EXIT = 5
"""The exit code of a command that raised an alarm and met nothing worse."""

_EDIT = "`archiver site test {site}`, then edit the rules of {field} in the profile"
_MENDS = {
    "field": _EDIT + ", or remove them if the site has dropped it",
    "body": _EDIT,
    "required": _EDIT,
    "errors": "open the page in a browser; if the site has moved, edit home, start and scope in the profile of {site}",
    "blocked": "open the page in a browser; if it lets you in, slow down (delay) or name yourself (contact) in the "
    "profile of {site}, or ask the site to let you in",
    "refused": "`archiver site robots {url}`, and ask the site to let you in",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a person must mend.

    Attributes:
        alarm: field, body, required (of a kind's pages); errors, blocked, refused (of the whole site).
        told: what is seen, in words.
        kind: the kind of pages, with the line of its table in the profile where there are several; None: all pages.
        since: when all was well for the last time (UTC); None when it never was.
        url: a page to look at.
    """

    alarm: str
    site: str
    told: str
    kind: str | None = None
    field: str | None = None
    since: str | None = None
    url: str | None = None

    @property
    def mend(self) -> str:
        """What to do."""
        return _MENDS[self.alarm].format(site=self.site, field=self.field, url=self.url)

    @property
    def line(self) -> str:
        """All of it in one line that can be looked for."""
        where = ": ".join(part for part in (self.kind, self.field) if part)
        since = f"last well at {self.since} UTC" if self.since else "never well"
        parts = (f"{where}: {self.told}" if where else self.told, since, f"e.g. {self.url}", f"mend: {self.mend}")
        return f"{self.site}: alarm: " + "; ".join(parts)

    def as_json(self) -> dict[str, object]:
        """One of `alarms` in the JSON of `report`, `crawl` and `site health`."""
        return asdict(self) | {"mend": self.mend}
