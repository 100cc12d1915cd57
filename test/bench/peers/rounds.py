"""Does a round of work for each line of standard input, and answers each with a line of JSON."""

import gc
import json
import sys
import time


def serve(work):
    """work() gives a dict of what it found; its seconds are added."""
    for _ in sys.stdin:
        gc.collect()
        started = time.perf_counter()
        found = work()
        found["seconds"] = time.perf_counter() - started
        print(json.dumps(found), flush=True)
