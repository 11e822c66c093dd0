"""The digests by which large bodies are found again, against the bodies.

A row of `_large` that is wrong loses nothing, but the same file is kept again at each visit, or not recognised for ever.
"""

import hashlib

from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import ODD
from archiver.maintain.verify.verify_frames import FrameCopies
from archiver.store.connection import Connection
from archiver.store.plain_files import Progress


def check_large(vault: Connection, findings: Findings, progress: Progress) -> None:
    """Read every large body. One that does not read is no matter of this check: its visits are named, if there are any."""
    copies = FrameCopies(vault, "_frame", "_mirror")
    try:
        rows = vault.rows("SELECT sha256, frame_id FROM _large ORDER BY frame_id")
    except ODD:
        return  # SQLite's own check has said so
    for count, (sha256, frame) in enumerate(rows):
        progress("large bodies", count, len(rows))
        try:
            digest = hashlib.sha256(copies.read(frame)).digest()
        except ODD:
            continue
        if digest != sha256:
            what = f"_large finds frame {frame} by a digest that is not its body's"
            findings.add(Finding("frame", vault.path.name, what, frame_id=frame))
