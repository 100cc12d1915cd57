"""A plain Scrapy spider: python crawl_scrapy.py URL JOBDIR, where JOBDIR is `memory` for none. One crawl for the line that it reads."""

import json
import sys

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess

AT_ONCE = 16
START, JOBDIR = sys.argv[1:3]
found = {"pages": 0, "titleLength": 0, "textLength": 0}


class SiteSpider(Spider):
    name = "site"

    # Not start_urls, whose requests the duplicates filter does not see.
    async def start(self):
        yield Request(START)

    def parse(self, response):
        found["pages"] += 1
        found["titleLength"] += len(response.xpath("string(//title)").get())
        found["textLength"] += len(response.xpath("string(//body)").get())
        # Cheaper than LinkExtractor and than response.follow_all, which both do more for a link.
        for href in response.xpath("//a/@href").getall():
            yield Request(response.urljoin(href))


settings = {
    "CONCURRENT_REQUESTS": AT_ONCE,
    "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE,
    "DOWNLOAD_DELAY": 0,
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "WARNING",
}
if JOBDIR != "memory":
    settings["JOBDIR"] = JOBDIR
process = CrawlerProcess(settings)
print('"ready"', flush=True)
sys.stdin.readline()
process.crawl(SiteSpider)
process.start()
print(json.dumps(found), flush=True)
