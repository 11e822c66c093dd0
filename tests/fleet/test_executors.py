"""The executors that a command may name, a Dask scheduler among them."""

import os
from collections.abc import Iterator

import pytest

from archiver.app.fleet.rereading.executors import open_executor
from archiver.app.fleet.rereading.task_process import TaskDied, run_in_process
from archiver.errors import UsageError
from process_tasks import doubled, kill_itself, refuse

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A scheduler with two workers, each a process of its own, on loopback."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield f"dask://{cluster.scheduler_address.removeprefix('tcp://')}"


def test_tasks_run_on_the_workers_of_dask(scheduler: str) -> None:
    with open_executor(scheduler, None) as executor:
        assert executor.submit(doubled, 4, add=1).result(60) == 9
        assert executor.submit(os.getpid).result(60) != os.getpid()
        with pytest.raises(UsageError, match="not like this"):
            executor.submit(refuse).result(60)


def test_a_task_that_kills_its_process_costs_only_itself(scheduler: str) -> None:
    with open_executor(scheduler, None) as executor:
        died, sound = executor.submit(run_in_process, kill_itself), executor.submit(run_in_process, doubled, 1)
        with pytest.raises(TaskDied, match="ended by SIGKILL"):
            died.result(60)
        assert sound.result(60) == 2
        assert executor.submit(doubled, 2).result(60) == 4


def test_a_scheduler_that_is_not_there_is_told_in_one_line() -> None:
    with (
        pytest.raises(UsageError, match="no scheduler answers there"),
        open_executor("dask://127.0.0.1:9", None),
    ):
        pass


@pytest.mark.parametrize("name", ["", "dask://", "threads", "dask"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="write processes, or dask://HOST:PORT"), open_executor(name, None):
        pass


def test_the_workers_of_a_cluster_are_not_counted_here() -> None:
    with pytest.raises(UsageError, match="has its own number of workers"), open_executor("dask://127.0.0.1:9", 2):
        pass
