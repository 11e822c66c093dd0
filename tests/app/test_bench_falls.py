"""When a field falls: a loss of pages that is no chance and more than a better rule refuses."""

import pytest

from archiver.app.benching.bench import joined_months
from archiver.app.benching.choose_captures import Unit
from archiver.app.benching.tally import PagePairs


@pytest.mark.parametrize(
    ("had", "lost", "gained", "falls"),
    [
        (1, 1, 0, True),
        (3, 1, 0, True),
        (20, 1, 0, False),
        (20, 2, 0, True),
        (20, 2, 2, False),
        (1000, 20, 0, False),
        (1000, 21, 0, True),
        (1000, 40, 30, False),
        (0, 0, 5, False),
    ],
)
def test_a_field_falls_beyond_the_margin(had: int, lost: int, gained: int, falls: bool) -> None:
    pages = PagePairs()
    for number in range(had):
        pages.add(_unit(number), had=True, move=-1 if number < lost else 0)
    for number in range(gained):
        pages.add(_unit(had + number), had=False, move=1)
    assert pages.has_fallen is falls


def test_a_page_counts_once_however_many_captures_lose_the_field() -> None:
    pages = PagePairs()
    for _ in range(50):
        pages.add(_unit(1), had=True, move=-1)
    for number in range(2, 60):
        pages.add(_unit(number), had=True, move=0)
    assert (pages.net_loss, pages.has_fallen) == (1, False)


def _unit(page: int) -> Unit:
    return Unit(page, page, f"https://a.example/{page}", "2022-10-21 00:00:00")


def test_at_most_twelve_months_have_a_column_of_their_own() -> None:
    months = [f"{year}-{month:02}" for year in (2021, 2022) for month in range(1, 13)]
    columns = joined_months(months)
    assert len(set(columns.values())) == 12
    assert [month for month in months if columns[month] == "..2022-01"] == months[:13]
    assert joined_months(months[:12]) == {month: month for month in months[:12]}
