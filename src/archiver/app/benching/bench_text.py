"""Print the result of `archiver site bench`: facts, two tables, what falls and what is read differently."""

from collections.abc import Iterator

from archiver.app.benching.bench import MOST_MONTHS, Amounts, Bench, by_column, joined_months, ordered
from archiver.app.benching.tally import AgreementTally, DifferenceTally
from archiver.text.clean import counted, printable

COLUMNS = ("table", "field", "captures", "now", "in force", "same", "declared", "generic")
_SHOWN = 60  # characters of a value


def bench_lines(bench: Bench) -> list[str]:
    """Return everything as lines; tables with tabs."""
    tables = [(COLUMNS, field_rows(bench)), month_table(bench)]
    shown = ["\t".join(row) for columns, rows in tables if rows for row in (columns, *rows)]
    return [*fact_lines(bench), *shown, *finding_lines(bench)]


def fact_lines(bench: Bench) -> list[str]:
    """Return what was compared, how much was read, and what was not."""
    sides, amounts = bench.sides, bench.amounts
    return [
        _read_line(bench.site, amounts),
        f"profile: {sides.candidate}{_milliseconds(sides.milliseconds)}",
        f"in force: {sides.in_force}{_milliseconds(sides.milliseconds_in_force)}",
        *_left_out(amounts),
        *_not_read(amounts),
    ]


def _read_line(site: str, amounts: Amounts) -> str:
    verb = {"all": "read", "sample": "sampled", "interrupted": "interrupted after"}[amounts.ended]
    rate = amounts.covered / amounts.seconds if amounts.seconds else 0.0
    return (
        f"{site}: {verb} {amounts.read:,} of {amounts.captures.stored:,} captures; they stand for {amounts.covered:,} "
        f"(equal bodies, and captures of one version); {amounts.seconds:.1f} s, {rate:,.0f} captures/s"
    )


def _milliseconds(value: float | None) -> str:
    return f" ({value:.1f} ms a page)" if value is not None else ""


def _left_out(amounts: Amounts) -> Iterator[str]:
    counts, rest = amounts.captures, amounts.captures.stored - amounts.captures.embargoed - amounts.covered
    named = (
        (counts.pruned, "pruned"),
        (counts.redacted, "redacted"),
        (counts.embargoed, "embargoed"),
        (amounts.unreadable, "damaged or failed to read"),
        (rest if amounts.ended == "all" else 0, "that show no page (redirects, errors, files)"),
    )
    found = [f"{count:,} {what}" for count, what in named if count > 0]
    if found:
        yield f"left out: {', '.join(found)}"
    if amounts.ended == "sample":
        yield f"not read: {amounts.units - amounts.read:,} more captures that differ; `--all` reads them"


def _not_read(amounts: Amounts) -> Iterator[str]:
    compared = f"{counted(amounts.declared, 'capture')} with declared data, {amounts.generic} with the generic reading"
    before = f"; {amounts.read_before} read with both profiles" if amounts.read_before else ""
    yield f"compared: {compared}{before}"
    if amounts.misread:
        yield f"misread: the rules seem to misread {counted(amounts.misread, 'capture')}; a crawl would hold them back"
    if amounts.to_fallback and not amounts.fallback:
        yield (
            f"not read: the body of {counted(amounts.to_fallback, 'capture')} that the profile leaves to the fallback; "
            "`--fallback` reads it"
        )


def field_rows(bench: Bench) -> list[tuple[str, ...]]:
    """Return a row for each field of each table, with both profiles side by side."""
    rows = []
    for name, table in bench.tables:
        total = table.read.total()
        for field, found in ordered(table):
            sources = [_agreement(found.sources[source]) for source in ("declared", "generic")]
            now, was = _percent(found.now.total(), total), _percent(found.was.total(), total)
            rows.append((name, field, str(total), now, was, _percent(found.same, found.both), *sources))
    return rows


def _percent(count: int, total: int) -> str:
    """Return a share as a whole number; 100 only for all of them, and 0 only for none."""
    if not total:
        return ""
    share = round(100 * count / total)
    return f"{min(max(share, 1), 99) if 0 < count < total else share}%"


def _agreement(found: AgreementTally) -> str:
    now, was = _percent(found.agreed, found.compared), _percent(found.agreed_before, found.compared_before)
    return now if now == was or not was else f"{now or '-'} (was {was})"


def month_table(bench: Bench, most: int = MOST_MONTHS) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the coverage by month: columns, and a row for each field. `97<100`: less than by the profile in force.

    `most`: the highest number of months; older ones share a column.
    """
    columns = joined_months(bench.months, most)
    names = list(dict.fromkeys(columns.values()))
    rows = []
    for name, table in bench.tables:
        read = by_column(table.read, columns)
        for field, found in ordered(table):
            now, was = by_column(found.now, columns), by_column(found.was, columns)
            rows.append((name, field, *(_cell(now[each], was[each], read[each]) for each in names)))
    return ("table", "field", *(each.replace("20", "", 1) for each in names)), rows


def _cell(now: int, was: int, read: int) -> str:
    if not read:
        return ""
    mark = "<" if now < was else ">" if now > was else ""
    shown = _percent(now, read)[:-1]
    return f"{shown}{mark}{_percent(was, read)[:-1]}" if mark else shown


def finding_lines(bench: Bench) -> list[str]:
    """Return what would be read differently, with examples, and what falls."""
    lines = [line for field, found in bench.differences for line in _difference(field, found)]
    if bench.amounts.split:
        lines.append(f"split: {counted(bench.amounts.split, 'version')} in which the profile reads an edit")
    lines += [each.line for each in bench.falls]
    count = len({(each.table, each.field) for each in bench.falls})
    lines.append(
        f"{bench.site}: {counted(count, 'field')} {'falls' if count == 1 else 'fall'}"
        if count
        else f"{bench.site}: no field falls"
    )
    return lines


def _difference(field: str, found: DifferenceTally) -> Iterator[str]:
    counts = ((found.emptied, "emptied"), (found.filled, "that were empty"))
    more = ", ".join(f"{count} {what}" for count, what in counts if count)
    yield (
        f"reinterpreted: {field}: {found.values} on {counted(len(found.pages), 'page')}"
        f"{f' ({more})' if more else ''}, {counted(found.captures, 'capture')}"
    )
    for each in found.examples:
        yield f"  {each.url} {each.at}: {_short(each.was)} → {_short(each.now)}"


def _short(value: str | None) -> str:
    return "nothing" if value is None else repr(printable(value, _SHOWN))
