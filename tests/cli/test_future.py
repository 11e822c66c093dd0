"""Visits dated later than now: `verify` and `stats` say so."""

from archiver.model.clock import SettableClock
from shell import Shell


def test_the_command_and_stats_say_it(timed: Shell, clock: SettableClock) -> None:
    timed("capture", timed.portal.address(timed.portal.items[0]), "--site", "demo")
    timed("verify")
    assert timed.json("stats")[0]["future_visits"] == 0
    assert "later than now" not in timed("stats")
    clock.advance(days=-0.5)
    printed = timed("verify")
    assert "2 visits are dated later than now" in printed
    assert "the clock or the imported file was wrong" in printed
    *findings, summary = timed.json("verify")
    assert [finding["finding"] for finding in findings] == ["future"]
    assert summary["whole"] is True
    assert timed.json("stats")[0]["future_visits"] == 2
    assert "2 visits are dated later than now; see `archiver verify`" in timed("stats")
    clock.advance(days=-10)
    timed("verify", code=4)
