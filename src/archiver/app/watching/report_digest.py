"""Reports as a digest with the changed words, ready to be mailed: plain text, and one HTML page without other files."""

from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import urlsplit

from archiver.app.watching.changed_words import as_html
from archiver.app.watching.digest import (
    EventDigest,
    Story,
    bracket,
    digest,
    heading,
    label,
    listed,
    story_lines,
    wrapped,
)
from archiver.app.watching.page_events import EventFilter, PageEvent, page_events
from archiver.app.watching.report import Report
from archiver.app.watching.report_text import headline
from archiver.store.archive import Store
from archiver.text.clean import printable

_STYLE = (
    "body{font:16px/1.5 Georgia,serif;max-width:44em;margin:1em auto;padding:0 1em;overflow-wrap:anywhere}"
    "h1{font-size:1.3em}h2{font-size:1.1em;border-top:1px solid #ccc;padding-top:.6em}h3{font-size:1em;margin:1em 0 0}"
    "p{margin:.2em 0}.meta{color:#666;font-size:.85em}.alarm{background:#fbe4e1;padding:.5em}"
    "ins{background:#d7f5dd;text-decoration:none}del{background:#fbdfdf}"
)
_LONGEST_HTML = 2_000  # characters of an edit


def digest_of(store: Store, reports: Sequence[Report]) -> EventDigest:
    """Return what the runs of some reports found, without edits of typography alone."""
    runs = [run for report in reports for run in report.runs]
    since = min((run.started_at for run in runs), default=None)
    return digest(page_events(store, EventFilter(runs=tuple(run.run_id for run in runs), since=since)))


def digest_text(reports: Sequence[Report], found: EventDigest, most: int | None = None) -> Iterator[str]:
    """Yield lines of at most 78 columns, but for long addresses: alarms first, then each site with its pages.

    `most`: the most pages of each kind of event and site.
    """
    yield from wrapped(_title(found))
    yield ""
    for report in reports:
        for alarm in report.alarms:
            yield from wrapped(printable(alarm.line, 2000))
            yield ""
    sites = {site.site: site for site in found.sites}
    for report in reports:
        yield report.site
        yield "=" * min(len(report.site), 78)
        yield from wrapped(printable(headline(report), 2000))
        for story in listed(sites[report.site], most) if report.site in sites else ():
            yield ""
            for line in [story] if isinstance(story, str) else story_lines(story):
                yield from wrapped(line)
        yield ""


def digest_html(reports: Sequence[Report], found: EventDigest, most: int | None = None) -> Iterator[str]:
    """Yield the same as a page of HTML. All text from the web is escaped; it needs no other file and has no script."""
    title = escape(_title(found))
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n"
        f"<h1>{title}</h1>\n"
    )
    for report in reports:
        for alarm in report.alarms:
            yield f'<p class="alarm">{escape(printable(alarm.line, 2000))}</p>\n'
    sites = {site.site: site for site in found.sites}
    for report in reports:
        yield f'<h2>{escape(report.site)}</h2>\n<p class="meta">{escape(printable(headline(report), 2000))}</p>\n'
        for story in listed(sites[report.site], most) if report.site in sites else ():
            yield f"<p>{escape(story)}</p>\n" if isinstance(story, str) else _story(story)
    yield "</body></html>\n"


def _title(found: EventDigest) -> str:
    counts = "; ".join(f"{site.site}: {site.summary}" for site in found.sites)
    return f"archiver: {counts or 'nothing changed'}"


def _story(story: Story) -> str:
    first = story.first
    language = f' lang="{escape(first.language)}"' if first.language else ""
    if first.kind == "redesign":
        return f"<h3>{escape(heading(first))}</h3>\n"
    edits = "".join(_edit(each, language) for each in story.edits) if first.kind == "edited" else ""
    shown = _link(first.context) if first.kind == "moved" else escape(printable(first.context))
    shown = "" if first.kind == "edited" else shown
    return (
        f"<h3{language}>{escape(heading(first))}</h3>\n"
        f'<p class="meta">{"<br>also ".join(map(_link, (first.url, *story.also)))}<br>{escape(bracket(first))}</p>\n'
        f"{edits}" + (f"<p{language if first.kind == 'new' else ''}>{shown}</p>\n" if shown else "")
    )


def _edit(event: PageEvent, language: str) -> str:
    words = as_html(event.change, _LONGEST_HTML) if event.change else ""
    return f'<p class="meta">{escape(label(event))}</p>\n<p{language}>{words}</p>\n'


def _link(url: str) -> str:
    shown = escape(printable(url, 2000))
    return f'<a href="{escape(url)}">{shown}</a>' if urlsplit(url).scheme in ("http", "https") else shown
