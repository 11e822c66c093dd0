"""Visits to single addresses, outside of a crawl: what they have in common, and the browser that they may share."""

from collections.abc import Sequence
from dataclasses import dataclass

from archiver.crawl.capture_once import Manners, capture_once
from archiver.crawl.capture_requisites import RequisiteCapture
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.requisites import RequisiteCounts
from archiver.crawl.shared_browser import SharedBrowser
from archiver.crawl.site import WorkingSite
from archiver.model.event import Listener, Visited
from archiver.model.policy import user_agent
from archiver.model.profile import RenderRules
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.store.shared_hosts import SharedHostsFile


@dataclass(frozen=True, slots=True)
class SingleVisits:
    """Visits to addresses of one site.

    Attributes:
        store: keeps the captures.
        settings: clock, retries, and which hosts may be requested.
        site: the site.
        pipeline: of the run.
        machine: request times shared with the other archivers on this machine.
        listen: called with events.
        browser: opens pages; None: each visit that needs one starts its own.
    """

    store: Store
    settings: Settings
    site: WorkingSite
    pipeline: Pipeline
    machine: SharedHostsFile | None
    listen: Listener
    browser: SharedBrowser | None = None

    def page(self, address: str, *, named: Sequence[str] = (), render: RenderRules | None = None) -> Visited:
        """Visit an address; the arguments are those of `capture_once`."""
        visited = capture_once(
            self.store,
            self.site,
            self.pipeline,
            address,
            manners=Manners(
                user_agent(package_version(), self.site.profile.crawl),
                self.settings.clock,
                self.settings.retries,
                self.machine,
                self.settings.new_guard(),
            ),
            listen=self.listen,
            named=named,
            render=render,
            browser=self.browser,
        )
        return visited[-1]

    def requisites(self, page: Visited, address: str) -> RequisiteCounts:
        """Capture what a browser needs to show a page. `address`: the one that the user named."""
        capture = RequisiteCapture(
            self.store,
            self.site,
            self.pipeline,
            agent=user_agent(package_version(), self.site.profile.crawl),
            clock=self.settings.clock,
            named=(address,),
            retries=self.settings.retries,
            shared_hosts=self.machine,
            guard=self.settings.new_guard(),
        )
        return capture.capture(page)
