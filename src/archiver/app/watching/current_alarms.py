"""The alarms that hold now, by what was kept at the end of crawls. No page is read again, so it is cheap."""

from dataclasses import replace

from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.alarm import Alarm
from archiver.app.watching.health import WINDOW_RUNS
from archiver.model.clock import written
from archiver.store.health_queries import JudgedRun


def current_alarms(archive: ArchiveReader, site: str | None = None) -> list[Alarm]:
    """Return the alarms of all sites, or of one: by site, those of the whole site first.

    An alarm of the whole site is one of its newest crawl. An alarm of a kind of pages is one of the newest crawl that
    read such pages, among the ten newest: a crawl that reads only listings says nothing about articles. The example of
    an alarm is never a page under an embargo; the home page of its site stands for it.
    """
    now = written(archive.settings.clock())
    found: list[Alarm] = []
    kinds: set[tuple[str, str]] = set()
    sites: set[str] = set()
    for run in archive.store.browsing.health.judged(site, WINDOW_RUNS):
        for alarm in _alarms(run, kinds, is_newest=run.site not in sites):
            is_hidden = alarm.url and archive.store.embargoes.is_embargoed(alarm.url, now)
            found.append(replace(alarm, url=run.home) if is_hidden else alarm)
        sites.add(run.site)
        kinds |= {(run.site, kind) for kind in run.kinds}
    return sorted(found, key=lambda alarm: (alarm.site, alarm.kind is not None))


def _alarms(run: JudgedRun, judged: set[tuple[str, str]], *, is_newest: bool) -> list[Alarm]:
    return [
        Alarm(each.what, run.site, each.problem, each.kind, each.field, each.since, each.url)
        for each in run.alarms
        if (is_newest if each.kind is None else (run.site, each.kind) not in judged)
    ]
