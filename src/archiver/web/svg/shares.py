"""Two bars of a share: thick for now, thin and grey for before."""

from markupsafe import Markup

_BARS = Markup(
    '<svg role="img" aria-label="{}"><rect class="now1" width="{}%" height="6"/>'
    '<rect class="was1" y="8" width="{}%" height="3"/></svg>'
)


def share_bars(found: int, read: int, before_found: int, before_read: int) -> Markup:
    """Return the bars; their name says the numbers."""
    name = f"now {found} of {read}, before {before_found} of {before_read}"
    return _BARS.format(name, whole_percent(found, read), whole_percent(before_found, before_read))


def whole_percent(part: int, whole: int) -> int:
    """Return a share in per cent: 100 only for all, 0 only for none."""
    if not whole:
        return 0
    share = round(100 * part / whole)
    return min(max(share, 1 if part else 0), 100 if part >= whole else 99)
