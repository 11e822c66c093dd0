"""Today: what happened since the visitor last looked, and whether everything was looked at."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from archiver.app.browsing.days import shifted
from archiver.app.browsing.today import Today, TodayQuestion, feed_filter
from archiver.app.browsing.today import today as today_of
from archiver.web.answer import Answer, PageAnswer, PageRequest, Redirect
from archiver.web.event_cells import event_cells
from archiver.web.links import digits
from archiver.web.moments import day_heading, parsed
from archiver.web.shown_sql import sql_equal
from archiver.web.svg.bars import day_bars

COOKIE = "look"
_LOOK = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_KEPT = 400 * 86_400  # seconds that a browser keeps the visitor's last look
_NAMES = ("words", "figures", "byline", "media", "order", "typography", "gone", "back", "moved", "redesign", "new")
_KINDS = ("gone", "back", "moved", "redesign", "new")
_KEEPS = ("since", "site", "kind", "nature", "field")


def today(request: PageRequest) -> Answer:
    """Answer the page. `?seen=` marks all as seen up to a moment, in a cookie that only this page reads.

    It leads to the address without it, so that an address that is sent to somebody does not move their last look.
    """
    query = request.query
    if "seen" in query and request.ext == "html":
        rest = {name: value for name, value in query.items() if name != "seen"}
        return Redirect(request.links.to("today", **rest), 303, _cookie(request))
    asked = TodayQuestion(
        since=query.get("since", ""),
        last_look=_moment(request.cookies.get(COOKIE, "")),
        site=query.get("site") or None,
        kind=query.get("kind") or None,
        label=query.get("nature") or None,
        field=query.get("field") or None,
        day=query.get("day") or None,
        section=query.get("section"),
        cursor=query.get("cursor", ""),
    )
    found = today_of(request.archive, asked)
    data = {"site": asked.site, "day": asked.day, **found.as_json()}
    return PageAnswer(
        "today.html",
        day_heading(asked.day) if asked.day else "Today",
        data,
        rows=_rows(data),
        feed=feed_filter(request.archive, asked) if request.ext in ("html", "atom") else None,
        context=_context(request, asked, found) if request.ext == "html" else {},
        sql=_sql(asked, found),
    )


def _moment(look: str) -> str:
    """Return a moment of 14 digits as UTC text; "" if it is none."""
    found = _LOOK.fullmatch(look)
    if found is None:
        return ""
    text = "{}-{}-{} {}:{}:{}".format(*found.groups())
    try:
        parsed(text)
    except ValueError:
        return ""
    return text


def _cookie(request: PageRequest) -> dict[str, str]:
    look = request.query["seen"] if _moment(request.query["seen"]) else ""
    age = _KEPT if look else 0
    path = f"{request.links.base}/"
    return {"Set-Cookie": f"{COOKIE}={look}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Lax"}


def _context(request: PageRequest, asked: TodayQuestion, found: Today) -> dict[str, Any]:
    here: dict[str, Any] = {name: request.query.get(name) for name in _KEEPS}
    to = request.links.to
    look = found.since if found.since_is == "look" else ""
    bars = day_bars(found.bars, lambda day: to("today", **{**here, "day": day, "since": None}), look, "30 days")
    last = found.watched.last_visit
    return {
        "bars": bars,
        "lead": lead(found, request.now),
        "place": lambda **values: to("today", **{**here, **values}),
        "show": _show(request, found, asked),
        "seen": to("today", seen=_second_after(last), site=asked.site) if last else "",
        "neighbours": _neighbours(asked.day),
        "filtered": asked.kind or asked.label or asked.field,
    }


def lead(found: Today, now: datetime) -> dict[str, Any]:
    """Return the parts of the first sentence: when, and the counts that are not zero, each with whether it is bold."""
    names = (("edited", "edit"), ("gone", "gone"), ("back", "back"), ("moved", "moved"), ("new", "new"))
    counts = found.counts.by_name
    parts = []
    for name, word in (*names, ("redesign", "redesign")):
        if count := counts.get(name, 0):
            has_plural = name in ("edited", "redesign") and count > 1
            parts.append({"count": count, "word": word + "s" * has_plural, "kind": name, "is_bold": name != "new"})
    return {"when": when(found, now), "parts": parts}


def when(found: Today, now: datetime) -> str:
    """Return from when on events are told: `Since Friday`, `Since 25 November 2022`, `In the 7 days to 2 December`."""
    since, last = parsed(found.since), found.watched.last_visit
    if found.since_is == "usual" and last and now - parsed(last) > timedelta(days=7):
        return f"In the 7 days to {_day_words(parsed(last))}"
    if timedelta() <= now - since < timedelta(days=6) and since.date() != now.date():
        return f"Since {since:%A}"
    return f"Since {since:%H:%M}" if since.date() == now.date() else f"Since {_day_words(since)}"


def _day_words(at: datetime) -> str:
    return f"{at.day} {at:%B} {at.year}"


def _second_after(moment: str) -> str:
    return digits(f"{parsed(moment) + timedelta(seconds=1):%Y-%m-%d %H:%M:%S}")


def _show(request: PageRequest, found: Today, asked: TodayQuestion) -> list[dict[str, Any]]:
    """Return the filters with their counts: those with events, and typography, which is listed only on request."""
    counts = {**found.counts.by_name, "typography": found.counts.typography}
    shown = []
    for name in _NAMES:
        if not counts.get(name) and name not in ("typography", asked.kind, asked.label):
            continue
        filters = {"kind": name} if name in _KINDS else {"nature": name}
        place = request.links.to("today", since=request.query.get("since"), site=asked.site, **filters)
        is_now = name in (asked.kind, asked.label)
        shown.append({"name": name, "count": counts.get(name, 0), "place": place, "is_now": is_now})
    return shown


def _neighbours(day: str | None) -> dict[str, str]:
    return {"before": shifted(day, -1), "after": shifted(day, 1)} if day else {}


def _rows(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each listed event: edits field by field."""
    for day in data["days"]:
        for group in day["groups"]:
            yield from event_cells(group["rows"])


def _sql(asked: TodayQuestion, found: Today) -> str:
    since = f"not_after >= '{found.since}'"
    if asked.day:
        since = f"substr(not_after, 1, 10) = '{asked.day}'"
    nature = asked.label if asked.label != "byline" else None
    wanted = (("site", asked.site), ("kind", asked.kind), ("field", asked.field), ("nature", nature))
    conditions = [since, *sql_equal(wanted)]
    return f"SELECT * FROM events WHERE {' AND '.join(conditions)} ORDER BY not_after DESC"
