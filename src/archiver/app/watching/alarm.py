"""An alarm: what is wrong with a site, where, since when, and how to fix it."""

from dataclasses import asdict, dataclass

EXIT = 5
"""The exit code of a command that raised an alarm and no worse error."""

_EDIT = "`archiver site test {site}`, then edit the rules of {field} in the profile"
_FIXES = {
    "field": _EDIT + ", or remove them if the site has dropped it",
    "body": _EDIT,
    "required": _EDIT,
    "drift": "`archiver site repair {site}`, or drift = false in the profile if the pages are meant to be so",
    "unfit": "`archiver site test {site}`, then edit the rules in the profile, or set drift = false there",
    "shells": "`archiver site learn {site} --listing URL` opens them in a browser, and makes a profile for such pages",
    "errors": "open the page in a browser; if the site has moved, edit home, start and scope in the profile of {site}",
    "blocked": "open the page in a browser; if it opens, raise delay or set contact in the profile of {site}, or ask "
    "the site's operator for access",
    "not_rendered": "`archiver capture --render {url}`, then correct wait and actions in the profile of {site}, or the "
    "browser",
    "refused": "`archiver site robots {url}`, and ask the site's operator for access",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A problem that a person must fix.

    Attributes:
        alarm: field, body, required, drift, unfit (of one kind of pages); errors, blocked, refused, shells,
            not_rendered (of the whole site).
        told: a description of the problem in one line.
        kind: the kind of pages, with the line of its table in the profile if there are several; None: all pages.
        since: the last time without the problem (UTC text); None if there was none.
        url: an example page.
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
        """Return what to do about it."""
        return _FIXES[self.alarm].format(site=self.site, field=self.field, url=self.url)

    @property
    def line(self) -> str:
        """Return the alarm as one line of text, which `grep` can find."""
        where = ": ".join(part for part in (self.kind, self.field) if part)
        since = f"last without this problem: {self.since} UTC" if self.since else "never without it"
        parts = (f"{where}: {self.told}" if where else self.told, since, f"e.g. {self.url}", f"fix: {self.mend}")
        return f"{self.site}: alarm: " + "; ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Return an item of `alarms` in the JSON of `report`, `crawl` and `site health`."""
        return asdict(self) | {"mend": self.mend}
