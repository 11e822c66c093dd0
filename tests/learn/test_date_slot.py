"""A date that no page declares and no general reading finds is learned from the element that prints it on every page."""

from archiver.extract.read import read
from archiver.learn.learn import learn_profile
from archiver.learn.samples import SamplePage
from learn.portals import TOPICS, paragraphs, sample

COUNTY = "http://county.example"


def county(number: int, more: str = "") -> SamplePage:
    """An article whose date and author stand in one line below its title, and the date of today above it."""
    text = "".join(f"<p>{each}</p>" for each in paragraphs(number))
    return sample(
        f"{COUNTY}/news/2026/story-{number}.html",
        f"<html lang=en><title>{TOPICS[number]} - County</title><body><div id=menu><span class=today>2026-11-30</span><a href=/news/>News</a></div>"
        f"<div class=post><h2 class=post-title>{TOPICS[number]}</h2>"
        f"<p class=meta><span class=date>2026-10-0{number + 1} 08:30</span> <span class=author>Anna Hill</span></p>"
        f"<div class=post-body>{text}</div>{more}</div></body></html>",
    )


def test_the_element_that_prints_another_date_on_every_page_is_the_date() -> None:
    learned = learn_profile([county(0), county(1), county(2)], "county")
    published = read(county(4).capture, learned.profile, links=False).content.published
    assert published is not None
    assert published.local == "2026-10-05 08:30:00"


def test_dates_of_other_articles_are_no_date_of_the_page() -> None:
    others = [
        "".join(f"<li><span class=when>2026-09-{day + number} 10:00</span> Another story</li>" for day in (10, 15))
        for number in range(5)
    ]
    pages = [county(number, f"<ul class=more>{others[number]}</ul>") for number in range(5)]
    learned = learn_profile(pages[:3], "county")
    assert "when" not in learned.text.partition("[page.fields]")[2].partition("body =")[0]
    published = read(pages[4].capture, learned.profile, links=False).content.published
    assert published is not None
    assert published.local == "2026-10-05 08:30:00"
