"""`archiver site learn`: learn a profile from pages, and print what it reads and what is not certain."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archiver.cli.context import GLOBAL_OPTIONS, INTERRUPTED, OUTPUT, AsJson, Insecure, reading, writing
from archiver.cli.extract import listener
from archiver.cli.shown_values import cut_line
from archiver.text.clean import counted

if TYPE_CHECKING:
    from archiver.app.learning.learn_site import LearnedSite
    from archiver.app.learning.learned_report import FieldReport, TableReport
    from archiver.app.learning.profile_file import ProfileFile
    from archiver.app.learning.sample_pages import LearningRequest, SamplePages

_MOST_SHOWN = 6
"""Pages of a table that are printed."""


def learn(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The site's name: a-z, 0-9, '.', '_' and '-'.")],
    urls: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[URL...]",
            help="Articles to learn from, 2 to 30; the home page is fetched, too. With --from-archive: any address of "
            "the host whose captures are used.",
        ),
    ] = None,
    *,
    listing: Annotated[
        list[str] | None,
        typer.Option("--listing", metavar="URL", help="Fetch articles that this page or feed names; may be repeated."),
    ] = None,
    from_archive: Annotated[
        bool, typer.Option("--from-archive", help="Learn from captures of the archive; fetch nothing.")
    ] = False,
    pages: Annotated[
        int | None,
        typer.Option("--pages", min=1, max=30, help="The most articles of listings [10], or captures [30]."),
    ] = None,
    api: Annotated[
        bool,
        typer.Option("--api", help="Write tables that read the API from which a script fetches the text of the pages."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write. Default: selectors/NAME.toml.")
    ] = None,
    insecure: Insecure = False,
    as_json: AsJson = False,
) -> None:
    """Learn a profile from pages of a site, and write it with tests; a profile that exists is extended.

    The pages are fetched as `archiver capture` does, and kept as captures of the site. Those that are only the shell of
    a script are opened in Chromium, and the profile says how. The same command with other
    pages adds tables for what the profile does not read yet, and never changes its text.
    """
    from archiver.app.learning.learn_site import learn_site  # noqa: PLC0415  (start-up)
    from archiver.app.learning.profile_file import profile_file  # noqa: PLC0415  (start-up)
    from archiver.app.learning.sample_pages import LearningRequest  # noqa: PLC0415  (start-up)

    file = profile_file(name, output, GLOBAL_OPTIONS.find().selectors)
    kept: list[str] = []
    with OUTPUT.progress() as bar:
        show = listener(bar)
        wanted = LearningRequest(
            name, tuple(urls or ()), tuple(listing or ()), from_archive, pages, api, insecure, show
        )
        try:
            found = _pages(wanted, file, kept)
            done = learn_site(file, found, wanted)
        except KeyboardInterrupt:
            done = None
    if done is None:
        _print_interrupted(name, kept)
        raise typer.Exit(INTERRUPTED)
    if as_json:
        OUTPUT.json(done.as_json())
    else:
        _print(done, is_archived=from_archive)


def _pages(wanted: "LearningRequest", file: "ProfileFile", kept: list[str]) -> "SamplePages":
    from archiver.app.learning.archived_samples import archived_pages  # noqa: PLC0415  (start-up)
    from archiver.app.learning.fetched_samples import fetched_pages  # noqa: PLC0415  (start-up)

    if wanted.from_archive:
        with reading() as archive:
            return archived_pages(archive, wanted)
    with writing() as archive:
        return fetched_pages(archive, wanted, file.existing, kept)


def _print_interrupted(name: str, kept: list[str]) -> None:
    hint = f"; `archiver site learn {name} --from-archive` learns from them" if kept else ""
    OUTPUT.failure(f"interrupted; no profile was written; {counted(len(kept), 'page')} captured and stored{hint}")


def _print(done: "LearnedSite", *, is_archived: bool) -> None:
    from archiver.app.learning.learn_api_site import advice  # noqa: PLC0415  (start-up)

    _print_result(done)
    numbers: dict[str, int] = {}
    for table in done.tables:
        OUTPUT.line()
        _print_table(table, numbers)
    if done.api is not None and not done.reads_api:
        OUTPUT.line()
        OUTPUT.heading("The pages are shells; their data is in an API:")
        for line in advice(done.api, done.name, str(done.path)):
            OUTPUT.line(f"  - {line}")
    faults = [f"not used: {each.url}: {each.fault}" for each in done.used if each.fault]
    if done.notes or faults:
        OUTPUT.line()
        OUTPUT.heading("Not certain, or to be known:")
        for note in (*done.notes, *faults):
            OUTPUT.line(f"  - {note}")
    OUTPUT.line()
    crawl, extract = f"`archiver crawl {done.name}`", f"`archiver extract --site {done.name}` (reads them with it)"
    then = extract if is_archived and not done.reads_api else crawl
    OUTPUT.line(f"next: `archiver site test {done.name}`, then {then}")


def _print_result(done: "LearnedSite") -> None:
    count = sum(len(table.pages) for table in done.tables)
    added = [
        counted(number, f"[[{what}]] table")
        for number, what in ((done.new_tables, "page"), (done.new_tests, "test"))
        if number
    ]
    if done.is_new:
        OUTPUT.heading(f"wrote {done.path}: learned from {counted(count, 'page')}, {' and '.join(added)}")
    elif added:
        OUTPUT.heading(f"extended {done.path}: {' and '.join(added)} added, its text stays as it was")
    else:
        OUTPUT.heading(f"{done.path}: nothing new: it reads these {counted(count, 'page')} already")


def _print_table(table: "TableReport", numbers: dict[str, int]) -> None:
    state = "" if table.is_new else ", known before"
    OUTPUT.heading(f"{table.kind} ({counted(len(table.pages), 'page')}{state})")
    if table.url:
        OUTPUT.line(cut_line(f"  url     {table.url}"))
    if table.ignore:
        OUTPUT.line(cut_line(f"  ignore  {', '.join(table.ignore)}"))
    shown = list(dict.fromkeys([*(url for each in table.fields for url, _ in each.values), *table.pages]))[:_MOST_SHOWN]
    for url in shown:
        numbers.setdefault(url, len(numbers) + 1)
        OUTPUT.line(cut_line(f"  page {numbers[url]:>2} {url}"))
    if len(table.pages) > len(shown):
        OUTPUT.line(f"          and {len(table.pages) - len(shown)} more")
    width = max((len(each.name) for each in table.fields), default=0)
    for each in table.fields:
        OUTPUT.line(cut_line(f"  {each.name:<{width}}  {_fit(each)}: {', '.join(each.rules) or 'nothing'}"))
        for url, value in each.values:
            if url in numbers:
                OUTPUT.line(cut_line(f"    {numbers[url]:>2}  {value}"))


def _fit(each: "FieldReport") -> str:
    """Return how sure a rule is, in words."""
    if not each.has_rule:
        return f"check  no rule; on {each.found} of {each.pages} pages read by"
    mark = "sure " if each.is_sure else "check"
    if each.right is None:
        return f"{mark}  a value on {each.found} of {each.pages} pages"
    given = f", a value on {each.found}" if each.found < each.pages else ""
    return f"{mark}  right on {each.right} of {each.pages} pages{given}"
