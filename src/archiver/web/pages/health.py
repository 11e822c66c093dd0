"""The page `Health`: is each site still read right, and what comes next?"""

from dataclasses import asdict
from typing import Any

from archiver.app.browsing.health import A_PART, HealthMatrix, failures, manners, matrix, runs, unread
from archiver.app.browsing.site_names import demand_site, site_names
from archiver.app.watching.current_alarms import current_alarms
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.parameters import number_of, text_of
from archiver.web.svg.run_bars import run_bars
from archiver.web.svg.shares import share_bars, whole_percent

_SQL = (
    "SELECT site, run_id, kind, field, found, read, before_found, before_read FROM health "
    "ORDER BY run_id DESC LIMIT 100"
)


def health(request: PageRequest) -> Answer:
    """Answer the page."""
    archive, site = request.archive, text_of(request, "site")
    demand_site(archive, site)
    alarms = current_alarms(archive, site)
    table = matrix(archive, alarms, site)
    sites = list(dict.fromkeys(row.site for row in table.rows)) or site_names(archive)
    shown = site or (sites[0] if sites else None)
    ran = runs(archive, shown) if shown else []
    part = number_of(request, "part")
    parts = max(1, -(-len(table.rows) // A_PART))
    part = min(max(1, part), parts)
    data: dict[str, Any] = {
        "site": site,
        "alarms": [alarm.as_json() for alarm in alarms],
        "sites": len(sites),
        "in_alarm": len({alarm.site for alarm in alarms}),
        "fields": list(table.fields),
        "matrix": [asdict(row) for row in table.rows[(part - 1) * A_PART : part * A_PART]],
        "part": part,
        "parts": parts,
        "shown": shown,
        "runs": ran,
        "manners": asdict(manners(archive, shown)) if shown else None,
        "failures": failures(archive, site),
        "unread": [each for each in unread(archive) if site in (None, each["site"])],
    }
    return PageAnswer(
        "health.html",
        "Health",
        data,
        rows=_rows(table),
        context={
            "chart": run_bars(ran, f"Visits of the last {len(ran)} runs of {shown} by outcome"),
            "bars": share_bars,
            "whole_percent": whole_percent,
            "every_site": sites,
        },
        sql=_SQL,
    )


def _rows(table: HealthMatrix) -> list[dict[str, Any]]:
    return [
        {"site": row.site, "kind": row.kind, "run_id": row.run_id, "started_at": row.started_at, **asdict(cell)}
        for row in table.rows
        for cell in row.cells.values()
    ]
