"""Bars of a phrase's biography: on how many pages it stood, and where that moved."""

from collections.abc import Sequence

from markupsafe import Markup

from archiver.app.browsing.phrase_history import HistoryBin
from archiver.web.moments import parsed

_BASE, _HIGH = 66.0, 52.0
_LABELS = 6


def phrase_bars(bins: Sequence[HistoryBin], unit: str) -> Markup:
    """Return the bars as SVG; the table beneath says the same."""
    if not bins:
        return Markup()
    width, most = 100 / len(bins), max(1, *(each.pages for each in bins))
    name = f"On how many pages the phrase stood, by {unit}: {_pages(bins[0])} at first, {_pages(bins[-1])} at last"
    parts = [Markup('<svg height="86" role="img" aria-label="{}">').format(name)]
    for place, each in enumerate(bins):
        parts.append(_bar(each, place * width, width, most))
    parts.append(Markup('<line class="base" x1="0" x2="100%" y1="66" y2="66"/>'))
    step = -(-len(bins) // _LABELS)
    for number, place in enumerate(range(0, len(bins), step)):
        hidden = Markup(' class="w"') if number % 2 else Markup()
        parts.append(
            Markup('<text x="{:.2f}%" y="82"{}>{}</text>').format(place * width, hidden, label(bins[place].begin, unit))
        )
    return Markup().join(parts) + Markup("</svg>")


def label(begin: str, unit: str) -> str:
    """Return a stretch of time in words: `24 Oct`, `Oct 2022`, `2022`."""
    at = parsed(begin)
    if unit in ("day", "week"):
        return f"{at.day} {at:%b}"
    return f"{at.year}" if unit == "year" else f"{at:%b} {at.year}"


def _bar(each: HistoryBin, at: float, width: float, most: int) -> Markup:
    told = f"{each.begin}: on {_pages(each)}" + ("" if each.visited else ", not visited")
    grey = Markup('<rect class="un" x="{:.2f}%" y="0" width="{:.2f}%" height="66"/>').format(at, width)
    high = _HIGH * each.pages / most
    bar = Markup('<rect class="b1" x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}"><title>{}</title></rect>')
    shown = Markup() if each.visited else grey
    shown += bar.format(at + width * 0.08, _BASE - high, width * 0.84, high, told)
    moved = each.came - each.went
    if moved and not (each.came and each.came == each.pages and at == 0):
        mark = Markup('<text class="vn" x="{:.2f}%" y="{:.1f}">{}{}</text>')
        shown += mark.format(at + width * 0.08, _BASE - high - 4, "+" if moved > 0 else "−", abs(moved))
    return shown


def _pages(each: HistoryBin) -> str:
    return f"{each.pages} page" + ("" if each.pages == 1 else "s")
