"""Keeps the health of each crawl at its end, so that a report of an old run shows the health that it had then."""

from archiver.app.watching.alarm import Alarm
from archiver.app.watching.health import FieldHealth, Health, Share, health_of
from archiver.app.watching.page_groups import Group
from archiver.store.archive import Store
from archiver.store.kept_health import KeptAlarm, KeptShare
from archiver.store.run_report_queries import RunRow


def keep_health(store: Store, run_id: int) -> None:
    """Compute the health of a run that has ended, and keep it."""
    run = store.run_reports.run(run_id)
    if run is None:
        return
    health = health_of(store, [run])
    shares = [
        KeptShare(
            each.group.kind,
            each.field,
            each.values.read,
            each.values.found,
            each.values.before_read,
            each.values.before_found,
        )
        for each in health.fields
    ]
    alarms = [KeptAlarm(each.alarm, each.kind, each.field, each.since, each.told, each.url) for each in health.alarms]
    with store.transaction():
        store.run_reports.kept_health.keep(run_id, shares, alarms)


def kept_health_of(store: Store, run: RunRow) -> Health | None:
    """Return the health that was kept of a run; None when none was."""
    kept = store.run_reports.kept_health.of(run.run_id)
    if kept is None:
        return None
    shares, alarms = kept
    fields = [
        FieldHealth(Group(each.kind), each.field, Share(*each[2:], expected=0, kept=0, last_visit=0, example=""))
        for each in shares
    ]
    return Health(
        fields,
        [Alarm(each.what, run.site, each.problem, each.kind, each.field, each.since, each.url) for each in alarms],
    )
