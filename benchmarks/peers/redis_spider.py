"""A peer of fleet_trial.py: scrapy-redis, which shares one queue of requests among many processes.

Runs in an environment of its own: python redis_spider.py REDIS DATABASE DELAY
The queue, the set of what was seen and the start pages are in Redis. Each page is committed to a database of this process.
"""

import sqlite3
import sys
from urllib.parse import urljoin

from scrapy.crawler import CrawlerProcess
from scrapy_redis.spiders import RedisSpider

SETTINGS = {
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
    "COOKIES_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "RETRY_ENABLED": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "RANDOMIZE_DOWNLOAD_DELAY": False,
    "AUTOTHROTTLE_ENABLED": False,
    "SCHEDULER": "scrapy_redis.scheduler.Scheduler",
    "DUPEFILTER_CLASS": "scrapy_redis.dupefilter.RFPDupeFilter",
    "SCHEDULER_PERSIST": True,
    "REDIS_START_URLS_AS_SET": False,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
}


class Portals(RedisSpider):
    """All pages of all portals whose homes are in the list of start pages."""

    name = "portals"
    redis_key = "portals:start"

    def __init__(self, database):
        super().__init__()
        self.db = sqlite3.connect(database)
        self.db.execute("CREATE TABLE IF NOT EXISTS page(url, title, body)")

    def parse(self, response):
        title, body = response.css("h1::text").get(), response.css("div.body p::text").get()
        if body is not None:
            with self.db:
                self.db.execute("INSERT INTO page VALUES (?, ?, ?)", (response.url, title, body))
        for link in response.css("a[href]::attr(href)").getall():
            yield response.follow(urljoin(response.url, link))


if __name__ == "__main__":
    redis, database, delay = sys.argv[1:]
    process = CrawlerProcess(SETTINGS | {"REDIS_URL": redis, "DOWNLOAD_DELAY": float(delay)})
    process.crawl(Portals, database=database)
    process.start()
