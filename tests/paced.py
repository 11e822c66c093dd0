"""Check the delay between requests, by a log that a busy machine may write late."""

from collections.abc import Sequence


def too_close(times: Sequence[float], delay: float, late: float = 0.3) -> list[tuple[int, int, float]]:
    """Return runs of requests with less than `delay` seconds from each to the next: first, last, seconds.

    A thread writes each line of the log; one that gets the processor `late` seconds late makes the next gap look short,
    but shortens no stretch by more than that.
    """
    ordered = sorted(times)
    return [
        (first, last, ordered[last] - ordered[first])
        for first in range(len(ordered))
        for last in range(first + 1, len(ordered))
        if ordered[last] - ordered[first] < (last - first) * delay - late
    ]
