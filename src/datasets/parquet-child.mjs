// Runs parquet-wasm on untrusted files in a process of its own (see parquet-processes.ts). Plain JavaScript, because it starts without the
// loader that its parent reads TypeScript with. Reads lines of JSON from standard input: {path, batchBytes, maxBatchRows, maxRssBytes} opens a
// file, {groups, columns} asks for the rows of some row groups, null for all columns. Answers on descriptor 3 in frames: 4 bytes of length, 1 byte of kind, then the payload.
//   o  {rows, groups: rows of each row group, schema: base64 of an Arrow IPC stream} as JSON
//   b  rows as an Arrow IPC stream
//   e  all was sent                                                      f  it can't be read: why, as text
// The first byte of e and f is 1 where this process should read no further file.
import { openAsBlob, createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker, isMainThread, workerData } from 'node:worker_threads';

if (isMainThread) await main();
else watch(workerData);

async function main() {
  const { ParquetFile } = await import('parquet-wasm');
  // [0]: most bytes in units of 4 KiB, 0 while no file is being read. The thread sees it while WebAssembly keeps this one busy.
  const limit = new Int32Array(new SharedArrayBuffer(4));
  new Worker(new URL(import.meta.url), { workerData: limit }).unref();
  const output = createWriteStream('', { fd: 3, highWaterMark: 0 });
  const send = (kind, payload) => {
    const head = Buffer.alloc(5);
    head.writeUInt32LE(payload.length);
    head.write(kind, 4, 'latin1');
    output.write(head);
    return new Promise((resolve) => output.write(payload, resolve));
  };
  let opened;
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const request = JSON.parse(line);
      if (request.path === undefined) {
        await sendRows({ ...opened, ...request }, send);
        await send('e', Buffer.of(isWorn() ? 1 : 0));
      } else {
        Atomics.store(limit, 0, Math.ceil(request.maxRssBytes / 4096));
        opened = { ...(await open(ParquetFile, request, send)), ...request };
      }
      endBeyond(limit);
    } catch (error) {
      // What the library refuses leaves it sound; a trap doesn't.
      const unsound = error instanceof WebAssembly.RuntimeError || isWorn();
      await send('f', Buffer.concat([Buffer.of(unsound ? 1 : 0), Buffer.from(String(error?.message ?? error))]));
    }
  }
  process.exit();
}

async function open(ParquetFile, { path }, send) {
  const file = await ParquetFile.fromFile(await openAsBlob(path));
  const metadata = file.metadata();
  const rows = metadata.fileMetadata().numRows();
  const groups = Array.from({ length: metadata.numRowGroups() }, (_, group) => metadata.rowGroup(group).numRows());
  const schema = Buffer.from(file.schema().intoIPCStream()).toString('base64');
  await send('o', Buffer.from(JSON.stringify({ rows, groups, schema })));
  return { file, metadata };
}

async function sendRows({ file, metadata, groups, columns, batchBytes, maxBatchRows }, send) {
  for (const group of groups) {
    // What the footer says of sizes may be a lie: then the memory limit ends it.
    const about = metadata.rowGroup(group);
    const rowBytes = Math.max(about.totalByteSize() / Math.max(about.numRows(), 1), 1);
    const batchSize = Math.max(Math.min(Math.floor(batchBytes / rowBytes), maxBatchRows), 8);
    const stream = await file.stream({ rowGroups: [group], batchSize, concurrency: 1, ...(columns && { columns }) });
    for await (const batch of stream) await send('b', Buffer.from(batch.intoIPCStream()));
  }
}

function watch(limit) {
  setInterval(() => endBeyond(limit), 5);
}

function endBeyond(limit) {
  const most = Atomics.load(limit, 0);
  if (most > 0 && rssBytes() / 4096 > most) process.kill(process.pid, 'SIGKILL');
}

/** WebAssembly gives no memory back: what one file took would count against the next. */
function isWorn() {
  return rssBytes() > 2 ** 27;
}

function rssBytes() {
  try {
    // Several times as fast as asking Node; Linux only.
    return Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[1]) * 4096;
  } catch {
    return process.memoryUsage.rss();
  }
}
