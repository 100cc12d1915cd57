/*
 * `npm run test:histories`: records one history of each workflow from the network that `npm start -- --keep` left up, for the replay test.
 * Completed runs come first; of the shortest of them, so that fixtures stay small.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { connectClient } from '../../temporal/client.ts';

const summary = new URL('../../runs/latest/stack/stack.json', import.meta.url);
const { urls } = JSON.parse(readFileSync(summary, 'utf8')) as { urls: { temporal: string } };
const client = await connectClient({ address: urls.temporal, namespace: 'default', tls: false, apiKey: null });
const source = readFileSync(new URL('../../workflows/all.ts', import.meta.url), 'utf8');

const clone = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The history as a machine would have written it whose clone is at `/srv/seine`. */
function withoutOurPaths(json: string): string {
  const replace = (key: string, value: unknown): unknown => {
    if (key !== 'data' || typeof value !== 'string') return value;
    const text = Buffer.from(value, 'base64').toString('utf8');
    return text.includes(clone) ? Buffer.from(text.replaceAll(clone, '/srv/seine')).toString('base64') : value;
  };
  return JSON.stringify(JSON.parse(json), replace, 2);
}

for (const [, name] of source.matchAll(/export \{ (\w+) \}/g)) {
  const found: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query: `WorkflowType = '${name}'` })) found.push(run);
  // copyOthers mostly finds nothing: the run that committed is the one to keep.
  const order = (run: WorkflowExecutionInfo): number =>
    (run.status.name === 'COMPLETED' ? 0 : 1e9) + (name === 'copyOthers' ? -run.historyLength : run.historyLength);
  const [run] = found.sort((a, b) => order(a) - order(b));
  if (run === undefined) throw new Error(`no run of ${name}; is "npm start -- --keep" up?`);
  const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
  writeFileSync(new URL(`../histories/${name}.json`, import.meta.url), withoutOurPaths(historyToJSON(history)));
  console.log(`${name}: ${run.workflowId}, ${run.historyLength} events`);
}
await client.connection.close();
