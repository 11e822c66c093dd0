"""Bars of the visits of runs, in three lanes: answered, pages proven gone, failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from archiver.web.svg.shared import HATCH

_TOP, _BASE = 56.0, 58.0  # the height of the tallest bar, and the line that it stands on
_LANES = ((61.0, 14.0), (79.0, 14.0))  # top and most height of the lanes below the line
_FEWEST = 36  # places, so that few runs have narrow bars, too
_BAR = Markup('<rect {} x="{:.2f}%" y="{:.1f}" width="{:.2f}%" height="{:.1f}">{}</rect>')
_KINDS = (Markup('class="abs" fill="url(#runs)"'), Markup('class="b2"'))


def run_bars(runs: Sequence[Mapping[str, Any]], name: str) -> Markup:
    """Return the bars as SVG.

    Args:
        runs: in order, each with started_at, answered, gone and errors.
        name: what the chart is, for readers that do not see it.
    """
    if not runs:
        return Markup()
    most = max(1, *(run["answered"] for run in runs))
    lanes = [max(1, *(run[lane] for run in runs)) for lane in ("gone", "errors")]
    step = 100 / max(len(runs), _FEWEST)
    parts = []
    for number, run in enumerate(runs):
        told = Markup("<title>{}</title>").format(
            f"{run['started_at']}: {run['answered']} answered, {run['gone']} gone, {run['errors']} failed"
        )
        left, wide = number * step + step * 0.1, step * 0.8
        if run["answered"]:
            high = max(1.0, _TOP * run["answered"] / most)
            parts.append(_BAR.format(Markup('class="b3"'), left, _BASE - high, wide, high, told))
        for count, whole, (top, deep), kind in zip((run["gone"], run["errors"]), lanes, _LANES, _KINDS, strict=True):
            if count:
                parts.append(_BAR.format(kind, left, top, wide, max(2.0, deep * count / whole), told))
    head = Markup('<svg height="96" role="img" aria-label="{}">{}').format(name, HATCH.format("runs"))
    return head + Markup().join(parts) + Markup('<line class="base" x1="0" x2="100%" y1="59" y2="59"/></svg>')
