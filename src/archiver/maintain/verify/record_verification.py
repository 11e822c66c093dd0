"""Record a verification in the archive, so that each visit shows when the chain up to it was last confirmed."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from archiver.errors import ArchiveError
from archiver.maintain.verify.verify import VerifyResult
from archiver.model.clock import written
from archiver.store.plain_files import open_plain
from archiver.store.schema import MIGRATIONS

_WAIT = 5.0  # seconds to wait for another program's write
_NOT_RECORDED = "this verification was not recorded: the archive cannot be written now"


def record_verification(path: Path, found: VerifyResult, *, deep: bool, now: datetime) -> str:
    """Add a row to the view `verifications`; return a message when the archive cannot be written, else "".

    Only a whole archive of the present schema is written to: a damaged file must not change before its repair.
    """
    if not found.whole or not found.visits:
        return ""
    values = (written(now), int(deep), found.visits, found.last, found.chain, found.bodies, found.read)
    try:
        with closing(open_plain(path, write=True, wait=_WAIT)) as connection:
            if connection.value("PRAGMA user_version") != len(MIGRATIONS):
                return ""
            connection.execute(
                "INSERT INTO _verification(verified_at, deep, visits, last_visit, chain, bodies, bodies_read) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
    except ArchiveError:
        return _NOT_RECORDED
    return ""
