"""Delays, backoff and the circuit breaker, as pure functions of time; and parsing of dates."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import UsageError
from archiver.model.clock import written
from archiver.model.moments import parse_span, parse_when
from archiver.model.policy import Retries
from archiver.polite.host_delays import LONGEST_WAIT, HostDelays

HOST = "http://x.example"


def test_one_request_each_delay_and_hosts_do_not_wait_for_each_other() -> None:
    delays = HostDelays(2.0)
    assert [delays.reserve(HOST, 0.0), delays.reserve(HOST, 0.0), delays.reserve("http://y.example", 0.0)] == [
        0.0,
        2.0,
        0.0,
    ]


def test_failures_only_ever_slow_down() -> None:
    delays = HostDelays(1.0, penalty=1.0)
    waits = []
    for now in range(0, 10_000, 1000):
        delays.reserve(HOST, now)
        delays.page_finished(HOST, now, succeeded=False)
        waits.append(delays.reserve(HOST, now))
    assert waits == sorted(waits)
    assert max(waits[: Retries().circuit - 1]) <= LONGEST_WAIT
    delays.page_finished(HOST, 20_000, succeeded=True)
    assert delays.reserve(HOST, 20_001) <= 1.0


@pytest.mark.parametrize(
    ("delay", "penalty", "first"), [(1.0, 1.0, 1.0), (2.5, 1.0, 2.5), (0.0, 4.0, 4.0), (40.0, 1.0, 40.0)]
)
def test_each_failure_in_a_row_doubles_the_wait_and_a_success_ends_it(
    delay: float, penalty: float, first: float
) -> None:
    delays = HostDelays(delay, penalty=penalty, circuit=100)
    for number in range(20):
        delays.page_finished(HOST, 0.0, succeeded=False)
        expected = min(LONGEST_WAIT, first * 2**number)
        assert (delays.gap(HOST), delays.failures(HOST)) == (expected, number + 1)
        assert delays.reserve(HOST, 0.0, max_wait=0.0) == expected
    assert delays.gap("http://y.example") == delay, "another server answers for itself"
    delays.page_finished(HOST, 10_000.0, succeeded=True)
    assert (delays.gap(HOST), delays.failures(HOST)) == (delay, 0)
    delays.page_finished(HOST, 20_000.0, succeeded=False)
    assert delays.gap(HOST) == first, "the next failure is a first one again"


def test_a_circuit_opens_half_opens_and_closes() -> None:
    delays = HostDelays(1.0, penalty=1.0)
    pauses = [delays.page_finished(HOST, 0.0, succeeded=False) for _ in range(Retries().circuit + 2)]
    assert pauses == [0.0] * (Retries().circuit - 1) + [900.0, 1800.0, 3600.0]
    assert delays.reserve(HOST, 0.0) == 3600.0
    assert delays.page_finished(HOST, 3600.0, succeeded=True) == 0.0
    assert delays.reserve(HOST, 3601.5) == 0.0
    other = HostDelays(1.0)
    other.restore_failures(HOST, Retries().circuit)
    assert other.reserve(HOST, 0.0) == 0.0, "half open: one is asked at once"
    assert other.page_finished(HOST, 0.0, succeeded=False) == 1800.0


def test_a_page_that_answers_500_opens_nothing_and_slows_down() -> None:
    delays = HostDelays(1.0, penalty=1.0)
    waits = []
    for _ in range(3 * Retries().circuit):
        assert delays.page_finished(HOST, 0.0, succeeded=False, is_answered=True) == 0.0
        waits.append(delays.gap(HOST))
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    assert delays.failures(HOST) == 0


def test_an_answer_ends_a_row_of_pages_without_one() -> None:
    delays = HostDelays(1.0, circuit=3)
    assert [delays.page_finished(HOST, 0.0, succeeded=False) for _ in range(2)] == [0.0, 0.0]
    delays.page_finished(HOST, 0.0, succeeded=False, is_answered=True)
    assert [delays.page_finished(HOST, 0.0, succeeded=False) for _ in range(3)] == [0.0, 0.0, 900.0]


def test_tries_slow_down_and_are_not_counted() -> None:
    delays = HostDelays(1.0, penalty=2.0, circuit=3)
    for _ in range(9):
        delays.attempt_failed(HOST, 0.0)
        assert delays.reserve(HOST, 0.0, max_wait=0.0) == 2.0
    assert not delays.is_open(HOST)
    assert delays.failures(HOST) == 0
    delays.attempt_failed(HOST, 0.0, retry_after=50.0)
    assert delays.reserve(HOST, 0.0, max_wait=0.0) == 50.0


@given(st.lists(st.sampled_from(["try", "500", "none", "429"])), st.floats(0.0, 400.0))
def test_no_failure_ever_speeds_a_crawl_up(events: list[str], delay: float) -> None:
    """No failure makes the next request earlier than it is without the failure."""
    delays = HostDelays(delay)
    for event in events:
        before = delays.reserve(HOST, 0.0, max_wait=-1.0)
        if event == "try":
            delays.attempt_failed(HOST, 0.0)
        else:
            delays.page_finished(
                HOST, 0.0, succeeded=False, is_answered=event == "500", retry_after=9.0 if event == "429" else 0.0
            )
        assert delays.reserve(HOST, 0.0, max_wait=-1.0) >= max(before, delay)
        assert delays.gap(HOST) >= delay


def test_retry_after_and_crawl_delay_are_obeyed() -> None:
    delays = HostDelays(1.0)
    delays.page_finished(HOST, 0.0, succeeded=False, retry_after=600.0)
    assert delays.reserve(HOST, 0.0) == 600.0
    delays.slow_down("http://y.example", 9.0)
    delays.reserve("http://y.example", 0.0)
    assert delays.reserve("http://y.example", 0.0) == 9.0
    delays.hold("http://z.example", 50.0)
    assert delays.reserve("http://z.example", 0.0) == 50.0


def test_dates_as_people_type_them() -> None:
    now = datetime(2022, 11, 8, 12, 0, tzinfo=UTC)
    assert parse_when("7d", now).isoformat() == "2022-11-01T12:00:00+00:00"
    assert parse_when("2022-11-01", now).hour == 0
    assert parse_when("2022-11-01", now, whole_day=True).isoformat() == "2022-11-01T23:59:59+00:00"
    assert parse_when("2022-11-01T14:30+07:00", now).isoformat() == "2022-11-01T07:30:00+00:00"
    assert parse_when("now", now) == now
    assert parse_span("90s").total_seconds() == 90
    for wrong in ("", "yesterday-ish", "2022-13-01", "7 parsecs"):
        with pytest.raises(UsageError, match="not a"):
            parse_when(wrong, now)


@pytest.mark.parametrize(
    ("digits", "first", "last"),
    [
        ("20221101143015", "2022-11-01 14:30:15", "2022-11-01 14:30:15"),
        ("202211011430", "2022-11-01 14:30:00", "2022-11-01 14:30:59"),
        ("2022110114", "2022-11-01 14:00:00", "2022-11-01 14:59:59"),
        ("20221101", "2022-11-01 00:00:00", "2022-11-01 23:59:59"),
        ("202212", "2022-12-01 00:00:00", "2022-12-31 23:59:59"),
        ("202402", "2024-02-01 00:00:00", "2024-02-29 23:59:59"),
        ("2022", "2022-01-01 00:00:00", "2022-12-31 23:59:59"),
    ],
)
def test_digits_of_web_archives_are_moments_or_spans(digits: str, first: str, last: str) -> None:
    now = datetime(2022, 11, 8, 12, 0, tzinfo=UTC)
    assert written(parse_when(digits, now)) == first
    assert written(parse_when(f" {digits} ", now, whole_day=True)) == last


@pytest.mark.parametrize(
    "digits",
    ["202", "20221", "2022110", "202211011", "2022102201030", "20221301", "20221101250000", "0000", "9" * 5000],
)
def test_other_digits_are_no_moment(digits: str) -> None:
    with pytest.raises(UsageError, match="digits alone are 4, 6, 8, 10, 12 or 14 of YYYYMMDDhhmmss"):
        parse_when(digits, datetime(2022, 11, 8, tzinfo=UTC))


def test_the_end_of_the_last_year_is_accepted() -> None:
    with pytest.raises(UsageError, match="not a moment"):
        parse_when("9999", datetime(2022, 11, 8, tzinfo=UTC), whole_day=True)
