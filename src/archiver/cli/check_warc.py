"""`archiver check-warc`: check WARC and WACZ files strictly."""

import typer

from archiver.app.importing.check_files import check_files
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson
from archiver.cli.extract import listener
from archiver.cli.imports import Files, count_files
from archiver.fetch.warc.check import CheckCounts


def check_warc(files: Files, as_json: AsJson = False) -> None:
    """Check WARC and WACZ files strictly: lengths, trailers, digests, revisits, packages. Print each fault."""
    counted: list[CheckCounts] = []
    errors = warnings = 0
    with OUTPUT.progress() as bar:
        for found in check_files(files, listener(bar), counted, GLOBAL_OPTIONS.find().clock()):
            errors, warnings = errors + found.is_wrong, warnings + (not found.is_wrong)
            if as_json:
                OUTPUT.json(found.as_json())
            else:
                place = "" if found.place is None else f":{found.place}"
                OUTPUT.line(f"{found.file}{place}: {'' if found.is_wrong else 'warning: '}{found.what}")
    (checked,) = counted
    records = sum(checked.records.values())
    if as_json:
        OUTPUT.json({"files": checked.files, "records": checked.records, "errors": errors, "warnings": warnings})
    else:
        digests = (
            f"{checked.block_digests} block and {checked.payload_digests} payload digests compared with their bytes"
        )
        verdict = f"{errors} faults" if errors else "no fault"
        OUTPUT.line(
            f"{count_files(checked.files)}, {records} records, {digests}: {verdict}"
            + (f", {warnings} warnings" if warnings else "")
        )
    raise typer.Exit(1 if errors else 0)
