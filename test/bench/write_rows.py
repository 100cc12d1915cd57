"""Writes rows with pyarrow in the schema of a shard, and says how fast: python write_rows.py SHARD ROWS.ndjson"""

import io
import json
import sys
import time

import pyarrow as pa
import pyarrow.parquet as parquet

shard, rows_file = sys.argv[1:]
schema = parquet.read_schema(shard)
with open(rows_file, encoding="utf8") as lines:
    rows = [json.loads(line) for line in lines]

started = time.perf_counter()
sink = io.BytesIO()
parquet.write_table(pa.Table.from_pylist(rows, schema=schema), sink, compression="zstd", row_group_size=65_536)
seconds = time.perf_counter() - started
print(json.dumps({"rows_per_second": len(rows) / seconds, "bytes": sink.tell()}))
