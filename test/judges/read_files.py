"""Reads Parquet files with pyarrow, each by itself: python read_files.py FILE...

Prints a list with {"rows": [...]} for each, times as integer microseconds, or {"error": why}.
"""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as parquet


def rows_of(path):
    table = parquet.read_table(path)
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(index, field.name, table[field.name].cast(pa.int64()))
    return table.to_pylist()


def outcome(path):
    try:
        return {"rows": rows_of(path)}
    except Exception as error:  # whatever it refuses, in its own words
        return {"error": str(error)}


print(json.dumps([outcome(path) for path in sys.argv[1:]]))
