// Writes Parquet files in a thread of its own (see parquet-writer.ts), so that one core packs a batch while another prepares the next. Plain
// JavaScript, because it starts without the loader that its parent reads TypeScript with. Takes messages in this order, for one file at a time:
//   {path, writer}    opens a file; writer: the settings WRITER and maxRowGroupRows
//   {batch}           an Arrow IPC stream of one batch; answered by {taken: true} once the next may come
//   {end: true}       answered by {done: true} when the file is on disk, or {failed: why}, which may come before it, too
import { open } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { Compression, Table, WriterPropertiesBuilder, transformParquetStream } from 'parquet-wasm';

const waiting = [];
let wake = () => undefined;
parentPort.on('message', (message) => {
  waiting.push(message);
  wake();
});

for (;;) {
  const request = await next();
  // What is left of a file that failed.
  if (request.path === undefined) continue;
  try {
    await write(request);
    parentPort.postMessage({ done: true });
  } catch (error) {
    parentPort.postMessage({ failed: String(error?.message ?? error) });
  }
}

async function next() {
  while (waiting.length === 0) await new Promise((resolve) => (wake = resolve));
  return waiting.shift();
}

async function write({ path, writer }) {
  const source = new ReadableStream({
    async pull(controller) {
      const { batch } = await next();
      if (batch === undefined) return controller.close();
      for (const part of Table.fromIPCStream(batch).recordBatches()) controller.enqueue(part);
      parentPort.postMessage({ taken: true });
    },
  });
  const file = await open(path, 'w');
  try {
    const output = await transformParquetStream(source, properties(writer));
    for await (const chunk of output) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

function properties(writer) {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setCreatedBy(writer.createdBy)
    .setMaxRowGroupSize(writer.maxRowGroupRows)
    .setDataPageSizeLimit(writer.pageBytes)
    .setDictionaryPageSizeLimit(writer.dictionaryPageBytes);
  for (const column of writer.withoutDictionary) builder = builder.setColumnDictionaryEnabled(column, false);
  return builder.build();
}
