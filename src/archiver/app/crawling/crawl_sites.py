"""Crawl one or many sites at once: open the sites, hold their locks, record the runs, make the summaries."""

from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, replace
from typing import NamedTuple

from archiver.app.crawling.crawl_pools import CrawlPools, crawl_pools
from archiver.app.crawling.fallback_worker import FallbackWorker
from archiver.app.crawling.run import end_run, lock_site, recorded_run, unread_captures
from archiver.app.crawling.shared_servers import shared_servers
from archiver.app.reading.state import CrawlSummary
from archiver.app.watching.health_history import keep_health
from archiver.crawl.crawl_options import CrawlOptions
from archiver.crawl.crawler import Crawler
from archiver.crawl.many_sites import crawl_all
from archiver.crawl.pipeline import Pipeline
from archiver.crawl.reread import open_site
from archiver.crawl.site import WorkingSite
from archiver.errors import SiteBusy
from archiver.model.clock import written
from archiver.model.event import Listener
from archiver.model.outcome import Cause, Outcome
from archiver.model.policy import user_agent
from archiver.model.profile import Profile
from archiver.polite.stop import StopFlag
from archiver.render.browser_path import find_chromium
from archiver.settings import Settings, package_version
from archiver.store.archive import Store
from archiver.store.shared_hosts import SharedHostsFile

Result = CrawlSummary | SiteBusy


class CrawlRequest(NamedTuple):
    """What all crawls of a command have in common: limits, the listener, the flag that stops them.

    `insecure`: pages with a certificate that was not trusted are due now.
    `pools`: worker processes that this command shares with others; None: its own.
    """

    options: CrawlOptions
    listen: Listener
    stop: StopFlag
    insecure: bool = False
    pools: CrawlPools | None = None


class _Shared(NamedTuple):
    """Resources that the crawls of this process share. `stack` closes when all crawls have ended."""

    fallback: FallbackWorker
    machine: SharedHostsFile | None
    stack: ExitStack


class _OpenCrawl(NamedTuple):
    """A crawl that is ready to start."""

    site: WorkingSite
    pipeline: Pipeline
    crawler: Crawler


def crawl_sites(store: Store, settings: Settings, profiles: Sequence[Profile], request: CrawlRequest) -> list[Result]:
    """Crawl sites concurrently; return for each, in order, its summary or the SiteBusy error of a locked site.

    Raises:
        LeaseOver: nothing may be stored any longer; what was not committed before is lost.
    """
    store.check_commits(request.stop.check)
    results: dict[str, Result] = {}
    opened: dict[str, _OpenCrawl] = {}
    with (
        crawl_pools() if request.pools is None else nullcontext(request.pools) as pools,
        shared_servers(settings, request.listen) as machine,
        ExitStack() as stack,
    ):
        shared = _Shared(pools.fallback, machine, stack)
        for profile in dict.fromkeys(profiles):
            try:
                opened[profile.name] = _begin(store, settings, profile, request, shared)
            except SiteBusy as busy:
                results[profile.name] = busy
        crawlers = [each.crawler for each in opened.values()]
        endings = crawl_all(crawlers, settings.clock, settings.retries, pools.readers.read, pools.readers.workers)
        for (name, each), ended in zip(opened.items(), endings, strict=True):
            now, cause = written(settings.clock()), each.crawler.cause if ended == "stopped" else ""
            end_run(store, each.pipeline, now, ended if isinstance(ended, str) else "failed", cause)
            results[name] = _summary(store, each, ended) if isinstance(ended, str) else ended
    for name, each in opened.items():
        if isinstance(results[name], CrawlSummary):
            keep_health(store, each.pipeline.run_id)
    return [results[profile.name] for profile in profiles]


def _begin(store: Store, settings: Settings, profile: Profile, request: CrawlRequest, shared: _Shared) -> _OpenCrawl:
    if profile.may_render:
        find_chromium()
    shared.stack.enter_context(lock_site(settings.archive, profile.name))
    site = open_site(store, profile, settings.clock, request.listen, has_profile=bool(profile.text))
    store.runs.sweep(site.site_id, "crawl")
    if request.insecure:
        store.frontier.retry(site.site_id, Outcome.TLS_ERROR, written(settings.clock()))
    run = recorded_run(store, settings.clock, "crawl", site, f"crawl {profile.name}", shared.fallback)
    pipeline = shared.stack.enter_context(run)
    crawler = Crawler(
        store,
        site,
        pipeline,
        unread_captures(store, site, pipeline, request.listen),
        agent=user_agent(package_version(), site.profile.crawl),
        clock=settings.clock,
        options=request.options,
        listen=request.listen,
        stop=request.stop,
        retries=settings.retries,
        shared_hosts=shared.machine,
        guard=settings.new_guard(),
    )
    return _OpenCrawl(site, pipeline, crawler)


def _summary(store: Store, opened: _OpenCrawl, ended: str) -> CrawlSummary:
    run_id = opened.pipeline.run_id
    missing, second_proof_due = store.history.missed_in(run_id)
    return CrawlSummary(
        run_id,
        opened.site.name,
        opened.pipeline.tally,
        opened.crawler.seconds,
        ended,
        store.frontier.next_due(opened.site.site_id),
        dict(opened.pipeline.causes.most_common()),
        len(opened.pipeline.likely_articles),
        opened.pipeline.likely_articles.first,
        opened.crawler.unvisited,
        opened.crawler.cause if ended == "stopped" else "",
        asdict(replace(opened.pipeline.requisites, foreign=opened.pipeline.discoverer.foreign)),
        missing,
        second_proof_due,
        opened.pipeline.discoverer.trapped.count,
        opened.pipeline.discoverer.trapped.first,
        store.history.doubtful_in(run_id, Cause.DOUBTFUL),
        store.history.doubtful_in(run_id, Cause.BROKEN),
    )
