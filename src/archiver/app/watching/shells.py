"""The alarm of a site whose pages are the shells of scripts: what a crawl reads of them is nothing."""

from archiver.app.watching.alarm import Alarm
from archiver.extract.shell import SHELL
from archiver.store.archive import Store
from archiver.store.run_report_queries import RunRow
from archiver.text.clean import counted

SHELLS = "shells"
_MOST = 0.5
_PAGES = 200


def shells_of(store: Store, run: RunRow) -> list[Alarm]:
    """Return an alarm when most of the pages that were visited last, up to the end of a run, look like shells."""
    found = store.browsing.health.noted(run.site_id, run.run_id, SHELL, _PAGES)
    if not found.pages or found.noted <= _MOST * found.pages:
        return []
    they = (
        "looks like the shell of a script, and has" if found.noted == 1 else "look like the shell of a script, and have"
    )
    told = f"{found.noted} of {counted(found.pages, 'page')} {they} nothing to read"
    return [Alarm(SHELLS, run.site, told, url=found.example)]
