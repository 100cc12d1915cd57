import { readdir, readFile } from 'node:fs/promises';
import { destroyWorker, emptyTaskHandler, runTask } from '@acala-network/chopsticks-core';
import { Metadata, TypeRegistry } from '@polkadot/types';
import { compactStripLength, hexToU8a, u8aToHex } from '@polkadot/util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHAPES } from '../../../src/commit/subtensor/shape-table.ts';
import { missingShapes } from '../../../src/commit/subtensor/shapes.ts';

type RuntimeMetadata = Parameters<typeof missingShapes>[0];

const RUNTIME = new URL('../../../chain/runtime.wasm', import.meta.url);

/** The newest metadata that a runtime gives of itself, without a chain around it. */
async function metadataOf(file: URL): Promise<RuntimeMetadata> {
  const wasm = u8aToHex(await readFile(file));
  const handler = { ...emptyTaskHandler, getStorage: () => Promise.resolve(undefined as never) };
  const task = { wasm, mockSignatureHost: false, allowUnresolvedImports: false, runtimeLogLevel: 0 };
  const calls: [string, `0x${string}`[]][] = [['Metadata_metadata_at_version', ['0x0f000000']]];
  const answer = await runTask({ ...task, calls }, handler);
  if ('Error' in answer) throw new Error(answer.Error);
  const [, bytes] = compactStripLength(hexToU8a(answer.Call.result).subarray(1));
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, bytes);
  registry.setMetadata(metadata);
  return { registry, runtimeMetadata: metadata };
}

let whole: RuntimeMetadata;

beforeAll(async () => {
  whole = await metadataOf(RUNTIME);
});

afterAll(() => destroyWorker());

describe('the table of shapes', () => {
  it('has every storage item, runtime API and call that the client names', async () => {
    const folder = new URL('../../../src/commit/subtensor/', import.meta.url);
    const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'));
    const source = (await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n');
    const used = [
      ...source.matchAll(/\b(?:get|has|entries)\(\s*(?:PALLET|'\w+'),\s*'(\w+)'/g),
      ...source.matchAll(/\b(?:get|number)\('(\w+)'\)/g),
      ...source.matchAll(/\bcall\('\w+', '(\w+)'/g),
      ...source.matchAll(/\bname: '(\w+)', args:/g),
    ].map(([, name]) => name?.toLowerCase() ?? '');
    expect(new Set(used).size).toBeGreaterThan(30);
    const known = new Set(SHAPES.map(({ name }) => name.replace(/^.*\./, '').replaceAll('_', '').toLowerCase()));
    // In place of the byte budget, on chains that have none.
    known.add('ratelimit');
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the development chain', () => {
  it('has every call, storage item, event, error, constant and runtime API that is used, as it is used', () => {
    expect(missingShapes(whole)).toEqual([]);
  });

  it('names each that has another form, with the form it has', () => {
    const shape = {
      kind: 'storage',
      name: 'SubtensorModule.Tempo',
      expected: 'Identity(u16) -> u32',
      ability: 'all',
    } as const;
    expect(missingShapes(whole, [shape])).toEqual([{ ...shape, found: 'Identity(u16) -> u16' }]);
  });

  it.each([
    ['call', 'SubtensorModule.gone', null],
    ['storage', 'SubtensorModule.Gone', null],
    ['event', 'Commitments.Gone', null],
    ['error', 'Commitments.Gone', null],
    ['constant', 'Commitments.Gone', null],
    ['runtime API', 'SubnetInfoRuntimeApi.gone', null],
    ['runtime API', 'GoneRuntimeApi.gone', null],
    ['storage', 'Gone.Gone', 'no such pallet'],
  ] as const)('names a %s that it lacks: %s', (kind, name, found) => {
    const shape = { kind, name, expected: '', ability: 'all' } as const;
    expect(missingShapes(whole, [shape])).toEqual([{ ...shape, found }]);
  });
});
