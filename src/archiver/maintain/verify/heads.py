"""The head of the chain: a statement that stands for every visit up to the last, to be published, signed, and held against.

Its form and what is signed are part of the archive's format, documented to the byte in docs/reference/evidence.md.
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
        values: what it says, under the keys it is written with; `public_key` and `signature` too, when it is signed.
    """

    values: Mapping[str, Any]

    @property
    def visits(self) -> int:
        """How many visits it stands for; the last has this number."""
        return int(self.values["visits"])

    @property
    def is_signed(self) -> bool:
        """Whether it bears a signature; not whether that is good."""
        return "signature" in self.values

    def canonical(self) -> bytes:
        """The bytes that are signed: all but the signature, as JSON with sorted keys and no spaces."""
        said = {name: value for name, value in self.values.items() if name != "signature"}
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")

    def signed(self, signer: Signer) -> "Head":
        """The same, with the public key and the signature."""
        said = Head({**self.values, "public_key": signer.public.hex()})
        return Head({**said.values, "signature": signer.sign(said.canonical()).hex()})


def head_of(path: Path, stated_at: str) -> Head:
    """The head of an archive, as its last row says; the chain before it is for `verify` to check.

    Args:
        path: `archive.db`.
        stated_at: the present, as the archive writes it.

    Raises:
        ArchiveDamaged: visits are missing between others.
        ArchiveError: the archive cannot be read.
    """
    connection = open_connection(
        path, application_id=APPLICATION_ID, migrations=MIGRATIONS, page_size=4096, write=False
    )
    with closing(connection):
        connection.execute("BEGIN")
        last = connection.row(_LAST)
        count = connection.value("SELECT count(*) FROM _visit")
        identity = connection.value("SELECT value FROM _meta WHERE key = 'archive_id'")
    if count != (last["visit_id"] if last else 0):
        raise ArchiveDamaged(f"{path}: visits are missing between others; `archiver verify` names them")
    number, visited_at, chain = last or (None, None, GENESIS)
    return Head(
        {
            "format": FORMAT,
            "archive_id": identity,
            "visits": count,
            "visit_id": number,
            "visited_at": visited_at,
            "chain": chain,
            "stated_at": stated_at,
        }
    )


def read_head(path: Path) -> Head:
    """A statement out of a file.

    Raises:
        UsageError: there is none at this place.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; `archiver head --out FILE` writes one") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: no statement of a head can be read from it: {error}") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise UsageError(f'{path}: this is no statement of a head (its "format" is not "{FORMAT}")')
    for name, types in _TYPES.items():
        if type(values.get(name)) not in types:
            raise UsageError(f'{path}: this is no statement of a head: its "{name}" is missing or of a wrong type')
    return Head(values)


def hold_against(head: Head, name: str, found: VerifyResult, key: bytes | None) -> list[Finding]:
    """Where an archive contradicts a statement of its head; none when it holds all that the statement names, unaltered.

    Args:
        head: the statement.
        name: how the statement is called, for people.
        found: the archive, checked, and asked for the link of the statement's last visit.
        key: the public key that must have signed it; None: the one it bears, if any.
    """
    faults = _signature_faults(head, key)
    said = head.values
    if said["archive_id"] != found.archive_id:
        faults.append(f"it is of archive {said['archive_id']}, and this is {found.archive_id or 'not known'}")
    elif said["visits"] != (said["visit_id"] or 0):
        faults.append(f"it contradicts itself: {said['visits']} visits, of which the last is {said['visit_id']}")
    elif found.chain_at is None:
        faults.append(f"it names {head.visits} visits; visit {head.visits} is not in this archive")
    elif found.chain_at != said["chain"]:
        faults.append(f"it says that visit {head.visits} has the link {said['chain']}; here it has {found.chain_at}")
    elif not found.vouches_to(head.visits):
        faults.append(f"among the {head.visits} visits it names, there are some that the chain does not vouch for")
    faults += [
        f"the bytes of visit {body.visit_id}, which it names, are lost"
        for body in found.findings
        if body.kind == "body" and body.healed is False and (body.visit_id or 0) <= head.visits
    ]
    return [Finding("head", name, fault) for fault in faults]


def _signature_faults(head: Head, key: bytes | None) -> list[str]:
    if not head.is_signed:
        return ["it is not signed, so no key can prove it"] if key else []
    try:
        borne, signature = (bytes.fromhex(head.values[name]) for name in ("public_key", "signature"))
    except (KeyError, TypeError, ValueError):
        return ["its signature or its public key is no hexadecimal text"]
    faults = []
    if key is not None and key != borne:
        faults.append(f"it is signed with the key {borne.hex()}, not with {key.hex()}")
    if not is_signed_by(key or borne, signature, head.canonical()):
        faults.append("its signature does not fit: the statement was altered, or another key signed it")
    return faults
