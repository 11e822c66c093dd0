"""`archiver fleet search`: full text over all shards, merged in the order of `archiver search`."""

import shutil
from pathlib import Path
from typing import Any

import pytest

import archiver
from archiver.app.fleet.search_shards import MOST_HITS
from archiver.store.search import Order
from questioned import Fleet


def single(fleet: Fleet, site: str, words: str, **options: Any) -> list[dict[str, Any]]:
    """What `archiver search` finds in the archive of a site."""
    with archiver.open(fleet.archive(site), write=False) as ours:
        return ours.search(words, limit=MOST_HITS, **options)


def both(fleet: Fleet, words: str, **options: Any) -> list[dict[str, Any]]:
    return [row for site in fleet.sites for row in single(fleet, site, words, **options)]


def test_the_newest_of_all_sites_come_first(fleet: Fleet) -> None:
    wanted = both(fleet, "quận")
    assert {row["site"] for row in wanted} == set(fleet.sites)
    got = fleet.json("search", "quận", "--limit", "1000")
    assert sorted(map(repr, got)) == sorted(map(repr, wanted))
    times = [row["seen_from"] for row in got]
    assert times == sorted(times, reverse=True)
    assert fleet.json("search", "quận", "--limit", "5") == got[:5]
    assert "the first 5; --limit shows more" in fleet.err


@pytest.mark.parametrize("options", [{"plain": True}, {"since": "2022-11-01"}, {"until": "2022-10-31"}])
def test_options_are_those_of_one_archive(fleet: Fleet, options: dict[str, Any]) -> None:
    words = [f"--{name}" if value is True else f"--{name}={value}" for name, value in options.items()]
    got = fleet.json("search", "quan" if "plain" in options else "quận", *words, "--limit", "1000")
    wanted = both(fleet, "quan" if "plain" in options else "quận", **options)
    assert wanted
    assert sorted(map(repr, got)) == sorted(map(repr, wanted))


def test_the_best_of_all_sites_come_first(fleet: Fleet) -> None:
    by: Order = "relevance"
    got = fleet.json("search", "quận", "--by", by, "--limit", "1000")
    assert sorted(map(repr, got)) == sorted(map(repr, both(fleet, "quận", by=by)))
    for site in fleet.sites:
        assert [row for row in got if row["site"] == site] == single(fleet, site, "quận", by=by)


def test_what_is_new_is_found_and_without_update_what_is_here(fleet: Fleet) -> None:
    (url, phrase) = ((row := both(fleet, "quận")[0])["url"], row["title"])
    assert url in {row["url"] for row in fleet.json("search", f'"{phrase}"')}
    fleet.redact("east", url)
    assert url in {row["url"] for row in fleet.json("search", f'"{phrase}"', "--no-update")}
    assert url not in {row["url"] for row in fleet.json("search", f'"{phrase}"')}


def test_a_shard_that_fails_is_named_and_costs_only_itself(fleet: Fleet) -> None:
    wanted = single(fleet, "west", "quận")
    shutil.rmtree(Path(fleet.storage, "shards", "east", "packs"))
    got = fleet.json("search", "quận", "--limit", "1000", code=1)
    assert sorted(map(repr, got)) == sorted(map(repr, wanted))
    (line,) = (line for line in fleet.err.splitlines() if line.startswith("error: "))
    assert "east" in line
    assert fleet.json("search", "quận", "--site", "west", "--limit", "1000") == got


def test_a_shard_without_a_copy_is_named(fleet: Fleet) -> None:
    fleet("search", "quận", "--site", "west")
    fleet("search", "quận", "--no-update", code=1)
    assert "east: no copy in" in fleet.err
    assert "leave out --no-update" in fleet.err


def test_a_site_that_has_published_nothing_has_no_hits(fleet: Fleet) -> None:
    shutil.rmtree(Path(fleet.storage, "shards", "east"))
    assert {row["site"] for row in fleet.json("search", "quận")} == {"west"}
    fleet("search", "quận", "--site", "nobody", code=2)
    fleet("search", "…", code=2)
    assert "no word to search for" in fleet.err


def test_hits_are_printed_with_their_site(fleet: Fleet) -> None:
    first = fleet.json("search", "quận", "--limit", "1")[0]
    assert fleet("search", "quận", "--limit", "1").splitlines()[0] == (
        f"{first['seen_from']}  {first['site']}  {first['title']}"
    )
    fleet("search", "một-từ-không-có")
    assert "nothing found" in fleet.err
    fleet("search", "quận", "--limit", "1001", code=2)
