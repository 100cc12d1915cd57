// Runs parquet-wasm on untrusted bytes in a thread of its own (see parquet-reader.ts). Plain JavaScript, because a thread starts
// without the loader that its parent reads TypeScript with. Sends {rows, batches} first, then an Arrow IPC stream for each `next`.
import { parentPort, workerData } from 'node:worker_threads';
import { ParquetFile } from 'parquet-wasm';

const file = await ParquetFile.fromFile(new Blob([workerData.bytes]));
const groups = file.metadata().numRowGroups();
const schema = file.schema().intoIPCStream();
parentPort.postMessage({ kind: 'open', groups, rows: file.metadata().fileMetadata().numRows(), schema });

let group = 0;
let reading = Promise.resolve();
parentPort.on('message', () => {
  reading = reading.then(async () => {
    if (group === groups) return parentPort.postMessage({ kind: 'end' });
    const table = await file.read({ rowGroups: [group++], batchSize: workerData.batchRows });
    const message = table.intoIPCStream();
    parentPort.postMessage({ kind: 'group', message }, [message.buffer]);
  });
});
