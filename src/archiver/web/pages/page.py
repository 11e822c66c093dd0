"""One page: its state, its strip of time, and its history as a table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from archiver.app.browsing.citing import citation_tags, newest_citation
from archiver.app.browsing.feeds import feed_of
from archiver.app.browsing.page_facts import page_facts
from archiver.app.browsing.page_table import HistoryTable, history_table
from archiver.app.browsing.strip import Strip, strip_of
from archiver.app.browsing.strip_marks import StripMark
from archiver.errors import UsageError
from archiver.model.clock import written
from archiver.model.moments import parse_when
from archiver.web.answer import Answer, PageAnswer, PageRequest, Redirect
from archiver.web.diff_markup import context_markup
from archiver.web.moments import parsed
from archiver.web.pages.page_sentences import (
    chips,
    edits_sentence,
    failed_words,
    pause_words,
    stood_through,
    told_silent,
)
from archiver.web.pages.shown_page import shown_page
from archiver.web.problems import demand_open
from archiver.web.svg.strip import draw

_CONTEXT = 320  # characters of the changed words of a field


def find_page(request: PageRequest) -> Answer:
    """Redirect from an address, in any spelling, or from a permalink, to its page."""
    url = request.query.get("url", "").strip()
    if not url:
        raise UsageError("no address is given; write /page?url=https://…")
    page = request.archive.page(url)
    demand_open(request.archive, page.url)
    if page.url != url and "/web/" in url[:20]:
        return Redirect(request.links.read(page.page_id, page.state_at().visited_at))
    return Redirect(request.links.to("page", page_id=page.page_id))


def page(request: PageRequest) -> Answer:
    """Answer the page of one page."""
    shown = shown_page(request)
    if pair := _chosen_pair(request):
        return Redirect(request.links.to("compare", page_id=shown.page_id, old=pair[0], new=pair[1]))
    facts = page_facts(request.archive, shown)
    since, until = _moment(request, "from"), _moment(request, "to")
    before = _moment(request, "before")
    strip = strip_of(request.archive.store, shown.page_id, since, until, visits=facts)
    table = history_table(request.archive.store, shown.page_id, since, before or until)
    data = {"page": facts, "from": since, "to": until, "strip": strip, "rows": table.rows, "older": table.older}
    data["citation"] = _citation(request, shown.page_id, facts["version"])
    return PageAnswer(
        "page.html",
        facts["title"] or facts["url"],
        data,
        rows=_cells(table),
        feed=feed_of(request.archive, page=shown.url),
        context=_context(request, facts, strip, table),
        sql=f"SELECT * FROM versions WHERE page_id = {shown.page_id} ORDER BY version DESC",
    )


def _citation(request: PageRequest, page_id: int, number: int | None) -> dict[str, Any] | None:
    """Return the permalink of the newest version and its tags; None without one, or when it was redacted."""
    cited = newest_citation(request.archive, page_id, number)
    if cited is None:
        return None
    permalink = request.links.absolute(request.links.memento(cited.captured_at, cited.url))
    return {"permalink": permalink, "tags": citation_tags(cited)}


def _moment(request: PageRequest, name: str) -> str | None:
    """Return a moment of the address as UTC text."""
    text = request.query.get(name, "").strip()
    return written(parse_when(text, request.now)) if text else None


def _chosen_pair(request: PageRequest) -> tuple[int, int] | None:
    """Return the two versions that the radio buttons of the table name, the older one first."""
    chosen = [request.query.get(name, "") for name in ("old", "new")]
    if not any(chosen):
        return None
    if not all(each.isascii() and each.isdigit() and len(each) < 12 for each in chosen):  # noqa: PLR2004
        raise UsageError("choose two versions: one in each column of buttons")
    old, new = sorted(map(int, chosen))
    return old, new


def _context(
    request: PageRequest, facts: Mapping[str, Any], strip: Strip | None, table: HistoryTable
) -> dict[str, Any]:
    newest = facts["version"] or 0
    return {
        "strip": draw(strip, lambda mark: _place(request, facts["page_id"], mark)) if strip is not None else "",
        "sentence": edits_sentence(facts),
        "words": lambda edit: context_markup(edit["context"], _CONTEXT),
        "chips": chips,
        "failed_words": failed_words,
        "pause_words": pause_words,
        "stood_through": lambda row: stood_through(row, table.rows),
        "all_silent": _is_all_silent(facts),
        "old_choice": newest - 1,
        "new_choice": newest,
        "older": _older(request, facts["page_id"], table),
        "left_out": table.left_out,
        "before": _moment(request, "before"),
    }


def _is_all_silent(facts: Mapping[str, Any]) -> bool:
    silent = facts["silent"]
    return silent is None or told_silent(silent) >= (facts["edits"] or 0)


def _place(request: PageRequest, page_id: int, mark: StripMark) -> str:
    """Return the address behind a mark: what it said, or, of many versions, their span of time."""
    if mark.kind != "group" or mark.first == mark.last:
        return request.links.read(page_id, mark.since)
    end = written(parsed(mark.until) + timedelta(seconds=1))
    return request.links.to("page", page_id=page_id, **{"from": mark.since, "to": end})


def _older(request: PageRequest, page_id: int, table: HistoryTable) -> str:
    if table.older is None:
        return ""
    kept = {name: request.query[name] for name in ("from", "to") if name in request.query}
    return request.links.to("page", page_id=page_id, before=table.older, **kept)


def _cells(table: HistoryTable) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table as CSV: one row for each changed field of a version."""
    for row in table.rows:
        values = {
            "kind": row["kind"],
            "version": row.get("version", row.get("edition")),
            "version_id": row.get("version_id"),
            "since": row.get("seen_from") or row.get("gone_by") or row.get("since"),
            "until": row.get("seen_last") or row.get("last_miss") or row.get("until"),
            "what": row.get("what") or row.get("evidence") or row.get("why") or row.get("outcome"),
        }
        edits: Sequence[Mapping[str, Any]] = row.get("edits") or ({},)
        for edit in edits:
            names = ("field", "nature", "chars_added", "chars_removed", "context", "claim", "redesign_id", "change_id")
            yield {**values, **{name: edit.get(name) for name in names}}
