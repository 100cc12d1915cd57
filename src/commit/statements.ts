import type { Redis } from 'ioredis';
import { z } from 'zod';
import { canonicalJson, parseCanonicalJson } from '../core/canonical-json.ts';
import type { Signer } from '../core/chain.ts';
import { keyspace } from '../redis/keys.ts';
import type { AvailabilityList } from './availability.ts';
import type { InvalidList } from './invalid-rows.ts';
import { isSignedBy, signJson } from './signed-json.ts';
import type { Signed } from './signed-json.ts';

/** What validators tell each other of an epoch. */
export type Statement = AvailabilityList | InvalidList;
export type StatementKind = Statement['kind'];
type Of<Kind extends StatementKind> = Extract<Statement, { kind: Kind }>;

export function isStatementKind(kind: string): kind is StatementKind {
  return kind === 'availability' || kind === 'invalid';
}

/** A validator's own signed statements (Redis role `state`), one a kind and epoch; a later one replaces the one before. */
export interface Statements {
  say(statement: Statement): Promise<void>;
  said<Kind extends StatementKind>(kind: Kind, epoch: number): Promise<Signed<Of<Kind>> | null>;
  /** As it is served to others. */
  text(kind: StatementKind, epoch: number): Promise<string | null>;
}

export function createStatements(options: { redis: Redis; signer: Signer; netuid: number }): Statements {
  const { redis, signer } = options;
  const said = keyspace(signer.address)('statements', options.netuid);
  const text = (kind: StatementKind, epoch: number): Promise<string | null> => redis.hget(said, `${kind}:${epoch}`);
  return {
    async say(statement) {
      const signed = canonicalJson(await signJson(statement, signer));
      await redis.hset(said, `${statement.kind}:${statement.epoch}`, signed);
    },
    async said<Kind extends StatementKind>(kind: Kind, epoch: number) {
      const found = await text(kind, epoch);
      return found === null ? null : (JSON.parse(found) as Signed<Of<Kind>>);
    },
    text,
  };
}

const place = { block: z.int().min(0), event: z.int().min(0) };
const claim = z.strictObject({ ...place, hotkey: z.string(), registered: z.int().min(0) });
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const head = { version: z.literal(1), netuid: z.int(), validator: z.string(), epoch: z.int(), signature: z.string() };

const schemas = {
  availability: z.strictObject({
    ...head,
    kind: z.literal('availability'),
    commits: z.array(z.strictObject({ ...place, manifest: digest, available: z.boolean() })),
  }),
  invalid: z.strictObject({
    ...head,
    kind: z.literal('invalid'),
    at: z.int().min(0),
    commits: z.array(z.strictObject({ claim, checked: z.int().min(0), failed: z.int().min(0) })),
    rows: z.array(
      z.strictObject({
        claim,
        id: z.string(),
        reason: z.string().max(64),
        archived: digest.nullable(),
      }),
    ),
  }),
};

/** What another validator said, or null where it is none: malformed, not signed by it, or about something else. */
export async function readStatement<Kind extends StatementKind>(
  text: string,
  about: { kind: Kind; netuid: number; epoch: number; validator: string },
): Promise<Signed<Of<Kind>> | null> {
  const { kind, netuid, epoch, validator } = about;
  let value: unknown;
  try {
    value = parseCanonicalJson(text);
  } catch {
    return null;
  }
  const { success, data } = schemas[kind].safeParse(value);
  if (!success || data.netuid !== netuid || data.epoch !== epoch || data.validator !== validator) return null;
  return (await isSignedBy(data, validator)) ? (data as Signed<Of<Kind>>) : null;
}
