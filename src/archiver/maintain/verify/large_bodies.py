"""Checks the digests in the index of large bodies.

A wrong row of `_large` loses no data, but the file is stored again at each visit.
"""

import hashlib

from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.maintain.verify.verify_frames import FrameCopies
from archiver.store.connection import Connection
from archiver.store.plain_files import Progress


def check_large(vault: Connection, findings: Findings, progress: Progress) -> None:
    """Read every large body and compare its digest. Bodies that do not decode are reported with their visits."""
    copies = FrameCopies(vault, "_frame", "_mirror")
    try:
        rows = vault.rows("SELECT sha256, frame_id FROM _large ORDER BY frame_id")
    except DAMAGE:
        return  # SQLite's own check reports it
    for count, (sha256, frame) in enumerate(rows):
        progress("large bodies", count, len(rows))
        try:
            digest = hashlib.sha256(copies.read(frame)).digest()
        except DAMAGE:
            continue
        if digest != sha256:
            what = f"_large has a wrong digest for frame {frame}"
            findings.add(Finding("frame", vault.path.name, what, frame_id=frame))
