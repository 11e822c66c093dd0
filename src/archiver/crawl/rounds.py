"""Divides a batch of visits into rounds in which each page occurs once: judging needs the state before a visit."""

from collections.abc import Callable, Iterator, Sequence

from archiver.crawl.fetched import Fetched
from archiver.crawl.judge import Visit
from archiver.model.clock import written

Item = tuple[Visit, Fetched]


def rounds(items: Sequence[Item], last_visits: Callable[[list[int]], dict[int, str]]) -> Iterator[list[Item]]:
    """Yield batches in which each page occurs once, in the order of visits.

    Out-of-order visits of a page that occurs more than once come first, one batch per page.

    Args:
        items: the visits.
        last_visits: returns when pages were visited last (UTC text), by page id.
    """
    by_page: dict[int, list[Item]] = {}
    for item in items:
        by_page.setdefault(item[0].kept.page_id, []).append(item)
    repeated = [page for page, visits in by_page.items() if len(visits) > 1]
    last = last_visits(repeated) if repeated else {}
    for page in repeated:
        out_of_order = [item for item in by_page[page] if written(item[0].kept.visited_at) < last.get(page, "")]
        if out_of_order:
            yield out_of_order
        by_page[page] = [item for item in by_page[page] if item not in out_of_order]
    for place in range(max(map(len, by_page.values()), default=0)):
        yield [visits[place] for visits in by_page.values() if len(visits) > place]
