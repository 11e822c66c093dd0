"""`archiver site …`: list, show, check, test and create profiles."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from archiver.app import profiles
from archiver.cli import report, site_bench, site_explain, site_learn, site_repair
from archiver.cli.context import GLOBAL_OPTIONS, OUTPUT, AsJson, Insecure, help_without_command, site_names
from archiver.errors import Fault, ProfileError
from archiver.extract.doubts import doubts
from archiver.extract.read import read
from archiver.extract.schema import profile_schema
from archiver.extract.shell import SHELL
from archiver.extract.testing import run_tests
from archiver.learn.new_profile import new_profile
from archiver.model.profile import Profile
from archiver.model.record import Record
from archiver.text.clean import counted, printable
from archiver.text.url import canonical, site_slug

app = typer.Typer(
    help="Make, check and test profiles, which say how to crawl and read each portal.",
    rich_markup_mode=None,
    add_completion=False,
)
app.callback(invoke_without_command=True)(help_without_command)
app.command("health")(report.health)
app.command("learn")(site_learn.learn)
app.command("explain")(site_explain.explain)
app.command("bench")(site_bench.bench_site)
app.command("repair")(site_repair.repair)

Name = Annotated[
    str,
    typer.Argument(metavar="SITE", help="A profile's name, or the path of its file.", autocompletion=site_names),
]


@app.command("list")
def list_sites(as_json: AsJson = False) -> None:
    """List the profiles in --selectors, ./selectors and those that are bundled, the first of each name."""
    listed = profiles.every(GLOBAL_OPTIONS.find().selectors)
    rows = []
    for item in listed:
        site = item.profile.site if item.profile else None
        rows.append(
            (
                site.name if site else item.path.stem,
                site.title if site else "(has faults)",
                site.home if site else "",
                item.path,
            )
        )
    if as_json:
        for item, row in zip(listed, rows, strict=True):
            OUTPUT.json(
                {"site": row[0], "title": row[1], "home": row[2], "path": str(row[3]), "valid": item.error is None}
            )
        return
    OUTPUT.table(("site", "title", "home", "file"), rows)


@app.command("show")
def show_site(name: Name, as_json: AsJson = False) -> None:
    """Print a profile's file."""
    profile = _profile(name)
    if as_json:
        OUTPUT.json({"site": profile.site.name, "path": profile.source, "text": profile.text})
    else:
        OUTPUT.line(profile.text.rstrip("\n"))


def _profile(name: str) -> Profile:
    return profiles.by_name(name, GLOBAL_OPTIONS.find().selectors)


@app.command("schema")
def schema(as_json: AsJson = False) -> None:
    """Print the JSON Schema of profiles, for editors that complete and check TOML; with --json in one line."""
    if as_json:
        OUTPUT.json(profile_schema())
        return
    OUTPUT.line(json.dumps(profile_schema(), indent=1, ensure_ascii=False, sort_keys=True))


@app.command("check")
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SITE...]", help="Default: every profile found.", autocompletion=site_names),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print every fault of profiles, with file, line, key and the nearest valid key."""
    folders = GLOBAL_OPTIONS.find().selectors
    faults = 0
    for name, found in _named(names, folders) if names else _listed(folders):
        faults += len(found.faults) if isinstance(found, ProfileError) else 0
        if as_json:
            OUTPUT.json(_check_json(name, found))
        elif isinstance(found, ProfileError):
            OUTPUT.failure(str(found))
        else:
            OUTPUT.line(f"{name}: valid ({_counts(found)})")
            for doubt in doubts(found):
                OUTPUT.line(f"{found.source}: doubtful: {doubt}")
    raise typer.Exit(ProfileError.exit_code if faults else 0)


def _named(names: list[str], folders: Sequence[Path]) -> Iterator[tuple[str, Profile | ProfileError]]:
    for name in names:
        try:
            yield name, profiles.checked(profiles.path_of(name, folders))
        except ProfileError as error:
            yield name, error


def _listed(folders: Sequence[Path]) -> Iterator[tuple[str, Profile | ProfileError]]:
    for item in profiles.every(folders):
        yield from _named([str(item.path)], folders)


def _check_json(name: str, found: Profile | ProfileError) -> dict[str, object]:
    faults = found.faults if isinstance(found, ProfileError) else []
    return {
        "site": found.site.name if isinstance(found, Profile) else name,
        "path": found.source,
        "valid": not faults,
        "faults": [_fault_json(fault) for fault in faults],
        "doubts": [_fault_json(doubt) for doubt in (doubts(found) if isinstance(found, Profile) else ())],
    }


def _fault_json(fault: Fault) -> dict[str, object]:
    return {"line": fault.line, "where": fault.where, "what": fault.what}


def _counts(profile: Profile) -> str:
    return f"{counted(len(profile.pages), 'page kind')}, {counted(len(profile.tests), 'test')}"


@app.command("test")
def run_site_tests(name: Name, as_json: AsJson = False) -> None:
    """Read the stored pages of a profile's [[test]] tables and compare; print one line per field."""
    profile = _profile(name)
    results = run_tests(profile, *profiles.roots_of(profile))
    for result in results:
        if as_json:
            OUTPUT.json(
                {
                    "file": result.file,
                    "field": result.name,
                    "ok": result.ok,
                    "expected": result.expected,
                    "got": result.got,
                }
            )
        elif result.ok:
            OUTPUT.line(f"ok\t{result.file}\t{result.name}")
        else:
            OUTPUT.line(
                f"FAILED\t{result.file}\t{result.name}\texpected {_short(result.expected)}\tgot {_short(result.got)}"
            )
    failed = sum(not result.ok for result in results)
    if not results:
        OUTPUT.say(f"{profile.name}: no [[test]] in this profile; add one to detect a changed template")
    elif not as_json:
        OUTPUT.say(f"{profile.name}: {len(results) - failed} of {len(results)} fields as expected")
    raise typer.Exit(1 if failed else 0)


def _short(value: object) -> str:
    return printable(repr(value), 300)


@app.command("robots")
def robots(
    url: Annotated[str, typer.Argument(help="Any address of the portal.")],
    fresh: Annotated[bool, typer.Option("--fresh", help="Fetch robots.txt now, even if the archive has it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print whether robots.txt allows an address, and which of its lines decides (RFC 9309)."""
    from archiver.app.crawling.explain_robots import explain_robots  # noqa: PLC0415  (start-up)

    found = explain_robots(url, GLOBAL_OPTIONS.find(), fresh=fresh)
    if as_json:
        OUTPUT.json(found.as_json())
        return
    where = "from the archive" if found.kept else "fetched now, not stored"
    OUTPUT.line(f"{'allowed' if found.allowed else 'forbidden'}: {found.why}")
    OUTPUT.line(f"robots.txt: {found.status or 'could not be fetched'}, {found.fetched_at} UTC ({where})")
    OUTPUT.line(f"user agent: {found.agent}")
    OUTPUT.line(f"delay: {found.delay:g} s (robots.txt asks for {found.crawl_delay:g} s)")
    if not found.obeyed:
        OUTPUT.line('the profile says robots = "ignore": robots.txt is not obeyed, and every visit records this')


@app.command("new")
def new_site(
    url: Annotated[str, typer.Argument(help="A typical page of the portal: an article, not its home page.")],
    name: Annotated[
        str | None, typer.Option("--name", help="The site's name: a-z, 0-9, '.', '_' and '-'. Default: its host.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; '-' for stdout. Default: selectors/NAME.toml.")
    ] = None,
    template: Annotated[
        bool,
        typer.Option(
            "--template/--no-template",
            help="Start from a bundled profile when the site's software is known (WordPress, Drupal, Joomla, TYPO3, "
            "SharePoint and others), or never.",
        ),
    ] = True,
    insecure: Insecure = False,
    as_json: AsJson = False,
) -> None:
    """Write a first profile with comments, made from a page, its home page, feed and sitemap."""
    address = canonical(url)
    to_stdout = output is not None and str(output) == "-"
    file = None if to_stdout else output
    slug = profiles.new_name(name or (file.stem if file else site_slug(address)), file, GLOBAL_OPTIONS.find().selectors)
    path = None if to_stdout else file or Path("selectors") / f"{slug}.toml"
    if path is not None and path.exists():
        raise ProfileError(str(path), [Fault("", "exists already; name another file with --output")])
    from archiver.app.crawling.probe_site import probe_site  # noqa: PLC0415  (start-up)

    around = probe_site(address, GLOBAL_OPTIONS.find(), insecure=insecure)
    new = new_profile(around, slug, profiles.bundled_texts() if template else {})
    if insecure:
        new = replace(new, text=new.text.replace("\n[crawl]\n", '\n[crawl]\ntls = "record"\n', 1))
    found = read(around.page, new.profile, links=False)
    if not found.content.body and SHELL in read(around.page, new.profile, slow=True, links=False).notes:
        OUTPUT.say(
            f"{around.page.url}: {SHELL}; `archiver site learn {slug} --listing URL` opens such pages in a browser"
        )
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(new.text, encoding="utf-8")
    if as_json:
        OUTPUT.json(
            {
                "site": slug,
                "path": str(path) if path else None,
                "url": around.page.url,
                "based_on": new.based_on or None,
                "notes": list(new.notes),
                "reads": _reads(found),
                **({} if path else {"text": new.text}),
            }
        )
        return
    for note in new.notes:
        (OUTPUT.line if path else OUTPUT.say)(note)
    if path is None:
        OUTPUT.line(new.text.rstrip("\n"))
    else:
        _print_new(path, around.page.url, found)


def _reads(record: Record) -> dict[str, object]:
    """Return what a new profile reads from the page it was made from."""
    content = record.content
    published = content.published.local if content.published else None
    return {"title": content.title, "published": published, "body_characters": len(content.body or "")}


def _print_new(path: Path, url: str, record: Record) -> None:
    OUTPUT.line(f"wrote {path}; from {url} it reads:")
    for field, value in _reads(record).items():
        OUTPUT.line(f"  {field.replace('_', ' ')}: {_short(value) if value else 'nothing yet'}")
    OUTPUT.line(f"next: edit it, then `archiver site check {path}` and `archiver capture --site {path.stem} {url}`")
