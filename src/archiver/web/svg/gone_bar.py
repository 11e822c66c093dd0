"""The life of a page on one line: where it was seen, and where it was proven gone."""

from markupsafe import Markup

from archiver.web.svg.shared import HATCH, TimeScale

_LEAST = 0.6  # per cent: an absence is never invisible


def gone_bar(
    span: tuple[str, str], seen: tuple[str, str], absence: tuple[str, str], back: str | None, name: str
) -> Markup:
    """Return the line as SVG.

    Args:
        span: the first and the last moment of the line (UTC text).
        seen: from when to when the page was seen before its absence.
        absence: the first and the last visit that found it gone.
        back: the first visit that found it again; None while it is gone.
        name: an identifier that is unique in the page, for the hatch.
    """
    at = TimeScale.between(*span).at
    rect = Markup('<rect {} x="{:.1f}%" y="{}" width="{:.1f}%" height="{}"/>')
    parts = [HATCH.format(name), Markup('<line class="base" x1="0" x2="100%" y1="16" y2="16"/>')]
    parts.append(rect.format(Markup('class="v"'), at(seen[0]), 6, max(_LEAST, at(seen[1]) - at(seen[0])), 10))
    hatched = Markup('class="abs" fill="url(#{})"').format(name)
    wide = max(_LEAST, at(absence[1]) - at(absence[0]))
    parts.append(rect.format(hatched, min(at(absence[0]), 100 - wide), 2, wide, 14))
    gap = Markup('<line class="br" x1="{:.1f}%" x2="{:.1f}%" y1="16" y2="16"/>')
    parts.append(gap.format(at(seen[1]), at(absence[0])))
    if back:
        parts.append(gap.format(at(absence[1]), at(back)))
        parts.append(rect.format(Markup('class="v"'), at(back), 6, max(_LEAST, 100 - at(back)), 10))
    until = f"to {back[:10]}" if back else "to now"
    head = Markup('<svg height="18" role="img" aria-label="gone from {} {}">').format(absence[0][:10], until)
    return head + Markup().join(parts) + Markup("</svg>")
