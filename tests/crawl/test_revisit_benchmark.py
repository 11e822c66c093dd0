"""A simulated site for forty days: the learned revisit policy is better than visiting in turn and than Nutch."""

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


def test_more_changes_of_articles_are_seen_than_by_others(revisit: ModuleType) -> None:
    """The difference is at least 0.1 of `content`."""
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


def test_a_sitemap_that_dates_pages_rightly_helps(revisit: ModuleType) -> None:
    world = revisit.make("portal", 700, 30, random.Random(5))
    plain = revisit.run(world, revisit.Archiver(world, 100), 100)
    listed = revisit.with_sitemap(world, random.Random(6))
    honest = revisit.run(listed, revisit.Hinted(listed, 100), 100)
    assert honest.content > plain.content + 0.05
    assert honest.caught > plain.caught + 0.05


def test_a_sitemap_that_dates_all_pages_now_does_little_harm(revisit: ModuleType) -> None:
    world = revisit.make("portal", 300, 16, random.Random(5))
    plain = revisit.run(world, revisit.Archiver(world, 100), 100)
    listed = revisit.with_sitemap(world, random.Random(6), is_wrong=True)
    wrong = revisit.run(listed, revisit.Hinted(listed, 100), 100)
    assert wrong.content > plain.content - 0.1
    assert wrong.caught > plain.caught - 0.1, "it costs a request an hour"


def test_simulated_pages_have_the_right_number_of_changes(worlds: ModuleType) -> None:
    """An article with rate 1 and power 1.5 changes twice in total; a page without decay 30 times in 30 days."""
    chance = random.Random(2)
    articles = [worlds.changes_of(worlds.Page("article", 0.0, 1.0, 1.5), 10_000, chance) for _ in range(2000)]
    assert sum(map(len, articles)) / 2000 == pytest.approx(2, rel=0.1)
    steady = [worlds.changes_of(worlds.Page("other", 0.0, 1.0, 0.0), 30, chance) for _ in range(500)]
    assert sum(map(len, steady)) / 500 == pytest.approx(30, rel=0.05)
    slow = [worlds.changes_of(worlds.Page("article", 0.0, 1.0, 1.0), 20, chance) for _ in range(2000)]
    assert sum(map(len, slow)) / 2000 == pytest.approx(3.04, rel=0.1)
