"""The page of the acts: capture an address, add a site, crawl a site, note an event; and what came of them."""

from dataclasses import asdict

from archiver.app.browsing.acts import crawlable
from archiver.app.browsing.jobs import jobs_of
from archiver.app.browsing.marks import LONGEST_NOTE, event_of, marks_of
from archiver.web.answer import Answer, PageAnswer, PageRequest
from archiver.web.problems import ActsOff


def acts(request: PageRequest) -> Answer:
    """Answer the page; with `event`, the form that marks it."""
    if not request.acts:
        raise ActsOff
    text = request.query.get("event", "")
    if text:
        return _event(request, text.split())
    settings = request.archive.settings
    jobs = [asdict(job) for job in jobs_of(settings.archive.absolute(), settings.clock).listed()]
    data = {"sites": crawlable(request.archive), "jobs": jobs}
    return PageAnswer("acts.html", "Acts", data, context={"url": request.query.get("url", "")})


def _event(request: PageRequest, texts: list[str]) -> Answer:
    names = [event_of(text) for text in texts]
    marks = marks_of(request.archive.store, [name._asdict() for name in names])
    triage = next((asdict(marks[text]) for text in texts if text in marks), None)
    data = {"events": [name._asdict() for name in names], "marks": triage}
    back = request.query.get("back", "") or request.links.to("today")
    context = {"text": " ".join(texts), "back": back, "longest": LONGEST_NOTE}
    return PageAnswer("act_event.html", "Mark a change", data, context=context)
