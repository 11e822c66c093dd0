"""The head of the chain: a statement of the last link, to be published, signed, and compared with the archive later.

Its form and the signed bytes are part of the archive's format, documented in docs/reference/evidence.md.
"""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.errors import ArchiveDamaged, UsageError
from archiver.maintain.verify.finding import Finding
from archiver.maintain.verify.signing import Signer, is_signed_by
from archiver.maintain.verify.verify import VerifyResult
from archiver.store.open_file import open_connection
from archiver.store.redaction_chain import last_link
from archiver.store.schema import APPLICATION_ID, MIGRATIONS
from archiver.text.digest import GENESIS

FORMAT = "archiver head 1"

_LAST = "SELECT visit_id, visited_at, lower(hex(chain)) AS chain FROM _visit ORDER BY visit_id DESC LIMIT 1"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "archive_id": (str,),
    "visits": (int,),
    "visit_id": (int, type(None)),
    "visited_at": (str, type(None)),
    "chain": (str,),
    "stated_at": (str,),
}


@dataclass(frozen=True, slots=True)
class Head:
    """A statement of an archive's head.

    Attributes:
        values: its values by their keys; with `public_key` and `signature` when it is signed.
    """

    values: Mapping[str, Any]

    @property
    def visits(self) -> int:
        """Return the number of visits that it covers; the last has this id."""
        return int(self.values["visits"])

    @property
    def is_signed(self) -> bool:
        """Whether it has a signature. This does not check the signature."""
        return "signature" in self.values

    def canonical(self) -> bytes:
        """Return the signed bytes: all values except the signature, as JSON with sorted keys and no spaces."""
        values = {name: value for name, value in self.values.items() if name != "signature"}
        return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")

    def signed(self, signer: Signer) -> "Head":
        """Return the statement with the public key and the signature."""
        unsigned = Head({**self.values, "public_key": signer.public.hex()})
        return Head({**unsigned.values, "signature": signer.sign(unsigned.canonical()).hex()})


def head_of(path: Path, stated_at: str) -> Head:
    """Return the head of an archive by its last row. `verify` checks the chain before it.

    Args:
        path: `archive.db`.
        stated_at: the present time as UTC text.

    Raises:
        ArchiveDamaged: visits are missing.
        ArchiveError: the archive cannot be read.
    """
    connection = open_connection(path, application_id=APPLICATION_ID, migrations=MIGRATIONS, write=False)
    with closing(connection):
        connection.execute("BEGIN")
        last = connection.row(_LAST)
        count = connection.value("SELECT count(*) FROM _visit")
        identity = connection.value("SELECT value FROM _meta WHERE key = 'archive_id'")
        redactions = last_link(connection)
    if count != (last["visit_id"] if last else 0):
        raise ArchiveDamaged(f"{path}: visits are missing; run `archiver verify` to list them")
    number, visited_at, chain = last or (None, None, GENESIS)
    acts = {"redactions": redactions[0], "redaction_chain": redactions[1]} if redactions[0] else {}
    return Head(
        {
            "format": FORMAT,
            "archive_id": identity,
            "visits": count,
            "visit_id": number,
            "visited_at": visited_at,
            "chain": chain,
            "stated_at": stated_at,
            **acts,
        }
    )


def read_head(path: Path) -> Head:
    """Read a statement from a file.

    Raises:
        UsageError: the file does not exist or is not a statement.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; `archiver head --out FILE` writes one") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: this is not a statement of a head: {error}") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise UsageError(f'{path}: this is not a statement of a head (its "format" is not "{FORMAT}")')
    for name, types in _TYPES.items():
        if type(values.get(name)) not in types:
            raise UsageError(f'{path}: this is not a statement of a head: its "{name}" is missing or of a wrong type')
    return Head(values)


def compare_head(head: Head, name: str, found: VerifyResult, key: bytes | None) -> list[Finding]:
    """Return where an archive contradicts a statement; [] when it has all visits of the statement, unaltered.

    Args:
        head: the statement.
        name: the name of the statement in findings.
        found: the result of `verify`, with the link of the statement's last visit.
        key: the public key that must have signed it; None: the key in the statement, if any.
    """
    faults = _signature_faults(head, key)
    values = head.values
    if values["archive_id"] != found.archive_id:
        faults.append(f"it is of archive {values['archive_id']}, and this is archive {found.archive_id or '(unknown)'}")
    elif values["visits"] != (values["visit_id"] or 0):
        faults.append(f"it contradicts itself: {values['visits']} visits, of which the last is {values['visit_id']}")
    elif found.chain_at is None:
        faults.append(f"it names {head.visits} visits; visit {head.visits} is not in this archive")
    elif found.chain_at != values["chain"]:
        faults.append(f"it says that visit {head.visits} has the link {values['chain']}; here it has {found.chain_at}")
    elif not found.confirms_to(head.visits):
        faults.append(f"among the {head.visits} visits it names, there are some that the chain does not confirm")
    faults += _redaction_faults(values, found)
    faults += [
        f"the bytes of visit {body.visit_id}, which it names, are lost"
        for body in found.findings
        if body.kind == "body" and body.healed is False and (body.visit_id or 0) <= head.visits
    ]
    return [Finding("head", name, fault) for fault in faults]


def _redaction_faults(values: Mapping[str, Any], found: VerifyResult) -> list[str]:
    count = values.get("redactions", 0)
    if not isinstance(count, int) or count < 0:
        return ["its number of redactions is no number"]
    if count > len(found.redactions):
        return [f"it names {count} redactions; here there are {len(found.redactions)}"]
    if count and values.get("redaction_chain") != found.redactions[count - 1]:
        return [f"it says that redaction {count} has another link than it has here"]
    return []


def _signature_faults(head: Head, key: bytes | None) -> list[str]:
    if not head.is_signed:
        return ["it is not signed, so no key can prove it"] if key else []
    try:
        borne, signature = (bytes.fromhex(head.values[name]) for name in ("public_key", "signature"))
    except (KeyError, TypeError, ValueError):
        return ["its signature or its public key is not hexadecimal text"]
    faults = []
    if key is not None and key != borne:
        faults.append(f"it is signed with the key {borne.hex()}, not with {key.hex()}")
    if not is_signed_by(key or borne, signature, head.canonical()):
        faults.append("its signature does not match: the statement was altered, or another key signed it")
    return faults
