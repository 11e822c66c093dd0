"""`archiver verify` and `archiver head`: check the archive for damage, and state the head of its chain."""

import json
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.maintenance.fixity import Checked, check, state_head
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson
from archiver.cli.output import human_bytes
from archiver.errors import ArchiveLocked, UsageError
from archiver.maintain.verify.finding import Finding
from archiver.maintain.verify.signing import make_key
from archiver.text.clean import counted

DAMAGED = 4


def verify(
    deep: Annotated[bool, typer.Option("--deep", help="Read every body instead of the next share of them.")] = False,
    remove_unneeded: Annotated[
        bool, typer.Option("--clean", help="If nothing is damaged, remove from the vault what no visit needs.")
    ] = False,
    head: Annotated[
        Path | None, typer.Option("--head", help="Compare the archive with this statement of its head.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="The public key that must have signed it, or a file with one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the archive: its files, the chain over every visit, the data derived from them, a share of the bodies."""
    if key and not head:
        raise UsageError("--key needs a statement of the head: add --head FILE")
    with OUTPUT.progress() as bar:
        checked = check(
            GLOBAL_OPTIONS.find(), deep=deep, remove_unneeded=remove_unneeded, head=head, key=key, progress=bar.show
        )
    _print_json(checked) if as_json else _print(checked)
    if not checked.found.whole:
        raise typer.Exit(DAMAGED)
    if checked.held_back:
        raise typer.Exit(ArchiveLocked.exit_code)


def _print_json(checked: Checked) -> None:
    for finding in checked.found.findings:
        OUTPUT.json(finding.as_json())
    OUTPUT.json(checked.as_json())


def _print(checked: Checked) -> None:
    for finding in checked.found.findings:
        OUTPUT.line(_finding_line(finding))
    for line in checked.found.all_findings.left_out_lines:
        OUTPUT.line(line)
    for note in checked.found.notes:
        OUTPUT.say(f"note: {note}")
    _sum_up(checked)
    if checked.proved:
        OUTPUT.line(checked.proved)
    _print_unneeded(checked)


def _finding_line(finding: Finding) -> str:
    """Return a finding as a line: where, what, whether another copy is intact, what depends on it."""
    where = finding.file
    if finding.visit_id is not None:
        place = ", ".join(part for part in (finding.url, finding.visited_at) if part)
        where = f"visit {finding.visit_id}" + (f" ({place})" if place else "")
    healed = {True: "nothing is lost: the other copy is intact", False: "no copy here is intact", None: ""}
    return "; ".join(
        part for part in (f"{where}: {finding.what}", healed[finding.healed], _dependents(finding)) if part
    )


def _dependents(finding: Finding) -> str:
    dependents = [
        f"version_id {', '.join(map(str, finding.versions))}" if finding.versions else "",
        f"{finding.readings} readings" if finding.readings else "",
        f"{finding.changes} changes" if finding.changes else "",
    ]
    text = ", ".join(part for part in dependents if part)
    return f"affected: {text}" if text else ""


def _sum_up(checked: Checked) -> None:
    found = checked.found
    if not found.whole:
        values = checked.as_json()
        visits = counted(values["damaged_visits"], "visit")
        OUTPUT.line(
            f"damaged: {counted(values['findings'], 'finding')}, {visits}, of which "
            f"{values['healed_visits']} can be read from a mirror; see `archiver repair`"
        )
        return
    read = "all" if found.read == found.bodies else f"{found.read} of"
    pruned = f", {found.pruned} pruned" if found.pruned else ""
    redacted = f", {counted(found.redacted, 'capture')} redacted" if found.redacted else ""
    bodies = f"{read} {found.bodies} {'body' if found.bodies == 1 else 'bodies'} read{pruned}{redacted}"
    OUTPUT.line(f"whole: {counted(found.visits, 'visit')}, {bodies}, chain {found.chain}")


def _print_unneeded(checked: Checked) -> None:
    unneeded = checked.found.unneeded
    if checked.cleaned:
        freed = human_bytes(checked.cleaned.bytes)
        OUTPUT.line(
            f"removed {checked.cleaned.frames} frames that no visit needs; {freed} of the vault are free for new bodies"
        )
    elif checked.held_back:
        OUTPUT.failure(checked.held_back)
    elif unneeded and checked.found.whole:
        size = human_bytes(sum(unneeded.values()))
        OUTPUT.say(
            f"{len(unneeded)} frames ({size}) are not needed by any visit; `archiver verify --clean` removes them"
        )


def head(
    sign: Annotated[
        Path | None, typer.Option("--sign", help="Sign with the Ed25519 private key in this file (PEM or OpenSSH).")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the statement to this new file.")] = None,
    new_key: Annotated[
        Path | None, typer.Option("--new-key", help="Only make a key pair: FILE (private) and FILE.pub.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the chain's head, a digest over every visit so far. Signed, it later proves the archive's state."""
    if new_key:
        signer = make_key(new_key)
        OUTPUT.line(f"{new_key}: a new private key; keep it secret, and keep a copy elsewhere")
        OUTPUT.line(f"{new_key}.pub: its public key, {signer.public.hex()}")
        return
    statement = state_head(GLOBAL_OPTIONS.find(), sign)
    values = dict(statement.values)
    if out:
        _write(out, json.dumps(values, ensure_ascii=False) + "\n")
        signed = ", signed" if statement.is_signed else ""
        OUTPUT.say(f"{out}: the head of {counted(statement.visits, 'visit')}{signed}")
    elif as_json or sign:
        OUTPUT.json(values)
    else:
        OUTPUT.line(f"archive:  {values['archive_id']}")
        OUTPUT.line(
            f"visits:   {values['visits']}" + (f", the last at {values['visited_at']} UTC" if values["visits"] else "")
        )
        OUTPUT.line(f"chain:    {values['chain']}")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path}: exists already, and a head may be the only proof of it; name another file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; name another file") from error
