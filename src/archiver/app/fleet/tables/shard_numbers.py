"""The number of each shard in the ids of a fleet.

A number is taken by creating the next free key `tables/shards/NUMBER`, whose body is the name of the site. Numbers are
taken one after the other, so two sites never have the same one.
"""

import re

from archiver.errors import ArchiveError, ObjectExists
from archiver.model.stored_object import ObjectStorage
from archiver.store.partitions import MOST_SHARDS

_FOLDER = "tables/shards"
_KEY = re.compile(r"tables/shards/(\d{6})")


def new_shard_number(storage: ObjectStorage, site: str) -> int:
    """Take a number for a site.

    Raises:
        StorageUnavailable: the storage does not answer.
        ArchiveError: all numbers are taken.
    """
    last = 0
    for each in storage.objects(_FOLDER):
        if match := _KEY.fullmatch(each.key):
            last = int(match[1])
    for number in range(last + 1, MOST_SHARDS):
        try:
            storage.create(f"{_FOLDER}/{number:06d}", site.encode())
        except ObjectExists:  # another export took it
            continue
        return number
    raise ArchiveError(f"{storage.place}: all {MOST_SHARDS} numbers of shards are taken; export to another storage")
