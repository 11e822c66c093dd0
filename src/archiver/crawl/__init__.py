"""Crawling: the pipeline of one page, the crawl of one site or of many, and reading stored captures again."""
