"""The forms of acts: capture now, crawl now, mark, add a site. POST only, with a token; refused without `--act`."""

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from archiver.app.browsing import acts
from archiver.app.browsing.jobs import JobResult, Jobs, jobs_of
from archiver.app.browsing.marking import LOCAL, mark_events
from archiver.web.archive_pages import ArchivePages
from archiver.web.config import ServeConfig, ServedArchive
from archiver.web.links import Links
from archiver.web.login import safe_target
from archiver.web.problems import ActsOff, FormRefused

Form = dict[str, str]
_MOST_FIELDS = 20
_PATIENCE = 5.0  # seconds in which a capture may end, so that its page is shown at once


def act_routes(pages: ArchivePages, config: ServeConfig, served: ServedArchive) -> list[BaseRoute]:
    """Return the routes of the acts of one archive."""
    forms = ActForms(pages, config, served)
    return [Route(f"/act/{name}", partial(forms.answer, act), methods=["POST"]) for name, act in forms.acts.items()]


class ActForms:
    """Answers the forms of one archive."""

    def __init__(self, pages: ArchivePages, config: ServeConfig, served: ServedArchive) -> None:
        self._pages, self._config, self._settings = pages, config, served.settings
        self.acts: dict[str, Callable[[Form, Links, str], str]] = {
            "capture": self._capture,
            "crawl": self._crawl,
            "site": self._add_site,
            "mark": self._mark,
        }

    async def answer(self, act: Callable[[Form, Links, str], str], request: Request) -> Response:
        """Answer one form: a redirect to the page that shows what came of it."""
        body = await request.body()
        return await run_in_threadpool(self._pages.answered, request, partial(self._respond, act, body))

    def _respond(self, act: Callable[[Form, Links, str], str], body: bytes, request: Request, links: Links) -> Response:
        form = self._checked(request, body)
        return RedirectResponse(act(form, links, request.scope["archiver.user"] or LOCAL), 303)

    def _checked(self, request: Request, body: bytes) -> Form:
        """Return the values of a form that may be answered."""
        if not self._config.acts:
            raise ActsOff
        form = _form_of(body)
        if not request.scope["archiver.check"](form.get("token", "")):
            raise FormRefused("this form is from another visit; open the page again, and send it there")
        return form

    @property
    def _jobs(self) -> Jobs:
        return jobs_of(self._settings.archive.absolute(), self._settings.clock)

    def _capture(self, form: Form, links: Links, by: str) -> str:
        address = acts.web_address(form.get("url", ""))
        job = self._jobs.start("capture", address, by, partial(acts.capture_now, self._settings, address))
        result = self._jobs.wait(job, _PATIENCE).result or JobResult("")
        return links.to("acts") if result.page_id is None or result.failed else links.to("page", page_id=result.page_id)

    def _crawl(self, form: Form, links: Links, by: str) -> str:
        site = form.get("site", "")
        self._pages.pool.read(lambda archive: acts.check_crawl(archive, site))
        self._jobs.start("crawl", site, by, partial(acts.crawl_now, self._settings, site))
        return links.to("acts")

    def _add_site(self, form: Form, links: Links, by: str) -> str:
        address = acts.web_address(form.get("url", ""))
        work = partial(acts.add_site, self._settings, address, form.get("name", "").strip())
        self._jobs.start("site", address, by, work)
        return links.to("acts")

    def _mark(self, form: Form, links: Links, by: str) -> str:
        """Mark events: `mark` is `seen:EVENT EVENT`; with `-` before it, the mark is withdrawn."""
        name, _, events = form.get("mark", "").partition(":")
        mark = name.removeprefix("-")
        note = form.get("note", "")
        mark_events(self._settings, events.split(), mark, note=note, by=by, withdraw=name != mark)
        return safe_target(form.get("back", ""), links.root)


def _form_of(body: bytes) -> Form:
    try:
        found = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise FormRefused("this form has too many fields; open the page again, and send it there") from None
    return {name: values[-1].replace("\0", "") for name, values in found.items()}
