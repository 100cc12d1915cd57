"""Writes Parquet files that Seine's own writer can't: python craft_shards.py GOOD.parquet FOLDER

GOOD.parquet is a shard of at least ten rows. What it holds is written again with other types, encodings, nulls and bytes, each as
FOLDER/NAME.parquet. Prints {"same": [NAME, ...], "schema": [...], "row_invalid": [...], "utf8": [...]}: files that hold the same rows in
another way, and those that a careful reader refuses, by reason; "bombs" unpack to a thousand times their size and more.
"""

import json
import pathlib
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

good = parquet.read_table(sys.argv[1])
folder = pathlib.Path(sys.argv[2])
written = {"same": [], "schema": [], "row_invalid": [], "utf8": [], "bombs": []}


def write(kind, name, table, **options):
    parquet.write_table(table, folder / f"{name}.parquet", **options)
    written[kind].append(name)


def with_column(name, values, field=None):
    at = good.schema.get_field_index(name)
    return good.set_column(at, field or pa.field(name, values.type), values)


def cast(name, to):
    return with_column(name, good[name].cast(to, safe=False))


def loose(kind):
    """The type with null allowed at every level."""
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(part.name, loose(part.type)) for part in kind])
    if pa.types.is_list(kind):
        return pa.list_(pa.field("element", loose(kind.value_type)))
    return kind


def changed(name, change):
    """The column with its first value changed, and null allowed everywhere."""
    first, *others = good[name].to_pylist()
    return with_column(name, pa.array([change(first), *others], loose(good.schema.field(name).type)))


def first_bytes(name, raw):
    """A text column whose first value is these bytes, whether or not they are UTF-8; pyarrow doesn't look."""
    others = [value.encode() for value in good[name].to_pylist()[1:]]
    binary = pa.array([raw, *others], pa.binary())
    return with_column(name, pa.Array.from_buffers(pa.utf8(), len(binary), binary.buffers()))


def strings(name):
    return good[name].cast(pa.string())


# The same rows, laid out in other ways.
for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]:
    write("same", f"codec-{codec}", good, compression=codec)
write("same", "pages-v2", good, data_page_version="2.0")
write("same", "row-groups-of-3", good, row_group_size=3)
write("same", "no-statistics", good, write_statistics=False)
write("same", "page-index", good, write_page_index=True)
write("same", "page-checksums", good, write_page_checksum=True)
write("same", "no-dictionary", good, use_dictionary=False)
write(
    "same",
    "delta-encodings",
    good,
    use_dictionary=False,
    column_encoding={"id": "DELTA_BYTE_ARRAY", "url": "DELTA_LENGTH_BYTE_ARRAY", "scraped_at": "DELTA_BINARY_PACKED"},
)
write("same", "byte-stream-split", good, use_dictionary=False, column_encoding={"scraped_at": "BYTE_STREAM_SPLIT"})
write("same", "many-pages", good, data_page_size=1)
write("same", "bloom-like-metadata", good.replace_schema_metadata({"note": "x" * 100_000}))

# Other types. What Arrow's own schema in the footer says, and what it doesn't.
write("schema", "times-in-milliseconds", cast("scraped_at", pa.timestamp("ms", "UTC")))
write("schema", "times-in-nanoseconds", cast("scraped_at", pa.timestamp("ns", "UTC")))
write("schema", "times-without-zone", cast("scraped_at", pa.timestamp("us")))
write("schema", "times-of-another-zone", cast("scraped_at", pa.timestamp("us", "Europe/Berlin")))
write("schema", "times-as-int96", good, use_deprecated_int96_timestamps=True, store_schema=False)
write("schema", "times-as-days", with_column("scraped_at", good["scraped_at"].cast(pa.date32(), safe=False)))
write("schema", "text-as-bytes", cast("url", pa.binary()))
write("schema", "large-text", cast("url", pa.large_string()))
write("schema", "text-views", cast("url", pa.string_view()))
write("schema", "words-as-text", with_column("source", strings("source")))
write("schema", "words-with-small-keys", with_column("source", strings("source").cast(pa.dictionary(pa.int8(), pa.string()))))
write("schema", "large-lists", cast("tags", pa.large_list(pa.string())))
write("schema", "no-arrow-schema", good, store_schema=False)
write("schema", "wide-commit", with_column("lang", pa.array([1] * len(good), pa.int64())))
write("schema", "unsigned", with_column("created_at", pa.array([2**64 - 1] * len(good), pa.uint64())))
write("schema", "decimal", with_column("created_at", pa.array([1] * len(good), pa.decimal128(38, 0))))
write("schema", "floats", with_column("created_at", pa.array([float("nan"), -0.0] * (len(good) // 2), pa.float64())))
write("schema", "a-map", with_column("metrics", pa.array([[("likes", 1)]] * len(good), pa.map_(pa.string(), pa.int64()))))
write("schema", "a-column-twice", pa.table([*good.columns, good["id"]], names=[*good.schema.names, "id"]))
write("schema", "name-in-capitals", good.rename_columns([name.upper() for name in good.schema.names]))
write("schema", "no-columns", pa.table({}))
metrics = good["metrics"].combine_chunks()
fields = [metrics.field(index) for index in range(metrics.type.num_fields)]
names = [field.name for field in metrics.type]
write("schema", "metrics-more", with_column("metrics", pa.StructArray.from_arrays([*fields, fields[0]], [*names, "claps"])))
write("schema", "metrics-less", with_column("metrics", pa.StructArray.from_arrays(fields[1:], names[1:])))
write("schema", "metrics-as-floats", with_column("metrics", pa.StructArray.from_arrays([pc.cast(f, pa.float64()) for f in fields], names)))

# Nulls where none may be, at every level.
for name in ["id", "source", "kind", "url", "scraped_at", "tags", "metrics", "media", "fetch"]:
    write("row_invalid", f"null-{name}", changed(name, lambda _: None))
write("row_invalid", "null-in-a-list", changed("tags", lambda _: ["a", None]))
write("row_invalid", "null-struct-in-a-list", changed("media", lambda _: [None]))
write("row_invalid", "null-within-a-struct", changed("fetch", lambda value: {**value, "url": None}))
write("row_invalid", "null-deep-within", changed("media", lambda value: [{**value[0], "mime": None}]))
# Times that no row may have.
for name, value in [("beyond-2-53", 2**53), ("int64-most", 2**63 - 1), ("int64-least", -(2**63))]:
    ticks = pa.array([value] * len(good), pa.int64()).view(pa.timestamp("us", "UTC"))
    write("row_invalid", f"time-{name}", with_column("scraped_at", ticks))

# Text that is no UTF-8: readers that repair it see other rows than readers that don't.
for name, raw in [
    ("a-lone-surrogate", b"\xed\xa0\x80"),
    ("a-pair-of-surrogates", b"\xed\xa0\xbd\xed\xb8\x80"),
    ("an-overlong-slash", b"\xc0\xaf"),
    ("half-a-character", b"caf\xc3"),
    ("beyond-unicode", b"\xf4\x90\x80\x80"),
    ("latin-1", b"caf\xe9"),
]:
    write("utf8", f"url-{name}", first_bytes("url", raw), use_dictionary=False)
    words = pa.array([raw], pa.binary())
    words = pa.Array.from_buffers(pa.utf8(), 1, words.buffers())
    keys = pa.array([0] * len(good), pa.int32())
    lang = pa.DictionaryArray.from_arrays(keys, words, safe=False)
    write("utf8", f"word-{name}", with_column("lang", lang))

write("utf8", "optional-text", first_bytes("title", b"\xed\xa0\x80"), use_dictionary=False)
write("utf8", "text-in-a-dictionary", first_bytes("url", b"\xed\xa0\x80"), use_dictionary=["url"])

# Small files that unpack without end.
def bomb(name, column, values):
    """Copies of the first row, each with a value of its own in one column; what repeats takes next to nothing."""
    table = good.take(pa.array([0] * len(values)))
    at = table.schema.get_field_index(column)
    write("bombs", name, table.set_column(at, pa.field(column, values.type), values), compression="zstd")


def one_word(length, rows):
    """The same long text in every row, kept once."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["a" * length]))


def empty_tags(count):
    """One row of this many tags, all of them empty."""
    ends = pa.py_buffer(bytes(4 * (count + 1)))
    return pa.ListArray.from_arrays([0, count], pa.Array.from_buffers(pa.utf8(), count, [None, ends, pa.py_buffer(b"")]))


bomb("a-long-word-in-every-row", "lang", one_word(2**20, 50_000))
bomb("a-text-of-256-megabytes", "author", pa.array(["a" * 2**28]))
bomb("ten-million-empty-tags", "tags", empty_tags(10_000_000))

print(json.dumps(written))
