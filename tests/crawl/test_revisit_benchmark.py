"""A small portal, watched for forty days: what is learned pays, beside visiting all in turn and beside Nutch."""

import importlib
import random
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def revisit() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("revisit")


@pytest.fixture(scope="module")
def worlds(revisit: ModuleType) -> ModuleType:
    return importlib.import_module("worlds")


def test_more_of_the_articles_changes_are_seen_than_by_others(revisit: ModuleType) -> None:
    """By at least a tenth of them, and no page's news stays unseen for much longer."""
    world = revisit.make("portal", 1500, 40, random.Random(5))
    scores = {
        name: revisit.run(world, revisit.POLICIES[name](world, 150), 150)
        for name in ("uniform", "Nutch adaptive", "Nutch, first after 6 h", "archiver")
    }
    ours = scores["archiver"]
    for peer in ("uniform", "Nutch adaptive"):
        assert ours.content > scores[peer].content + 0.1
        assert ours.caught > scores[peer].caught
    assert ours.caught > scores["Nutch, first after 6 h"].caught
    assert ours.visits <= 151


def test_the_made_up_pages_change_as_often_as_they_should(worlds: ModuleType) -> None:
    """An article of rate 1 that cools by the power 1.5 changes twice in a long life; a steady page 30 times in 30 days."""
    chance = random.Random(2)
    articles = [worlds.changes_of(worlds.Page("article", 0.0, 1.0, 1.5), 10_000, chance) for _ in range(2000)]
    assert sum(map(len, articles)) / 2000 == pytest.approx(2, rel=0.1)
    steady = [worlds.changes_of(worlds.Page("other", 0.0, 1.0, 0.0), 30, chance) for _ in range(500)]
    assert sum(map(len, steady)) / 500 == pytest.approx(30, rel=0.05)
    slow = [worlds.changes_of(worlds.Page("article", 0.0, 1.0, 1.0), 20, chance) for _ in range(2000)]
    assert sum(map(len, slow)) / 2000 == pytest.approx(3.04, rel=0.1)
