"""A deadline counts from before the request was sent, by a clock that nobody sets."""

from archiver.model.deadline import Deadline, steady_seconds


def test_the_time_of_the_answer_counts() -> None:
    now = [100.0]
    asked = now[0]
    now[0] += 7  # the answer is slow
    deadline = Deadline.granted(10, asked, lambda: now[0])
    assert (deadline.left, deadline.is_over) == (3, False)
    now[0] += 3
    assert (deadline.left, deadline.is_over) == (0, True)
    now[0] += 100
    assert (deadline.left, deadline.is_over) == (0, True)


def test_the_steady_clock_goes_on() -> None:
    assert steady_seconds() <= steady_seconds()
    assert not Deadline.granted(1000, steady_seconds()).is_over
    assert Deadline.granted(0, steady_seconds()).is_over
