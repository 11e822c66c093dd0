"""`crawl --metrics FILE`: the parser of Prometheus reads it, and it is replaced atomically."""

import os
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from archiver.app.watching.metrics import _labels
from watched import PAGE, Town


def read(path: Path) -> dict[tuple[str, str], float]:
    """Return each sample by its name and its last label."""
    families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    assert all(family.documentation and family.type == "gauge" for family in families)
    return {
        (sample.name, [*sample.labels.values()][-1]): sample.value for family in families for sample in family.samples
    }


def test_metrics_have_the_results_of_a_crawl(town: Town) -> None:
    file = town.folder / "archiver.prom"
    town.articles(6)
    town.crawl("--metrics", str(file))
    town.articles(6, PAGE.replace("id=s", "id=was"))
    town.server.answers["/a/6"] = (503, {}, b"")
    town.crawl("--all", "--metrics", str(file), code=5)
    result = read(file)
    assert result["archiver_last_run_timestamp_seconds", "town"] == 1666429200.0  # 2022-10-22 09:00:00 UTC
    assert result["archiver_last_run_visits", "town"] == 7
    assert result["archiver_last_run_new_versions", "town"] == 5
    assert result["archiver_last_run_changed", "town"] == 0, "a redesign is no edit"
    assert result["archiver_last_run_gone", "town"] == 0
    assert result["archiver_last_run_errors", "server_error"] == 1
    assert result["archiver_last_run_errors", "tls_error"] == 0
    assert result["archiver_pages", "town"] == 7
    assert result["archiver_pages_due", "town"] == 0
    assert result["archiver_alarms", "town"] == 1
    assert 0 < result["archiver_last_run_seconds", "town"] < 60


def test_the_file_is_replaced_atomically_and_readable_by_others(town: Town) -> None:
    file = town.folder / "archiver.prom"
    file.write_text("old\n", encoding="utf-8")
    before = file.stat().st_ino
    town.articles(1)
    town.crawl("--metrics", str(file))
    assert file.stat().st_ino != before
    mask = os.umask(0)
    os.umask(mask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~mask
    assert [path.name for path in town.folder.glob("*.prom*")] == ["archiver.prom"]


def test_an_unwritable_path_is_an_error_before_the_crawl(town: Town) -> None:
    for place in (town.folder, town.folder / "nowhere" / "a.prom"):
        town("crawl", "town", "--metrics", str(place), code=2)
        assert "its folder is missing or not writable" in town.err
    assert town.server.asked == []


def test_a_failed_write_of_metrics_does_not_fail_the_crawl(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archiver.app.watching.after_crawl.write_metrics", full)
    town.articles(2)
    assert town.crawl("--metrics", str(town.folder / "a.prom"), code=1)["new_pages"] == 2
    assert "No space left on device" in town.err


def test_labels_are_escaped() -> None:
    family = "x" + _labels({"site": 'a"b\\c\nd'}) + " 1\n"
    (found,) = text_string_to_metric_families(family)
    assert found.samples[0].labels == {"site": 'a"b\\c\nd'}
