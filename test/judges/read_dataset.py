"""Opens Parquet files with pyarrow and with DuckDB, and says how many rows and distinct ids each sees.

usage: read_dataset.py FILE...
"""

import json
import sys

import duckdb
import pyarrow.parquet as parquet

files = sys.argv[1:]
tables = [parquet.read_table(path) for path in files]
ids = [value for table in tables for value in table.column("id").to_pylist()]
rows, distinct = duckdb.execute("select count(*), count(distinct id) from read_parquet(?)", [files]).fetchone()
print(json.dumps({
    "pyarrow": {"rows": sum(table.num_rows for table in tables), "ids": len(set(ids))},
    "duckdb": {"rows": rows, "ids": distinct},
}))
