"""Verifies a shard with pyarrow: its digest, order, canonical rows and RFC 6962 root: python verify_rows.py SHARD"""

import hashlib
import json
import sys

import pyarrow as pa
import pyarrow.parquet as parquet
from rounds import serve

(shard,) = sys.argv[1:]
encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


def add(peaks, leaf):
    size = 1
    while peaks and peaks[-1][0] == size:
        leaf = hashlib.sha256(b"\1" + peaks.pop()[1] + leaf).digest()
        size *= 2
    peaks.append((size, leaf))


def root_of(peaks):
    root = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        root = hashlib.sha256(b"\1" + left + root).digest()
    return root.hex()


def verify():
    with open(shard, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    peaks = []
    rows = 0
    before = b""
    for batch in parquet.ParquetFile(shard).iter_batches(batch_size=8192):
        for index, field in enumerate(batch.schema):
            if pa.types.is_timestamp(field.type):
                batch = batch.set_column(index, field.name, batch.column(index).cast(pa.int64()))
        for row in batch.to_pylist():
            key = row["id"].encode()
            if key <= before:
                raise ValueError("out of order")
            before = key
            add(peaks, hashlib.sha256(b"\0" + encoder.encode(row).encode()).digest())
            rows += 1
    return {"digest": digest, "rows": rows, "root": root_of(peaks)}


serve(verify)
