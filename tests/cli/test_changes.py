"""`changes`, and how commands print rows: checked names, moments, lists, terminal and pipe."""

import re

import pytest

from archiver.cli import run
from archiver.model.clock import SettableClock
from shell import Shell
from watched import Town


@pytest.fixture
def address(timed: Shell, clock: SettableClock) -> str:
    """An article whose byline changes an hour after it was first seen."""
    item = timed.portal.items[3]
    address = timed.portal.address(item)
    timed("capture", address)
    timed.portal.sign(item, "LQH")
    clock.advance(hours=1)
    timed("capture", address)
    return address


def test_lists_are_lists_in_json(timed: Shell, address: str) -> None:
    (result,) = timed.json("changes", "--field", "bylines")
    (compared,) = timed.json("diff", address)
    assert result["new"] == compared["new"] == ["LQH"]
    assert result["old"] == compared["old"]
    assert isinstance(result["old"], list)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["changes", "--site", "dmo"], 1, "did you mean 'demo'? known: demo"),
        (["changes", "--site", "nosuch"], 1, "no such site"),
        (["changes", "--field", "titel"], 2, "did you mean 'title'?"),
        (["changes", "--field", "extra.nothing"], 2, "no such field"),
        (["readings", "{address}", "view"], 1, "did you mean 'views'? known: site_visits, views"),
        (["readings", "{address}", "view", "--json"], 1, "did you mean 'views'?"),
        (["show", "{address}9"], 1, "did you mean {address}"),
        (["show", "http://127.0.0.1:1/far/away"], 1, "`archiver capture` it first"),
        (["show", "{address}", "--at", "the other day"], 2, "today, yesterday"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_nearest_name(
    timed: Shell, address: str, words: list[str], code: int, message: str
) -> None:
    assert timed(*[word.replace("{address}", address) for word in words], code=code) == ""
    assert message.replace("{address}", address) in timed.err


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--until", "2022-10-21"], 2),
        (["--until", "2022-10-20"], 0),
        (["--until", "2022-10-21 10:00"], 2),
        (["--until", "2022-10-21 09:59:59"], 1),
        (["--since", "2022-10-21"], 2),
        (["--since", "2022-10-22"], 0),
        (["--since", "today"], 0),
        (["--since", "yesterday", "--until", "yesterday"], 2),
        (["--since", "23h ago"], 1),
        (["--since", "23h"], 1),
        (["--until", "1w ago"], 0),
    ],
)
def test_a_date_includes_the_whole_day(
    timed: Shell, clock: SettableClock, address: str, words: list[str], count: int
) -> None:
    del address
    clock.advance(days=1, hours=-1)
    assert len(timed.json("changes", *words)) == count


@pytest.mark.parametrize(
    ("at", "byline"), [("2022-10-21", True), ("yesterday", True), ("24h ago", False), ("now", True)]
)
def test_show_prints_the_page_at_a_moment(
    timed: Shell, clock: SettableClock, address: str, at: str, byline: bool
) -> None:
    clock.advance(days=1, hours=-1)
    (state,) = timed.json("show", address, "--at", at)
    assert (state["record"]["bylines"] == ["LQH"]) is byline


@pytest.mark.parametrize(
    ("words", "header"),
    [
        (["changes"], "kind\tbetween\turl\tfield\tnature\twhat"),
        (["stats"], "site\tpages\tvisits\tversions\tchanges\tgone\tlast_run"),
        (["site", "list"], "site\ttitle\thome\tfile"),
    ],
)
def test_rows_in_a_pipe_have_a_header(timed: Shell, address: str, words: list[str], header: str) -> None:
    del address
    assert timed(*words).splitlines()[0] == header


def test_a_terminal_does_not_wrap_addresses(timed: Shell, address: str, request: pytest.FixtureRequest) -> None:
    address = timed.json("changes", "--field", "bylines")[0]["url"]
    terminal = request.getfixturevalue("terminal")
    assert run(["changes"]) == 0
    assert f"  {address}\n" in terminal.getvalue()
    assert "\t" not in terminal.getvalue()


def test_without_a_command_the_help_is_printed(shell: Shell) -> None:
    for words in ([], ["site"]):
        result = shell(*words, code=2)
        assert result.startswith("Usage: archiver")
        assert ("Commands:" if words else "Capture:") in result
        assert shell.err == ""


def test_the_shell_completes_names_of_sites(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARCHIVER_SELECTORS", str(shell.selectors))
    monkeypatch.setenv("_ARCHIVER_COMPLETE", "complete_bash")
    for words in (
        "archiver crawl de",
        "archiver site test de",
        "archiver changes --site de",
        "archiver capture --site de",
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        with pytest.raises(SystemExit):
            run([])
        assert capsys.readouterr().out.split() == ["demo", "demo-spa"]


PATH = "/a/Qu%E1%BA%ADn_11"
SHOWN = "/a/Quận_11"


@pytest.fixture
def edited(town: Town) -> Town:
    """A page that is edited twice: words and figures of two fields, then quotes; and a page that is never edited."""
    for title, text in (
        ("Quận 11", "Đã có “278” người."),
        ("Quận Mười Một", "Đã có “337” người."),
        ("Quận Mười Một", 'Đã có "337" người.'),
    ):
        town.server.page(PATH, title, text)
        town.server.page("/a/A%2FB%20C", "Khác")
        for path in (PATH, "/a/A%2FB%20C"):
            town("capture", town.server.url + path)
        town.server.clock.advance(days=1)
    return town


def test_edits_are_filtered_by_nature(edited: Town) -> None:
    def natures(*words: str) -> list[tuple[str, str]]:
        return [(row["field"], row["nature"]) for row in edited.json("changes", *words)]

    every = [("title", "words"), ("body", "figures"), ("body", "typography")]
    assert natures("--kind", "edited") == every
    assert natures("--nature", "figures") == every[1:2]
    assert natures("--nature", "figures", "--nature", "typography") == every[1:]
    assert natures("--nature", "order") == []
    assert natures("--nature", "words", "--field", "body") == []
    assert natures("--kind", "edited", "--limit", "2") == every[:2]
    assert natures("--kind", "edited", "--newest-first") == [*every[2:], *every[:2]]
    assert natures("--nature", "figures", "--newest-first", "--limit", "1") == every[1:2]
    assert edited("changes", "--nature", "odd", code=2) == ""
    assert "'odd' is not one of" in edited.err
    assert edited("changes", "--limit", "0", code=2) == ""
    edited("changes", "--limit", "1", "--newest-first")
    assert "the newest 1; a larger --limit shows more" in edited.err


def test_a_pipe_and_json_have_the_words(edited: Town) -> None:
    rows = edited.json("changes", "--kind", "edited")
    lines = [line.split("\t") for line in edited("changes", "--kind", "edited").splitlines()[1:]]
    assert [line[-1] for line in lines] == [row["context"] for row in rows]
    assert [row["context"] for row in rows] == [
        "Quận [-11-]{+Mười Một+}",
        "Đã có “[-278-]{+337+}” người.",
        'Đã có [-“-]{+"+}337[-”-]{+"+} người.',
    ]
    assert {row["title"] for row in rows} == {"Quận Mười Một"}
    address = edited.server.url + PATH
    history = edited("history", address)
    assert f"\tedited: title: {rows[0]['context']}; body: {rows[1]['context']}\n" in history
    edits = [row["edits"] for row in edited.json("history", address)]
    assert [len(each) for each in edits] == [0, 2, 1]
    assert edits[2] == [{name: rows[2][name] for name in ("field", "nature", "cause", "context")}]
    (row,) = edited.json("diff", address)
    assert (row["nature"], row["context"]) == ("typography", rows[2]["context"])


def test_edits_of_one_visit_are_one_block_on_a_terminal(edited: Town, request: pytest.FixtureRequest) -> None:
    terminal = request.getfixturevalue("terminal")
    edited("changes", "--kind", "edited")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert shown == [
        "edited  between 2022-10-21 09:00:00 and 2022-10-22 09:00:00  Quận Mười Một",
        f"  {edited.server.url}{SHOWN}",
        "  title: Quận [-11-]{+Mười Một+}",
        "  body (only figures): Đã có “[-278-]{+337+}” người.",
        "edited  between 2022-10-22 09:00:00 and 2022-10-23 09:00:00  Quận Mười Một",
        f"  {edited.server.url}{SHOWN}",
        '  body (only typography): Đã có [-“-]{+"+}337[-”-]{+"+} người.',
    ]


def test_a_decoded_address_names_the_same_page(edited: Town) -> None:
    address = edited.server.url + SHOWN
    assert address in edited("changes", "--kind", "edited")
    assert address in edited("history", address)
    assert address in edited("diff", address)
    assert address in edited("search", "Quận")
    assert {row["url"] for row in edited.json("changes", "--kind", "edited")} == {edited.server.url + PATH}
    for command in ("show", "history", "diff"):
        assert edited(command, address) == edited(command, edited.server.url + PATH)
    encoded = "/a/A%2FB%20C"
    assert encoded in edited("changes", "--kind", "new")
    assert "Khác" in edited("show", edited.server.url + encoded)
