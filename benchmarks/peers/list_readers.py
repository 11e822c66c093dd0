"""Peers of crawl_situations.py: which pages Scrapy's Sitemap and ultimate-sitemap-parser find. Reads base addresses, prints JSON lines.

Runs in an environment of its own: python list_readers.py BASE…
"""

import json
import logging
import sys

import requests
from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap, sitemap_urls_from_robots
from usp.tree import sitemap_tree_for_homepage

logging.disable(logging.CRITICAL)


def scrapy_pages(base):
    """What SitemapSpider does with robots.txt or /sitemap.xml, without its downloads of the pages."""
    robots = requests.get(base + "/robots.txt", timeout=10)
    named = list(sitemap_urls_from_robots(robots.text, base_url=base + "/robots.txt")) if robots.ok else []
    found, queue = [], named or [base + "/sitemap.xml"]
    for url in queue[:20]:
        answer = requests.get(url, timeout=10)
        if not answer.ok:
            continue
        body = gunzip(answer.content) if answer.content[:2] == b"\x1f\x8b" else answer.content
        sitemap = Sitemap(body)
        found += [entry["loc"] for entry in sitemap if sitemap.type == "urlset"]
        queue += [entry["loc"] for entry in sitemap if sitemap.type == "sitemapindex"]
    return found


def usp_pages(base):
    return [page.url for page in sitemap_tree_for_homepage(base + "/").all_pages()]


def attempt(find, base):
    try:
        return sorted({url.replace(base, "") for url in find(base)})
    except Exception as error:  # noqa: BLE001 (a peer that fails finds nothing)
        return [repr(error)[:80]]


for base in sys.argv[1:]:
    print(
        json.dumps({"base": base, "scrapy": attempt(scrapy_pages, base), "usp": attempt(usp_pages, base)}), flush=True
    )
