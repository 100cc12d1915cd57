"""Pages to rows, claims and Parquet: python pipeline.py SHARD PAGES.ndjson REDIS_PORT OUT

The same steps as ours: main text by readability-lxml, links and stated facts by lxml, the language of the first 4096 characters by py3langid,
keys of id and normalised text claimed with SET NX, 500 in a pipeline, Parquet by pyarrow.
"""

import hashlib
import json
import os
import sys
import unicodedata
from urllib.parse import urljoin, urlsplit

import lxml.html
import py3langid
import pyarrow as pa
import pyarrow.parquet as parquet
import redis
from readability import Document
from rounds import serve

shard, pages_file, port, out = sys.argv[1:]
schema = parquet.read_schema(shard)
client = redis.Redis(port=int(port))
with open(pages_file, encoding="utf8") as lines:
    pages = [json.loads(line) for line in lines]

NO_METRICS = dict.fromkeys(["likes", "replies", "reposts", "quotes", "views", "bookmarks"])
BLOCKS = {"p", "div", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote", "table", "ul", "ol"}


def text_of(root):
    parts = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in BLOCKS:
            parts.append("\n")
        if element.text:
            parts.append(element.text)
        if element.tail:
            parts.append(element.tail)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))


def image_of(element, url):
    return {
        "url": urljoin(url, element.get("src")),
        "kind": "image",
        "mime": "image/*",
        **dict.fromkeys(["bytes", "sha256", "width", "height", "duration_ms", "phash"]),
    }


def row_of(page):
    url, html = page["url"], page["html"]
    body = html.encode()
    tree = lxml.html.document_fromstring(body)
    canonical = tree.xpath('//link[@rel="canonical"]/@href')
    place = urljoin(url, canonical[0]) if canonical else url
    if urlsplit(place).netloc != urlsplit(url).netloc:
        place = url
    links = {urljoin(url, href).split("#")[0] for href in tree.xpath("//a/@href")}
    meta = {item.get("name") or item.get("property"): item.get("content") for item in tree.iter("meta")}
    for data in tree.xpath('//script[@type="application/ld+json"]/text()'):
        json.loads(data)
    main = lxml.html.fromstring(Document(html, url=url).summary(html_partial=True))
    text = text_of(main)
    if not text or not links:
        return None
    title = tree.findtext(".//title")
    return {
        "id": f"web:{place}",
        "source": "web",
        "kind": "page",
        "url": place,
        "author": meta.get("author"),
        "created_at": None,
        "scraped_at": 1_763_000_000_000_000,
        "lang": py3langid.classify(text[:4096])[0],
        "title": title and " ".join(title.split()),
        "text": text,
        "tags": [],
        "parent_id": None,
        "conversation_id": None,
        "metrics": NO_METRICS,
        "media": [image_of(image, url) for image in main.iter("img") if image.get("src")],
        "fetch": {"url": url, "status": 200, "body_sha256": hashlib.sha256(body).hexdigest(), "extractor": "lxml"},
        "extra": None,
    }


def key_of(text):
    return hashlib.sha256(text.encode()).digest()[:16]


def text_key(text):
    return key_of("".join(unicodedata.normalize("NFKC", text).casefold().split()))


def claim(prefix, keys):
    for start in range(0, len(keys), 500):
        pipeline = client.pipeline(transaction=False)
        for key in keys[start : start + 500]:
            pipeline.set(prefix + key, b"1", nx=True)
        pipeline.execute()


def work():
    rows = [row for row in map(row_of, pages) if row is not None]
    claim(b"r:", [key_of(row["id"]) for row in rows])
    claim(b"t:", [text_key(row["text"]) for row in rows])
    rows.sort(key=lambda row: row["id"].encode())
    with open(out, "wb") as sink:
        parquet.write_table(pa.Table.from_pylist(rows, schema=schema), sink, compression="zstd", row_group_size=65_536)
        sink.flush()
        os.fsync(sink.fileno())
    with open(out, "rb") as file:
        hashlib.sha256(file.read()).hexdigest()
    return {"rows": len(rows)}


serve(work)
