"""Simulate the portal's days, so that there are changes to archive."""

from collections.abc import Callable

from archiver.demo.portal import Portal


def live_a_day(portal: Portal, day: int) -> None:
    """Let a day pass: pages are read, and on each day an article is edited, withdrawn, restored, moved or published."""
    portal.age(days=1)
    _FIRST_DAYS.get(day, _any_day)(portal, day)


def _first(portal: Portal, _day: int) -> None:
    items = portal.items
    portal.edit_sentence(items[3])
    portal.retitle(items[5], portal.article(items[5]).title + " (cập nhật)")


def _second(portal: Portal, _day: int) -> None:
    items = portal.items
    portal.withdraw(items[1])
    portal.withdraw(items[6], soft=True)
    portal.publish()


def _third(portal: Portal, _day: int) -> None:
    items = portal.items
    portal.sign(items[2], "LQH")
    portal.move(items[4])


def _fourth(portal: Portal, _day: int) -> None:
    items = portal.items
    portal.restore(items[1])
    portal.reset_counter(items[0])


def _quiet(_portal: Portal, _day: int) -> None:
    """Let a Sunday pass: pages are read, and nothing is edited."""


def _any_day(portal: Portal, day: int) -> None:
    if day % 3:
        portal.edit_sentence(portal.items[7 * day % len(portal.items)])
    else:
        portal.publish()


_FIRST_DAYS: dict[int, Callable[[Portal, int], None]] = {1: _first, 2: _second, 3: _third, 4: _fourth, 5: _quiet}
