"""The page `Silent edits`: edits that pages do not own up to, and claims of edits without one."""

from dataclasses import asdict, replace

from archiver.app.browsing.silent import KINDS, SilentChoice, silent_edits
from archiver.app.watching.page_events import EventFilter
from archiver.model.record import FIELDS
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.parameters import text_of

_MOST_ROWS = 1_000
_SQL = (
    "SELECT site, url, kind, claim, modified_after, field, nature, context, not_before, not_after FROM silent_edits "
    "WHERE cause IS NULL AND claim NOT IN ('none', 'unknown') ORDER BY not_after DESC LIMIT 50"
)


def silent(request: PageRequest) -> Answer:
    """Answer the page."""
    chosen = SilentChoice(
        text_of(request, "site"),
        text_of(request, "kind"),
        text_of(request, "field"),
        text_of(request, "since"),
        text_of(request, "before"),
        untold=request.query.get("untold") == "1",
    )
    found = silent_edits(request.archive, chosen)
    asked = {name: getattr(chosen, name) for name in ("site", "kind", "field", "since")}
    asked |= {"untold": "1" if chosen.untold else None}
    edits = [{"day": each.not_after[:10], **asdict(each)} for each in found.edits]
    data = {**asked, "untold": chosen.untold, "before": chosen.before, "edits": edits, "next_before": found.before}
    rows = None
    if request.ext == "csv":
        more = silent_edits(request.archive, replace(chosen), _MOST_ROWS).edits
        rows = [{name: value for name, value in asdict(each).items() if name != "told"} for each in more]
    feed = EventFilter(
        (chosen.site,) if chosen.site else (),
        fields=(chosen.field,) if chosen.field else (),
        without=request.archive.embargoed_pages(),
        silent=True,
    )
    return PageAnswer(
        "silent.html",
        "Silent edits",
        data,
        rows=rows if request.ext == "csv" else (),
        feed=feed,
        context={"asked": asked, "kinds": KINDS, "fields": list(FIELDS)},
        sql=_SQL,
    )
