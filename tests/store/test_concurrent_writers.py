"""Readers and a writer at the same time: the write-ahead log keeps them from blocking each other."""

import sqlite3
import threading
from contextlib import closing

from archiver.model.record import Content
from archiver.store.cookbook import COOKBOOK
from made import Bench

ASKED = {"url": "http://portal.example/1", "words": '"tin"', "site": "portal"}


def test_readers_and_a_writer_do_not_block_each_other(bench: Bench) -> None:
    """Every question of the cookbook, again and again, by three threads with patience."""
    failures: list[sqlite3.Error] = []
    asked = 0
    over = threading.Event()

    def read() -> None:
        nonlocal asked
        with closing(sqlite3.connect(f"file:{bench.store.path}?mode=ro", uri=True, timeout=60)) as database:
            while not over.is_set():
                try:
                    for one in COOKBOOK:
                        values = {name: ASKED.get(name, "2022-10-21") for name in one.params}
                        database.execute(one.sql, values).fetchall()
                        asked += 1
                except sqlite3.Error as error:
                    failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(150):
        bench.visit(Content(title=f"tin {number // 10}", body="x"), readings=(("views", number),), url=ASKED["url"])
    over.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert asked > len(COOKBOOK)
    assert len(bench.store.history.versions(1)) == 15
