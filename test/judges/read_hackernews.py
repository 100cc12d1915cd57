"""Reads Hacker News with hn-api-client, which knows nothing of Seine: python read_hackernews.py BASE_URL USER

Prints {"lists": {name: [id]}, "items": [item], "tree": tree, "user": user, "unknown": [item, user], "max_item": id, "updates": {...}}: the items
that the top stories name and those below them, and the thread below the first of them. The client drops members that it does not know.
"""

import dataclasses
import json
import sys

from hacker_news_client import HackerNewsClient

base_url, user = sys.argv[1:]
client = HackerNewsClient(base_url=base_url)


def plainly(value):
    return None if value is None else dataclasses.asdict(value)


lists = {name: getattr(client, f"{name}_story_ids")() for name in ("top", "new", "best", "ask", "show", "job")}
waiting, items = list(lists["top"]), []
while waiting:
    found = client.items(waiting)
    items += found
    waiting = [id for item in found for id in (*getattr(item, "kids", ()), *getattr(item, "parts", ()))]

print(json.dumps({
    "lists": lists,
    "items": [plainly(item) for item in items],
    "tree": plainly(client.comment_tree(lists["top"][0])),
    "user": plainly(client.user(user)),
    "unknown": [plainly(client.item(999_999)), plainly(client.user("nobody_by_this_name"))],
    "max_item": client.max_item(),
    "updates": plainly(client.updates()),
}))
