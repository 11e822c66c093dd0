"""`crawl --all-sites` and profiles with faults: they are reported, and the other sites are crawled."""

from watched import Town

FAULTY = '[site]\nname = "hamlet"\nhome = "http://127.0.0.1:1/"\n[crawl]\ndelai = 1\n'


def write(town: Town, name: str, text: str) -> str:
    path = town.server.selectors / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_new_profile_with_a_fault_is_reported_in_one_line_and_the_others_are_crawled(town: Town) -> None:
    town.articles(2)
    path = write(town, "hamlet", FAULTY)
    assert town("crawl", "--all-sites", code=3).startswith("town: 3 visits")
    (line,) = town.err.splitlines()
    assert line.startswith(
        "error: hamlet: not crawled; fix its profile (`archiver site check hamlet` shows the fault): "
    )
    assert line.endswith(f"{path}: line 5: crawl.delai: unknown key; did you mean 'delay'?")
    write(town, "hamlet", FAULTY + "limmit = 1\n")
    town("crawl", "--all-sites", code=3)
    assert "(`archiver site check hamlet` shows all 2 faults)" in town.err.splitlines()[0]


def test_a_fault_in_the_profile_of_a_known_site_does_not_stop_the_others(town: Town) -> None:
    town.articles(2)
    write(
        town,
        "village",
        town.server.selectors.joinpath("town.toml").read_text(encoding="utf-8").replace("town", "village"),
    )
    assert town("crawl", "--all-sites").count(" visits") == 2
    path = write(town, "town", FAULTY)
    fault, *visits, summary = town.json("crawl", "--all-sites", "--all", code=3)
    assert (fault["event"], fault["site"], fault["path"]) == ("fault", "town", path)
    assert {"line": 5, "where": "crawl.delai", "what": "unknown key; did you mean 'delay'?"} in fault["faults"]
    assert {each["site"] for each in visits} == {"village"}
    assert (summary["site"], summary["visits"]) == ("village", 3)
    write(town, "village", FAULTY)
    town("crawl", "--all-sites", code=3)
    assert len(town.err.splitlines()) == 2


def test_a_fault_in_a_named_profile_stops_the_crawl_before_any_request(town: Town) -> None:
    town.articles(2)
    write(town, "hamlet", FAULTY)
    town("crawl", "town", "hamlet", code=3)
    assert "hamlet.toml: line 5: crawl.delai" in town.err
    assert town.server.asked == []


def test_the_exit_code_of_a_fault_is_worse_than_that_of_an_alarm(town: Town) -> None:
    town.fails()
    write(town, "hamlet", FAULTY)
    for _ in range(3):
        town("crawl", "--all-sites", "--all", code=3)
    assert "town: alarm: " in town.err
