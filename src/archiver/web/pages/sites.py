"""The pages `Sites` and that of one site."""

from dataclasses import asdict
from typing import Any

from archiver.app.browsing.sites import SiteNumbers, site_page
from archiver.app.browsing.sites import sites as read_sites
from archiver.app.watching.page_events import EventFilter
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.shown_sql import sql_text

_SQL = "SELECT site, title, home, language, timezone, pages, last_run FROM sites ORDER BY site"


def sites(request: PageRequest) -> Answer:
    """Answer the list of sites."""
    found = read_sites(request.archive)
    rows = [_flat(each) for each in found]
    return PageAnswer("sites.html", "Sites", {"sites": [asdict(each) for each in found]}, rows=rows, sql=_SQL)


def site(request: PageRequest) -> Answer:
    """Answer the page of one site."""
    name = request.path["site"]
    found = site_page(request.archive, name)
    data = {"site": name, **asdict(found), "alarms": [alarm.as_json() for alarm in found.alarms]}
    return PageAnswer(
        "site.html",
        found.numbers.title or name,
        data,
        rows=found.sections,
        feed=EventFilter((name,), without=request.archive.embargoed_pages()),
        sql="SELECT kind, section, count(*) AS pages FROM pages "
        f"WHERE site = {sql_text(name)} GROUP BY 1, 2 ORDER BY 3 DESC",
    )


def _flat(each: SiteNumbers) -> dict[str, Any]:
    """Return the numbers as a row of a table: the last run as its time."""
    row = {name: value for name, value in asdict(each).items() if name != "states"}
    return row | {"last_run": (each.last_run or {}).get("started_at")}
