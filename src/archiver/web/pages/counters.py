"""The page `Counters`: what gained most in a period, and which numbers fell."""

from dataclasses import asdict
from datetime import timedelta

from archiver.app.browsing.counters import CounterSeries
from archiver.app.browsing.counters import counters as read_counters
from archiver.model.clock import instant, written
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.parameters import text_of
from archiver.web.shown_sql import sql_text
from archiver.web.svg.spark import spark

_MOST_ROWS = 1_000
_PERIODS = ((1, "a day"), (7, "7 days"), (30, "30 days"), (365, "a year"))


def counters(request: PageRequest) -> Answer:
    """Answer the page."""
    name, site, since = (text_of(request, each) for each in ("name", "site", "since"))
    found = read_counters(request.archive, name, site=site, since=since)
    asked = {"name": found.name, "site": site, "since": since}
    rows = None
    if request.ext == "csv":
        many = read_counters(request.archive, name, site=site, since=since, most=_MOST_ROWS).series
        rows = [asdict(each) for each in many]
    charts = {each.page_id: _chart(each, found.since, found.until) for each in found.series}
    periods = [
        (str(days), told, request.links.to("counters", name=found.name, site=site, since=_day(found.until, days)))
        for days, told in _PERIODS
    ]
    return PageAnswer(
        "counters.html",
        "Counters",
        {"site": site, **asdict(found)},
        rows=rows if request.ext == "csv" else (),
        context={"asked": asked, "charts": charts, "periods": periods, "period": _period(found.since, found.until)},
        sql=_sql(found.name, found.since),
    )


def _chart(each: CounterSeries, since: str, until: str) -> object:
    first, last = (each.points[0][1], each.points[-1][1]) if each.points else (0, 0)
    return spark(each.points, each.gaps, since, until, f"from {first:,} to {last:,}")


def _day(until: str, days: int) -> str:
    return written(instant(until) - timedelta(days=days))


def _period(since: str, until: str) -> str:
    """Return which of the usual periods this is; "" for another one."""
    days = (instant(until) - instant(since)).total_seconds() / 86_400
    return next((str(each) for each, _ in _PERIODS if abs(days - each) < 1 / 1440), "")


def _sql(name: str | None, since: str) -> str:
    return (
        "SELECT min(url) AS url, sum(gained) AS gained FROM readings "
        f"WHERE name = {sql_text(name or 'views')} AND gained > 0 "
        f"AND read_at > '{since}' GROUP BY page_id ORDER BY gained DESC LIMIT 25"
    )
