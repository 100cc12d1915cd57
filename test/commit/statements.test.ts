import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { signJson } from '../../src/commit/signed-json.ts';
import { readStatement } from '../../src/commit/statements.ts';

const signer = await openDevelopmentKey({ uri: '//Speaker', development: true });
const stranger = await openDevelopmentKey({ uri: '//Stranger', development: true });
const about = { kind: 'invalid', netuid: 1, epoch: 7, validator: signer.address } as const;
const claim = { block: 10, event: 2, hotkey: '5Miner', registered: 1 };
const good = {
  ...{ version: 1, ...about, at: 5 },
  rows: [{ claim, id: 'web:http://a.example/', reason: 'text_differs', archived: null }],
  commits: [{ claim, checked: 30, failed: 1 }],
};

async function read(changes: object, by = signer, write: (value: object) => string = canonicalJson) {
  return await readStatement(write(await signJson({ ...good, ...changes }, by)), about);
}

describe('what another validator says', () => {
  it('is read as it was signed', async () => {
    expect(await read({})).toMatchObject(good);
  });

  it.each<[string, object]>([
    ['of another epoch', { epoch: 8 }],
    ['of another subnet', { netuid: 2 }],
    ['of another kind', { kind: 'availability', commits: [] }],
    ['of another version', { version: 2 }],
    ['with a place that is none', { rows: [{ ...good.rows[0], claim: { ...claim, block: -1 } }] }],
    ['with more than is known', { rows: [{ ...good.rows[0], weight: 1 }] }],
    ['with rows that are none', { rows: 'all' }],
  ])('is not heard %s', async (_, changes) => {
    expect(await read(changes)).toBeNull();
  });

  it('is not heard in another name, unsigned, changed, or in another spelling', async () => {
    expect(await read({}, stranger)).toBeNull();
    const signed = await signJson(good, signer);
    expect(await readStatement(canonicalJson({ ...signed, rows: [] }), about)).toBeNull();
    expect(await readStatement(canonicalJson(good), about)).toBeNull();
    expect(await read({}, signer, (value) => JSON.stringify(value, null, 1))).toBeNull();
    expect(await readStatement('{', about)).toBeNull();
  });
});
