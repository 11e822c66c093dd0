"""`archiver check-warc`: what other checkers let pass."""

import typer

from archiver.app.importing.check_files import check_files
from archiver.cli.context import CHOSEN, OUTPUT, AsJson
from archiver.cli.extract import listener
from archiver.cli.imports import Files, files_told
from archiver.fetch.warc.check import CheckCounts


def check_warc(files: Files, as_json: AsJson = False) -> None:
    """Check WARC and WACZ files strictly: lengths, trailers, digests, revisits, packages; each fault with its place."""
    counted: list[CheckCounts] = []
    wrong = odd = 0
    with OUTPUT.progress() as bar:
        for found in check_files(files, listener(bar), counted, CHOSEN.find().clock()):
            wrong, odd = wrong + found.is_wrong, odd + (not found.is_wrong)
            if as_json:
                OUTPUT.json(found.as_json())
            else:
                place = "" if found.place is None else f":{found.place}"
                OUTPUT.line(f"{found.file}{place}: {'' if found.is_wrong else 'odd: '}{found.what}")
    (checked,) = counted
    records = sum(checked.records.values())
    if as_json:
        OUTPUT.json({"files": checked.files, "records": checked.records, "errors": wrong, "warnings": odd})
    else:
        digests = (
            f"{checked.block_digests} block and {checked.payload_digests} payload digests held against their bytes"
        )
        verdict = f"{wrong} faults" if wrong else "no fault"
        OUTPUT.line(
            f"{files_told(checked.files)}, {records} records, {digests}: {verdict}" + (f", {odd} odd" if odd else "")
        )
    raise typer.Exit(1 if wrong else 0)
