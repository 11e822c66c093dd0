"""Checks redactions: the chain of acts, that redacted visits have no bytes, and that no frame holds them."""

from collections.abc import Collection

from archiver.maintain.verify.finding import Finding, Findings
from archiver.maintain.verify.row_ranges import DAMAGE
from archiver.store.connection import Connection
from archiver.store.erase_frames import FrameEraser
from archiver.store.redaction_chain import links
from archiver.store.redaction_notes import is_pending

_REDACTED = (
    "SELECT r.visit_id, r.frame_id, t.frame_id AS named, t.block_sha256, CASE WHEN t.bytes > 0 THEN t.sha256 END AS sha256 "
    "FROM _redacted r LEFT JOIN _visit t ON t.visit_id = r.visit_id"
)


def check_redactions(
    main: Connection, vault: Connection, named: Collection[int], findings: Findings
) -> tuple[list[str], bool]:
    """Check every redaction.

    Args:
        main: `archive.db`.
        vault: the vault.
        named: the frames that visits reference.
        findings: faults are added here.

    Returns:
        The links of the acts in hex, and whether bytes of redacted visits may still be in the files.
    """
    found: list[str] = []
    try:
        found = _check_acts(main, findings)
        is_unfinished = is_pending(main)
        rows = main.rows(_REDACTED)
    except DAMAGE as error:
        findings.add(Finding("redaction", main.path.name, f"redactions cannot be read: {error}"))
        return found, False
    for row in rows:
        if row["named"] is not None:
            what = "it was redacted, and has bytes again; run `archiver repair`"
            findings.add(Finding("redaction", main.path.name, what, visit_id=row["visit_id"]))
    if rows and not is_unfinished:
        digests = {digest for row in rows for digest in (row["block_sha256"], row["sha256"]) if digest is not None}
        frames = {row["frame_id"] for row in rows if row["frame_id"] is not None}
        try:
            left = FrameEraser(vault).doomed(named, frames, digests)
        except DAMAGE:
            return found, is_unfinished  # other checks report what cannot be read
        if left:
            what = f"{len(left)} frames hold bytes of redacted visits, such as frame {min(left)}; run `archiver repair`"
            findings.add(Finding("redaction", vault.path.name, what, frame_id=min(left)))
    return found, is_unfinished


def _check_acts(main: Connection, findings: Findings) -> list[str]:
    found: list[str] = []
    for number, act in enumerate(links(main), start=1):
        if act.row["redaction_id"] != number:
            findings.add(Finding("redaction", main.path.name, f"redaction {number} is lost"))
            return found
        if act.stored != act.computed or act.visits != act.row["visits"]:
            what = f"redaction {number} was altered: its link of the chain does not match it and its visits"
            findings.add(Finding("redaction", main.path.name, what))
        found.append(act.stored)
    return found
