"""Export, SQL and search over object storage that speaks S3, with faults of the network."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.model.clock import SettableClock
from questioned import Fleet, visit_again
from s3_server import FaultyProxy, Request, S3Server


@pytest.fixture
def over_s3(
    proxy: FaultyProxy,
    s3_server: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Fleet:
    """The fleet, with its storage in S3 behind a proxy that makes faults."""
    monkeypatch.setenv("ARCHIVER_CACHE", str(tmp_path / "cache"))
    made = Fleet(tmp_path, s3_server.bucket(), SettableClock(datetime(2022, 12, 1, tzinfo=UTC)), capsys)
    made.create()
    proxy.requests.clear()
    return made


def methods(proxy: FaultyProxy) -> Counter[str]:
    return Counter(each.method for each in proxy.requests)


def test_what_is_new_goes_up_and_is_asked(over_s3: Fleet, proxy: FaultyProxy) -> None:
    assert {each["state"] for each in over_s3.json("export")} == {"exported"}
    proxy.requests.clear()
    assert {each["state"] for each in over_s3.json("export")} == {"unchanged"}
    assert methods(proxy)["PUT"] == 0
    assert methods(proxy)["GET"] <= 8 * len(over_s3.sites)
    wanted = sorted(over_s3.union("SELECT site, count(*) FROM visits GROUP BY site"))
    asked = "SELECT site, count(*) AS n FROM visits GROUP BY site ORDER BY site"
    assert [tuple(each.values()) for each in over_s3.json("sql", asked)] == wanted
    proxy.requests.clear()
    assert [tuple(each.values()) for each in over_s3.json("sql", asked)] == wanted
    assert methods(proxy) == {"GET": 1}  # the list of manifests
    assert {each["site"] for each in over_s3.json("search", "quận", "--limit", "100")} == set(over_s3.sites)
    over_s3.clock.advance(days=1)
    visit_again(over_s3, "east")
    proxy.requests.clear()
    told = {each["site"]: each for each in over_s3.json("export")}
    assert {site: each["state"] for site, each in told.items()} == {"east": "exported", "west": "unchanged"}
    assert methods(proxy)["PUT"] == told["east"]["new_files"] + 2  # the mark of its begin, and the manifest
    got = [tuple(each.values()) for each in over_s3.json("sql", asked)]
    assert got == sorted(over_s3.union("SELECT site, count(*) FROM visits GROUP BY site")) != wanted


def test_lost_replies_and_refusals_are_tried_again(over_s3: Fleet, proxy: FaultyProxy) -> None:
    def plan(request: Request) -> str | int:
        faults: dict[int, str | int] = {6: 503, 11: "refuse", 17: "lose", 24: "cut"}
        return faults.get(request.number, "pass")

    proxy.plan = plan
    assert {each["state"] for each in over_s3.json("export", "--processes", "1")} == {"exported"}
    proxy.plan = lambda _request: "pass"
    for site in over_s3.sites:
        manifest = over_s3.manifest(site)
        assert manifest.number == 1
        assert over_s3.keys() >= {each.key(site) for each in manifest.files}


def test_a_storage_that_refuses_costs_the_export_and_the_next_one_goes_on(over_s3: Fleet, proxy: FaultyProxy) -> None:
    proxy.plan = lambda request: "refuse" if request.method == "PUT" and "2022-11" in request.path else "pass"
    told = over_s3.json("export", "east", "--processes", "1", code=1)
    assert [each["state"] for each in told] == ["failed"]
    proxy.plan = lambda _request: "pass"
    assert [each["state"] for each in over_s3.json("export", "east", "--processes", "1")] == ["exported"]
