/** What an operator is; decides what must hold of it. */
export type OperatorRole = 'miner' | 'validator';

/** Something that a person should see to. Names are stable; the text says what is wrong and what to do. */
export interface Finding {
  name: 'chain' | 'registration' | 'axon' | 'commit' | 'weights' | 'disk' | 'redis-index' | 'redis-state';
  text: string;
}

/** What a check found out about one operator. */
export interface HealthFacts {
  role: OperatorRole;
  hotkey: string;
  netuid: number;
  /** Null where the chain could not be read; `chainTrouble` says why. */
  chain: ChainFacts | null;
  chainTrouble: string | null;
  /** The oldest manifest that waits for its commitment, and the block at which it was first seen waiting. */
  oldestWaiting: { seq: number; sinceBlock: number } | null;
  diskFreeBytes: number;
  redis: { role: 'index' | 'state'; usedBytes: number; limitBytes: number }[];
}

export interface ChainFacts {
  block: number;
  /** Blocks that an epoch lasts. */
  tempo: number;
  /** Null when the hotkey is not registered. */
  neuron: { uid: number; axon: { ip: string; port: number } | null; permit: boolean; lastUpdate: number } | null;
  /** Whether something takes connections where the chain says that the miner serves; null where it says nothing. */
  axonAnswers: boolean | null;
}

export interface HealthLimits {
  /** GB (10^9 bytes) that should be free. */
  diskFreeGb: number;
}

/** Epochs after which weights count as old. */
const WEIGHTS_EPOCHS = 2;
/** Share of its memory above which a Redis server is nearly full. */
const REDIS_SHARE = 0.9;
const GB = 1_000_000_000;

/** What a person should see to, in order of urgency; nothing where all is well. */
export function findingsOf(facts: HealthFacts, { diskFreeGb }: HealthLimits): Finding[] {
  const found: Finding[] = [];
  if (facts.chain === null) found.push({ name: 'chain', text: `the chain can't be read: ${facts.chainTrouble}` });
  else found.push(...chainFindings(facts, facts.chain));
  if (facts.diskFreeBytes < diskFreeGb * GB) {
    const free = (facts.diskFreeBytes / GB).toFixed(1);
    found.push({ name: 'disk', text: `${free} GB are free where objects are kept, of ${diskFreeGb} that should be` });
  }
  for (const { role, usedBytes, limitBytes } of facts.redis) {
    if (usedBytes <= REDIS_SHARE * limitBytes) continue;
    const share = Math.round((100 * usedBytes) / limitBytes);
    found.push({ name: `redis-${role}`, text: `the ${role} Redis uses ${share} % of its memory: give it more` });
  }
  return found;
}

function chainFindings({ role, hotkey, netuid, oldestWaiting }: HealthFacts, chain: ChainFacts): Finding[] {
  const { block, tempo, neuron } = chain;
  if (neuron === null) return [{ name: 'registration', text: `${hotkey} is not registered on subnet ${netuid}` }];
  return role === 'miner' ? minerFindings(chain, neuron, oldestWaiting) : validatorFindings(block, tempo, neuron);
}

function minerFindings(
  { block, tempo, axonAnswers }: ChainFacts,
  { axon }: NonNullable<ChainFacts['neuron']>,
  oldestWaiting: HealthFacts['oldestWaiting'],
): Finding[] {
  const found: Finding[] = [];
  if (axon === null) {
    found.push({ name: 'axon', text: 'the chain does not say where this miner serves: restart "seine miner"' });
  } else if (axonAnswers === false) {
    found.push({
      name: 'axon',
      text: `nothing answers at ${axon.ip}:${axon.port}, where the chain says that this miner serves: look at firewall and port`,
    });
  }
  if (oldestWaiting !== null && block - oldestWaiting.sinceBlock > tempo) {
    const { seq, sinceBlock } = oldestWaiting;
    found.push({
      name: 'commit',
      text: `manifest ${seq} has waited for its commitment since block ${sinceBlock}, more than an epoch: see "seine commit status"`,
    });
  }
  return found;
}

function validatorFindings(block: number, tempo: number, neuron: NonNullable<ChainFacts['neuron']>): Finding[] {
  const ago = block - neuron.lastUpdate;
  if (ago <= WEIGHTS_EPOCHS * tempo) return [];
  const why = neuron.permit ? 'see "seine weights check"' : 'it has no validator permit, see "seine subnet permits"';
  return [{ name: 'weights', text: `the weights are ${ago} blocks old, more than ${WEIGHTS_EPOCHS} epochs: ${why}` }];
}

/** What is new, what has passed, and what a person is told of it; null when nothing has changed. */
export function changeOf(
  before: readonly Finding[],
  now: readonly Finding[],
  who: string,
): { appeared: Finding[]; passed: Finding[]; text: string } | null {
  const isIn = (list: readonly Finding[], { name }: Finding): boolean => list.some((item) => item.name === name);
  const appeared = now.filter((finding) => !isIn(before, finding));
  const passed = before.filter((finding) => !isIn(now, finding));
  if (appeared.length === 0 && passed.length === 0) return null;
  const lines = [
    ...appeared.map(({ text }) => `trouble: ${text}`),
    ...passed.map(({ name }) => `over: ${name} is all right again`),
  ];
  return { appeared, passed, text: [`Seine ${who}`, ...lines].join('\n') };
}
