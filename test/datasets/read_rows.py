"""Reads a dataset's Parquet files with pyarrow: python read_rows.py FOLDER

Prints {"types": {column: Arrow type}, "rows": [...]} with times as integer microseconds.
"""

import json
import sys

import pyarrow as pa
import pyarrow.dataset as dataset

table = dataset.dataset(sys.argv[1], format="parquet").to_table()
types = {field.name: str(field.type) for field in table.schema}
for index, field in enumerate(table.schema):
    if pa.types.is_timestamp(field.type):
        table = table.set_column(index, field.name, table[field.name].cast(pa.int64()))
print(json.dumps({"types": types, "rows": table.to_pylist()}))
