"""An executor of processes: what a task returns, raises, or dies of; and what the others notice of it."""

import os
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from archiver.app.fleet.rereading.executors import PROCESSES, open_executor
from archiver.app.fleet.rereading.process_executor import ProcessExecutor
from archiver.app.fleet.rereading.task_process import TaskDied
from archiver.errors import UsageError
from process_tasks import doubled, kill_itself, leave, refuse, refuse_with_faults, wait_for_the_end


def test_a_task_has_a_process_of_its_own() -> None:
    with ProcessExecutor(2) as executor:
        numbers = {executor.submit(os.getpid) for _ in range(3)}
        assert len({each.result() for each in numbers} | {os.getpid()}) == 4
        assert executor.submit(doubled, 4, add=1).result() == 9
        assert list(executor.map(doubled, [1, 2])) == [2, 4]


def test_a_task_that_dies_costs_only_itself() -> None:
    with ProcessExecutor(2) as executor:
        died, sound, left = executor.submit(kill_itself), executor.submit(doubled, 1), executor.submit(leave, 3)
        with pytest.raises(TaskDied, match="ended by SIGKILL, perhaps out of memory"):
            died.result()
        with pytest.raises(TaskDied, match="ended with code 3 and without a result"):
            left.result()
        assert sound.result() == 2
        assert executor.submit(doubled, 2).result() == 4


def test_what_a_task_raises_is_raised_again() -> None:
    with ProcessExecutor(1) as executor:
        with pytest.raises(UsageError, match="not like this"):
            executor.submit(refuse).result()
        with pytest.raises(Exception, match="no home"):
            executor.submit(refuse_with_faults).result()


def test_running_tasks_are_asked_to_end_and_the_others_do_not_start(tmp_path: Path) -> None:
    with ProcessExecutor(1) as executor:
        running, waiting = executor.submit(wait_for_the_end, tmp_path / "started"), executor.submit(doubled, 1)
        while not (tmp_path / "started").exists():
            time.sleep(0.02)
        executor.stop()
        assert running.result() == "ended in order"
        assert waiting.cancelled()


def test_after_an_error_of_a_command_its_tasks_are_asked_to_end(tmp_path: Path) -> None:
    tasks: list[Future[object]] = []

    def command() -> None:
        with open_executor(PROCESSES, 1) as executor:
            tasks.extend((executor.submit(wait_for_the_end, tmp_path / "started"), executor.submit(doubled, 1)))
            while not (tmp_path / "started").exists():
                time.sleep(0.02)
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        command()
    assert tasks[0].result() == "ended in order"
    assert tasks[1].cancelled()
