/**
 * How many signed requests a second a server verifies, and a client signs, against the libraries' own functions called bare on the same texts in the
 * same run, in turns: node --import tsx test/bench/signatures.bench.ts [--json] [--rows 500], a request to a row
 */
import { randomUUID } from 'node:crypto';
import { cryptoWaitReady, sr25519PairFromSeed, sr25519Sign } from '@polkadot/util-crypto';
import { sr25519Verify } from '@polkadot/wasm-crypto';
import { signerFromSecret } from '../../src/commit/keys/key-pair.ts';
import { signRequest, verifyRequest } from '../../src/net/epistula.ts';
import type { SeenIds } from '../../src/net/epistula.ts';
import { createSeenIds } from '../../src/net/seen-ids.ts';
import { createStoredNonces } from '../../src/net/stored-nonces.ts';
import { createNonceSource } from '../../src/net/synapse-nonces.ts';
import { signSynapse, verifySynapse } from '../../src/net/synapse.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { SEINE_TASK } from '../../src/inference/synapse-types.ts';
import { runBench } from './bench-args.ts';
import { startStateRedis } from './crawl/state-redis.ts';
import { inTurns, timed } from './in-turns.ts';

/** A chat of ordinary size. */
const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a question '.repeat(80) }] });
const SEED = new Uint8Array(32).fill(7);
/** What a server has under way at a time. */
const AT_ONCE = 32;

await runBench(500, async (count, dir) => {
  await cryptoWaitReady();
  const state = await startStateRedis(dir);
  const redis = await connectRedis(state.url);
  try {
    const signer = await signerFromSecret(`0x${Buffer.from(SEED).toString('hex')}`);
    const pair = sr25519PairFromSeed(SEED);
    const self = (await signerFromSecret('//receiver')).address;
    const body = Buffer.from(BODY);
    const numbers = Array.from({ length: count }, (_, at) => at);
    const texts = numbers.map((at) => Buffer.from(`${'a'.repeat(64)}.${randomUUID()}.1780000000000.${self}${at}`));
    const signatures = texts.map((text) => sr25519Sign(text, pair));
    const signed = await Promise.all(
      numbers.map(() => signRequest({ body, signer, receiver: self, now: Date.now, uuid: randomUUID })),
    );
    const nextNonce = createNonceSource(Date.now);
    const fields = new Map(Object.entries({ task: 't', api: 'chat', body: BODY }));
    const synapses = await Promise.all(
      numbers.map(() =>
        signSynapse({
          ...{ type: SEINE_TASK, fields, timeoutMs: 12_000, signer, ip: '192.0.2.1' },
          ...{ axon: { ip: '192.0.2.2', port: 8091, hotkey: self }, nonce: nextNonce(), uuid: randomUUID() },
        }),
      ),
    );

    /** A server that was never asked before: the same requests are new to it. The clock stands where they were signed. */
    const fresh = () => ({ redis, hotkey: randomUUID(), now: Date.now });
    const forgetful: SeenIds = { firstUse: () => Promise.resolve(true) };
    const sentMs = (headers: Record<string, string>): number => Number(headers['epistula-timestamp']);
    const verifyAll = async (seen: SeenIds) => {
      await inFlight(signed, (headers) => verifyRequest({ headers, body, self, nowMs: sentMs(headers), seen }));
    };
    const seconds = await inTurns({
      bare: timed(() => {
        const all = texts.every((text, at) => sr25519Verify(signatures[at]!, text, pair.publicKey));
        if (!all) throw new Error('the library refuses what it signed');
      }),
      epistula: timed(() => verifyAll(createSeenIds(fresh()))),
      crypto: timed(() => verifyAll(forgetful)),
      synapse: timed(async () => {
        const nonces = createStoredNonces(fresh());
        await inFlight(synapses, ({ headers, body }) => {
          const nowNs = BigInt(headers['bt_header_dendrite_nonce'] ?? 0);
          return verifySynapse({ type: SEINE_TASK, headers, body: Buffer.from(body), self, nowNs, nonces });
        });
      }),
      signBare: timed(() => texts.forEach((text) => sr25519Sign(text, pair))),
      sign: timed(() =>
        inFlight(numbers, () => signRequest({ body, signer, receiver: self, now: Date.now, uuid: randomUUID })),
      ),
    });
    const line = (name: string, took: number, peerTook: number, peerName: string, target: number) => {
      return { name, unit: 'requests/s', ours: count / took, peer: count / peerTook, peerName, target };
    };
    return [
      line('Epistula verified, ids in Redis', seconds.epistula, seconds.bare, 'wasm-crypto', 0.7),
      line('Epistula verified, nothing kept', seconds.crypto, seconds.bare, 'wasm-crypto', 0.85),
      line('Synapse verified, nonces in Redis', seconds.synapse, seconds.bare, 'wasm-crypto', 0.5),
      line('Epistula signed', seconds.sign, seconds.signBare, 'util-crypto', 0.85),
    ];
  } finally {
    redis.disconnect();
    await state.stop();
  }
});

/** Does the work of all, some at a time. */
async function inFlight<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
