"""Kill and stop worker processes at intervals, and start the killed ones anew."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


class Disturbable(Protocol):
    """A process that can be ended, stopped and woken."""

    def kill(self) -> None: ...
    def send(self, what: signal.Signals) -> None: ...


@dataclass
class Disturber:
    """Ends or stops one of some workers now and then. Killed workers are started anew at once.

    Args:
        start: starts the worker of a name.
        workers: the running ones, by name; replaced here when they are started anew.
        stopped: the least and most seconds for which a stopped worker sleeps.
        seed: of the random choices.
    """

    start: Callable[[str], Disturbable]
    workers: dict[str, Disturbable]
    stopped: tuple[float, float]
    seed: int
    kills: int = 0
    stops: int = 0
    _asleep: dict[str, float] = field(default_factory=dict)

    def disturb(self, seconds: float, every: float, is_over: Callable[[], bool] = lambda: False) -> None:
        """Disturb one worker every so many seconds, for so long; then wake those that still sleep.

        `is_over`: ends it early.
        """
        chance = random.Random(self.seed)
        begun = time.monotonic()
        following = begun + every
        while time.monotonic() < begun + seconds and not is_over():
            self._wake(time.monotonic())
            if time.monotonic() >= following:
                following += every
                self._once(chance)
            time.sleep(0.05)
        self._wake(float("inf"))

    def _once(self, chance: random.Random) -> None:
        awake = sorted(set(self.workers) - set(self._asleep))
        if not awake:
            return
        name = chance.choice(awake)
        if chance.random() < 0.5:
            self.workers[name].kill()
            self.workers[name] = self.start(name)
            self.kills += 1
        else:
            self.workers[name].send(signal.SIGSTOP)
            self._asleep[name] = time.monotonic() + chance.uniform(*self.stopped)
            self.stops += 1

    def _wake(self, now: float) -> None:
        for name in [each for each, until in self._asleep.items() if until <= now]:
            self.workers[name].send(signal.SIGCONT)
            del self._asleep[name]
