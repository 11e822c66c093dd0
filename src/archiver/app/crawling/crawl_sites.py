"""A crawl of one site or of many at once: sites opened, locks held, runs kept, summaries made."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.run import a_run, only_crawl, unread_captures
from archiver.app.crawling.shared_servers import shared_servers
from archiver.app.reading.state import CrawlSummary
from archiver.crawl.crawler import Crawler, CrawlOptions
from archiver.crawl.many_sites import crawl_all
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.reread import open_site
from archiver.crawl.site import WorkingSite
from archiver.errors import SiteBusy
from archiver.model.clock import written
from archiver.model.event import Listener
from archiver.model.policy import user_agent
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.store.shared_hosts import SharedHostsFile

Result = CrawlSummary | SiteBusy


class Wishes(NamedTuple):
    """What is wanted of every crawl: how far it goes, who hears of it, what stops it."""

    options: CrawlOptions
    listen: Listener
    stop: StopFlag


class _Shared(NamedTuple):
    """What the crawls of this process have in common. `held` is let go of when all have ended."""

    fallback: FallbackWorker
    machine: SharedHostsFile | None
    held: ExitStack


class _Begun(NamedTuple):
    """A crawl that is about to go."""

    run_id: int
    site: WorkingSite
    pipeline: Pipeline
    crawler: Crawler


def crawl_sites(store: Store, settings: Settings, profiles: Sequence[Profile], wishes: Wishes) -> list[Result]:
    """Crawl sites, all at once; gives a summary for each, or who is at work on it, in the order given."""
    results: dict[str, Result] = {}
    begun: dict[str, _Begun] = {}
    with FallbackWorker() as fallback, shared_servers(settings, wishes.listen) as machine, ExitStack() as held:
        shared = _Shared(fallback, machine, held)
        for profile in dict.fromkeys(profiles):
            try:
                begun[profile.name] = _begin(store, settings, profile, wishes, shared)
            except SiteBusy as busy:
                results[profile.name] = busy
        endings = crawl_all([each.crawler for each in begun.values()], settings.retries)
        for (name, each), ended in zip(begun.items(), endings, strict=True):
            now, cause = written(settings.clock()), each.crawler.cause if ended == "stopped" else ""
            store.runs.end(each.run_id, now, ended if isinstance(ended, str) else "failed", cause)
            results[name] = _summary(store, each, ended) if isinstance(ended, str) else ended
    return [results[profile.name] for profile in profiles]


def _begin(store: Store, settings: Settings, profile: Profile, wishes: Wishes, shared: _Shared) -> _Begun:
    shared.held.enter_context(only_crawl(settings.archive, profile.name))
    site = open_site(store, profile, settings.clock, wishes.listen, has_profile=True)
    store.runs.sweep(site.site_id, "crawl")
    run = a_run(store, settings.clock, "crawl", site, f"crawl {profile.name}", shared.fallback)
    run_id, pipeline = shared.held.enter_context(run)
    crawler = Crawler(
        store,
        site,
        pipeline,
        unread_captures(store, site, pipeline, wishes.listen),
        run_id,
        agent=user_agent(package_version(), site.profile.crawl),
        clock=settings.clock,
        options=wishes.options,
        listen=wishes.listen,
        stop=wishes.stop,
        retries=settings.retries,
        machine=shared.machine,
    )
    return _Begun(run_id, site, pipeline, crawler)


def _summary(store: Store, begun: _Begun, ended: str) -> CrawlSummary:
    return CrawlSummary(
        begun.run_id,
        begun.site.name,
        begun.pipeline.tally,
        begun.crawler.seconds,
        ended,
        store.frontier.next_due(begun.site.site_id),
        dict(begun.pipeline.causes.most_common()),
        len(begun.pipeline.likely_articles),
        begun.pipeline.likely_articles.first,
        begun.crawler.undone,
        begun.crawler.cause if ended == "stopped" else "",
    )
