"""`archiver verify` and `archiver head`: is the archive whole, and can that be proved later?"""

import json
from pathlib import Path
from typing import Annotated

import typer

from archiver.app.maintenance.fixity import Checked, check, state_head
from archiver.cli.context import CHOSEN, OUTPUT, AsJson
from archiver.cli.output import human_bytes
from archiver.errors import ArchiveLocked, UsageError
from archiver.maintain.verify.finding import Finding
from archiver.maintain.verify.signing import make_key

DAMAGED = 4


def verify(
    deep: Annotated[bool, typer.Option("--deep", help="Read every body, not the next share of them.")] = False,
    tidy: Annotated[
        bool, typer.Option("--clean", help="If all is whole, remove from the vault what no visit needs.")
    ] = False,
    head: Annotated[
        Path | None, typer.Option("--head", help="Hold the archive against this statement of its head.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="The public key that must have signed it, or a file with one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the archive: its files, the chain over every visit, what rests on them, and a share of the bodies."""
    if key and not head:
        raise UsageError("--key says who signed a head: name the statement, too, with --head FILE")
    with OUTPUT.progress() as bar:
        checked = check(CHOSEN.find(), deep=deep, tidy=tidy, head=head, key=key, progress=bar.show)
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
        OUTPUT.line(_told(finding))
    for note in checked.found.notes:
        OUTPUT.say(f"note: {note}")
    _sum_up(checked)
    if checked.proved:
        OUTPUT.line(checked.proved)
    _tell_rubbish(checked)


def _told(finding: Finding) -> str:
    """A finding as a line: where, what, what heals it, what rests on it."""
    where = finding.file
    if finding.visit_id is not None:
        place = ", ".join(part for part in (finding.url, finding.visited_at) if part)
        where = f"visit {finding.visit_id}" + (f" ({place})" if place else "")
    healed = {True: "nothing is lost, for the other copy is whole", False: "no copy here is whole", None: ""}
    return "; ".join(part for part in (f"{where}: {finding.what}", healed[finding.healed], _rests(finding)) if part)


def _rests(finding: Finding) -> str:
    resting = [
        f"version_id {', '.join(map(str, finding.versions))}" if finding.versions else "",
        f"{finding.readings} readings" if finding.readings else "",
        f"{finding.changes} changes" if finding.changes else "",
    ]
    told = ", ".join(part for part in resting if part)
    return f"on it rest {told}" if told else ""


def _sum_up(checked: Checked) -> None:
    found = checked.found
    if not found.whole:
        told = checked.as_json()
        OUTPUT.line(
            f"damaged: {told['findings']} findings, {told['damaged_visits']} visits, of which "
            f"{told['healed_visits']} are read whole from a mirror; see `archiver repair`"
        )
        return
    read = "all" if found.read == found.bodies else f"{found.read} of"
    pruned = f", {found.pruned} pruned" if found.pruned else ""
    OUTPUT.line(f"whole: {found.visits} visits, {read} {found.bodies} bodies read{pruned}, chain {found.chain}")


def _tell_rubbish(checked: Checked) -> None:
    unneeded = checked.found.unneeded
    if checked.cleaned:
        freed = human_bytes(checked.cleaned.bytes)
        OUTPUT.line(
            f"removed {checked.cleaned.frames} frames no visit needs; {freed} of the vault are free for new bodies"
        )
    elif checked.held_back:
        OUTPUT.failure(checked.held_back)
    elif unneeded and checked.found.whole:
        size = human_bytes(sum(unneeded.values()))
        OUTPUT.say(f"{len(unneeded)} frames ({size}) are needed by no visit; `archiver verify --clean` removes them")


def head(
    sign: Annotated[
        Path | None, typer.Option("--sign", help="Sign with the Ed25519 private key in this file (PEM or OpenSSH).")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the statement to this new file.")] = None,
    new_key: Annotated[
        Path | None, typer.Option("--new-key", help="Only make a key: FILE, and FILE.pub to give away.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the chain's head, which stands for every visit so far; signed, it proves the archive's state later."""
    if new_key:
        signer = make_key(new_key)
        OUTPUT.line(f"{new_key}: a new private key; keep it to yourself, and a copy of it elsewhere")
        OUTPUT.line(f"{new_key}.pub: its public key, {signer.public.hex()}")
        return
    statement = state_head(CHOSEN.find(), sign)
    said = dict(statement.values)
    if out:
        _write(out, json.dumps(said, ensure_ascii=False) + "\n")
        OUTPUT.say(f"{out}: the head of {statement.visits} visits{', signed' if statement.is_signed else ''}")
    elif as_json or sign:
        OUTPUT.json(said)
    else:
        OUTPUT.line(f"archive:  {said['archive_id']}")
        OUTPUT.line(
            f"visits:   {said['visits']}" + (f", the last at {said['visited_at']} UTC" if said["visits"] else "")
        )
        OUTPUT.line(f"chain:    {said['chain']}")


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path}: is there already, and a head may be the only proof; name another file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; name another file") from error
