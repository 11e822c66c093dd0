"""The alarms that hold now are those that the newest crawls raised."""

from archiver.app.reading.questions import ArchiveReader
from archiver.app.watching.alarm import Alarm
from archiver.app.watching.current_alarms import current_alarms
from watched import PAGE, Town

WITHOUT_SUMMARY = PAGE.replace("id=s", "id=was")


def alarms(town: Town, site: str | None = None) -> list[Alarm]:
    with ArchiveReader(town.settings) as archive:
        return current_alarms(archive, site)


def test_an_alarm_holds_until_a_crawl_reads_such_pages_well_again(town: Town) -> None:
    town.articles(6)
    town.crawl()
    assert alarms(town) == []
    town.articles(6, WITHOUT_SUMMARY)
    raised = town.crawl(code=5)["alarms"]
    assert [alarm.as_json() for alarm in alarms(town)] == raised
    town.crawl("--limit", "1")  # it reads the listing only, and raises no alarm
    assert [alarm.as_json() for alarm in alarms(town)] == raised
    assert alarms(town, "town") == alarms(town)
    assert alarms(town, "elsewhere") == []
    town.articles(6)
    town.crawl()
    assert alarms(town) == []


def test_an_alarm_of_the_site_is_one_of_its_newest_crawl(town: Town) -> None:
    town.articles(3)
    town.crawl()
    town.fails()
    town.crawl(code=None)
    assert [(each.alarm, each.kind) for each in alarms(town)] == [("errors", None)]
    town.server.rule = lambda _path, _headers: None
    town.crawl()
    assert alarms(town) == []


def test_the_example_of_an_alarm_is_no_page_under_an_embargo(town: Town) -> None:
    town.articles(6)
    town.crawl()
    town.articles(6, WITHOUT_SUMMARY)
    town.crawl(code=5)
    assert alarms(town)[0].url in [town.url(number) for number in town.numbers]
    town("embargo", "/a/", "--site", "town", "--until", "2030-01-01", "--reason", "asked for")
    assert alarms(town)[0].url == f"{town.server.url}/"
