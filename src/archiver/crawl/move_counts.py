"""Counts the pages that a run found at another address. They count neither as gone nor, there, as new."""

from collections.abc import Iterable

from archiver.crawl.follow_up import Judged
from archiver.model.version import Verdict
from archiver.store.move_rows import FoundMove
from archiver.store.runs import Tally


class MoveCounts:
    """Counts new, gone and moved pages of one run in its tally."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._new: set[int] = set()
        self._gone: set[int] = set()
        self._targets: set[int] = set()

    def add(self, judged: Judged) -> None:
        """Count a page that is new or gone, unless it is known to have moved."""
        history, page_id = judged.history, judged.history.page_id
        if history.lost and judged.state.moved_to is None:
            self._gone.add(page_id)
            self._tally.gone += 1
        is_first = history.decision is not None and history.decision.verdict is Verdict.FIRST
        if is_first and page_id not in self._targets:
            self._new.add(page_id)
            self._tally.new_pages += 1

    def found(self, moves: Iterable[FoundMove]) -> None:
        """Count moves that were found now. Their pages may be counted already."""
        for move in moves:
            self._tally.moved += 1
            self._tally.gone -= move.page_id in self._gone
            self._gone.discard(move.page_id)
            if move.to_page is not None:
                self._tally.new_pages -= move.to_page in self._new
                self._new.discard(move.to_page)
                self._targets.add(move.to_page)
