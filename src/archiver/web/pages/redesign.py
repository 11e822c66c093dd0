"""A redesign: the pages that changed in one way, told as one event."""

from archiver.app.browsing.feeds import feed_of
from archiver.app.browsing.redesign import redesign_of
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.event_cells import event_cells
from archiver.web.parameters import row_number


def redesign(request: PageRequest) -> Answer:
    """Answer the page."""
    number = request.number("redesign_id")
    data = redesign_of(request.archive, number, row_number(request)).as_json()
    return PageAnswer(
        "redesign.html",
        f"Redesign of {data['site']}",
        data,
        rows=event_cells(data["rows"]),
        feed=feed_of(request.archive, site=data["site"], kinds=("redesign",)),
        sql=f"SELECT * FROM changes WHERE redesign_id = {number}",
    )
