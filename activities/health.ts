import type { Redis } from 'ioredis';
import { messageOf } from '../src/core/errors.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import type { Outbox } from '../src/commit/outbox.ts';
import type { Webhook } from '../src/net/webhook.ts';
import { keyspace } from '../src/redis/keys.ts';
import { changeOf, findingsOf } from '../src/core/health-findings.ts';
import type { ChainFacts, Finding, HealthFacts, OperatorRole } from '../src/core/health-findings.ts';

export interface HealthDeps {
  role: OperatorRole;
  /** SS58 address. */
  hotkey: string;
  netuid: number;
  chain: Pick<Chain, 'head' | 'epoch' | 'metagraph'>;
  /** What a miner has still to commit; null for a validator. */
  outbox: Pick<Outbox, 'waiting'> | null;
  index: Redis;
  state: Redis;
  /** Whether something takes connections there. */
  reaches: (ip: string, port: number) => Promise<boolean>;
  /** Bytes free where objects are kept. */
  diskFree: () => Promise<number>;
  diskFreeGb: number;
  /** Null: findings are logged only. */
  webhook: Webhook | null;
  log: (line: string) => void;
}

export type HealthActivities = ReturnType<typeof createHealthActivities>;

export function createHealthActivities(deps: HealthDeps) {
  const { role, hotkey, netuid, state } = deps;
  const key = keyspace(hotkey);
  const memory = { told: key('health', netuid, role, 'told'), waiting: key('health', netuid, role, 'waiting') };

  return {
    /** Looks at everything that an operator should see to. */
    async examineHealth(): Promise<Finding[]> {
      const { chain, chainTrouble } = await chainFacts(deps);
      const facts: HealthFacts = {
        ...{ role, hotkey, netuid, chain, chainTrouble },
        oldestWaiting: await oldestWaiting(deps, memory.waiting, chain?.block ?? null),
        diskFreeBytes: await deps.diskFree(),
        redis: [
          { role: 'index', ...(await redisMemory(deps.index)) },
          { role: 'state', ...(await redisMemory(state)) },
        ],
      };
      return findingsOf(facts, deps);
    },

    /**
     * Tells what has appeared and what has passed since it was told last. What was told is noted afterwards: a worker that dies in between
     * tells it twice rather than never.
     */
    async tellHealth(findings: Finding[]): Promise<{ told: boolean }> {
      const before = JSON.parse((await state.get(memory.told)) ?? '[]') as Finding[];
      const change = changeOf(before, findings, `${role} ${hotkey.slice(0, 8)} on subnet ${netuid}`);
      if (change === null) return { told: false };
      for (const line of change.text.split('\n').slice(1)) deps.log(`health: ${line}`);
      const { appeared, passed, text } = change;
      await deps.webhook?.({ text, role, hotkey, netuid, appeared, passed: passed.map(({ name }) => name) });
      await state.set(memory.told, JSON.stringify(findings));
      return { told: true };
    },
  };
}

async function chainFacts(deps: HealthDeps): Promise<Pick<HealthFacts, 'chain' | 'chainTrouble'>> {
  try {
    const { number: block } = await deps.chain.head();
    const [{ tempo }, neurons] = await Promise.all([deps.chain.epoch(deps.netuid), deps.chain.metagraph(deps.netuid)]);
    const own = neurons.find((item) => item.hotkey === deps.hotkey);
    if (own === undefined) return { chain: { block, tempo, neuron: null, axonAnswers: null }, chainTrouble: null };
    const { uid, axon, validatorPermit: permit, lastUpdate } = own;
    const neuron: ChainFacts['neuron'] = { uid, axon, permit, lastUpdate };
    const asks = deps.role === 'miner' && axon !== null;
    const axonAnswers = asks ? await deps.reaches(axon.ip, axon.port) : null;
    return { chain: { block, tempo, neuron, axonAnswers }, chainTrouble: null };
  } catch (error) {
    return { chain: null, chainTrouble: messageOf(error) };
  }
}

/** The queue keeps no times, so each check notes the oldest manifest with the block at which it was first seen. */
async function oldestWaiting(
  { outbox, state }: HealthDeps,
  key: string,
  block: number | null,
): Promise<HealthFacts['oldestWaiting']> {
  const oldest = (await outbox?.waiting())?.[0];
  if (oldest === undefined || block === null) {
    if (oldest === undefined) await state.del(key);
    return null;
  }
  const { digest, seq } = oldest;
  const noted = JSON.parse((await state.get(key)) ?? 'null') as { digest: string; sinceBlock: number } | null;
  if (noted?.digest === digest) return { seq, sinceBlock: noted.sinceBlock };
  await state.set(key, JSON.stringify({ digest, sinceBlock: block }));
  return { seq, sinceBlock: block };
}

/** What a Redis server uses, and what it may use: its own limit, else the machine's memory. */
async function redisMemory(redis: Redis): Promise<{ usedBytes: number; limitBytes: number }> {
  const info = await redis.info('memory');
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    usedBytes: field('used_memory'),
    limitBytes: field('maxmemory') || field('total_system_memory') || Infinity,
  };
}
