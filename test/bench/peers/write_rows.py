"""Writes rows with pyarrow in the schema of a shard: python write_rows.py SHARD ROWS.ndjson OUT"""

import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as parquet
from rounds import serve

shard, rows_file, out = sys.argv[1:]
schema = parquet.read_schema(shard)
with open(rows_file, encoding="utf8") as lines:
    rows = [json.loads(line) for line in lines]


def write():
    with open(out, "wb") as sink:
        table = pa.Table.from_pylist(rows, schema=schema)
        parquet.write_table(table, sink, compression="zstd", row_group_size=65_536, write_page_index=True)
        sink.flush()
        os.fsync(sink.fileno())
    return {"bytes": os.path.getsize(out)}


serve(write)
