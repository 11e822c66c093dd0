"""Keeps values that take long to make, such as differences of pages, in a bounded part of the memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class KeptValues(Generic[_Value]):
    """Values by key, until their cost is too high; those that were not asked for the longest go first. Thread-safe.

    Args:
        most: the most cost of all, in units of the caller, such as bytes.
    """

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, tuple[_Value, int]] = OrderedDict()
        self._most, self._cost = most, 0

    def get(self, key: Hashable, make: Callable[[], tuple[_Value, int]]) -> _Value:
        """Return the value of a key. One that is not kept is made, with its cost; what that raises is raised."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
        made, cost = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = (made, cost)
                self._cost += cost
            while self._cost > self._most:
                _, (_, freed) = self._values.popitem(last=False)
                self._cost -= freed
        return made
