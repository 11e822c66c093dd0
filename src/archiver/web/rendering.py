"""Templates: the Jinja environment, its filters, and what every template sees."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from archiver.app.browsing.summary import ArchiveSummary
from archiver.text.clean import printable
from archiver.web.links import digits
from archiver.web.moments import day_heading, duration, span_words, time_tag

_TITLE = 300  # characters of a title that are shown
_THOUSAND, _WHOLE = 1000, 100


@cache
def environment() -> Environment:
    """Return the environment of all templates. Everything that is not Markup is escaped."""
    made = Environment(
        loader=PackageLoader("archiver.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "time": _time,
        "day": _day,
        "date": _date,
        "day_heading": day_heading,
        "num": number,
        "counted": counted,
        "size": size,
        "short": short,
        "printable": shown,
        "digits": digits,
        "digest": digest,
        "address": address,
        "percent": percent,
        "span": seconds_span,
    }
    made.globals |= {"duration": duration, "asset": asset}
    return made


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return a template, filled."""
    return environment().get_template(template).render(values)


@pass_context
def _time(context: Context, moment: str | None, site: str | None = None) -> Markup:
    return time_tag(moment, context["now"], _zone(context, site))


@pass_context
def _day(context: Context, moment: str | None, site: str | None = None) -> Markup:
    """Return only the day; with the year if it is not the present one."""
    return time_tag(moment, context["now"], _zone(context, site), hour=False)


@pass_context
def _date(context: Context, moment: str | None, site: str | None = None) -> Markup:
    """Return only the day, always with its year."""
    return time_tag(moment, context["now"], _zone(context, site), hour=False, year=True)


def _zone(context: Context, site: str | None) -> str:
    summary: ArchiveSummary | None = context.get("summary")
    return summary.zone(site) if summary is not None and site else ""


def number(value: float | None) -> str:
    """Return a number with thin spaces between thousands; "–" for None."""
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: `1 page`, `2 pages`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def size(count: int | None) -> str:
    """Return a number of bytes in its unit: `4.6 MB`; "–" for None."""
    if count is None:
        return "–"
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < _THOUSAND:
            break
        amount, unit = amount / _THOUSAND, larger
    digits_after = 0 if unit == "B" or amount >= _WHOLE else 1
    return f"{amount:.{digits_after}f}\u202f{unit}"


def seconds_span(seconds: float) -> str:
    """Return a number of seconds in words, whatever its sign: `3 days`."""
    return span_words(timedelta(seconds=abs(seconds)))


def percent(share: float) -> str:
    """Return a share of 1 in per cent."""
    return f"{share:.0%}"


def shown(text: str | None, limit: int = _TITLE) -> str:
    """Return their text on one line, without control characters, cut with `…`."""
    return printable(text or "", limit)


def short(text: str | None, limit: int = 80) -> str:
    """Return their text on one line, cut for a narrow place."""
    return printable(text or "", limit)


def digest(hexes: str | None) -> Markup:
    """Return the first 12 digits of a digest; the title has all of them."""
    if not hexes:
        return Markup()
    return Markup('<span class="mono" title="{}">{}…</span>').format(hexes, hexes[:12])


def address(url: str | None) -> str:
    """Return an address as people read it; the link keeps its exact bytes."""
    from archiver.text.shown_address import shown_address  # noqa: PLC0415  (start-up)

    return printable(shown_address(url or ""), 2_000)


@cache
def asset(name: str) -> str:
    """Return the first digits of a static file's digest, for its address."""
    from hashlib import sha256  # noqa: PLC0415  (start-up)

    return sha256(files("archiver.web").joinpath("static", name).read_bytes()).hexdigest()[:8]


def frame(summary: ArchiveSummary | None, now: datetime) -> dict[str, Any]:
    """Return what every template sees besides its own values."""
    return {"summary": summary, "now": now}
