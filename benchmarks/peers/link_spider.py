"""A peer of crawl_situations.py: Scrapy follows the links that its LinkExtractor finds, and redirects, with its own settings.

Runs in an environment of its own: python link_spider.py BASE…
"""

import sys

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor


class Links(scrapy.Spider):
    """Follows all links of the hosts that it was given."""

    name = "links"
    links = LinkExtractor()

    async def start(self):
        for base in self.bases:
            yield scrapy.Request(base + "/")

    def parse(self, response):
        if isinstance(response, scrapy.http.TextResponse):
            for link in self.links.extract_links(response):
                yield scrapy.Request(link.url)


process = CrawlerProcess({"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False})
hosts = [base.split("//")[1].rsplit(":", 1)[0] for base in sys.argv[1:]]
process.crawl(Links, bases=sys.argv[1:], allowed_domains=hosts)
process.start()
