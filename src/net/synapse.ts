import type { Signer } from '../core/chain.ts';
import { InvalidInputError } from '../core/errors.ts';
import { RequestRefused } from './epistula.ts';
import { pythonStr } from './python-str.ts';
import { isDict, parsePython, pythonFloat, pythonJson } from './python-value.ts';
import type { PythonValue } from './python-value.ts';
import { synapseBodyHash } from './synapse-hash.ts';
import { NONCE, requireSignature, signText, SYNAPSE_UUID, SYNAPSE_VERSION, synapseHeader } from './synapse-headers.ts';
import type { SynapseHeaders } from './synapse-headers.ts';
import { nonceAge, nonceExpiryMs } from './synapse-nonces.ts';
import type { SynapseNonces } from './synapse-nonces.ts';

/*
 * Bittensor's Synapse over HTTP, for stock Python peers: `POST /<name>` with the synapse as JSON, signed in headers over
 * `nonce.dendrite_hotkey.axon_hotkey.dendrite_uuid.body_hash`. Name, time-out and whatever field the type does not hash are
 * not signed. Stricter than the SDK's server: unsigned, future and replayed requests are refused, also after a restart.
 */

/** The longest time-out a request may claim. It is not signed, so without a bound a thief could widen the time of an old request. */
export const DEFAULT_MOST_TIMEOUT_MS = 120_000;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const HOTKEY = /^[1-9A-HJ-NP-Za-km-z]{40,60}$/;
const BODY_HASH = /^[0-9a-f]{64}$/;
/** Seconds, as Python writes a float. */
const TIMEOUT_S = /^[0-9]{1,9}(\.[0-9]{1,20})?$/;

/** One type of synapse, as both sides know it. */
export interface SynapseType {
  /** Name of the Python class, which is the path of its route. */
  name: string;
  /** Its `required_hash_fields`, in their order. What is not in here can be changed on the way. */
  hashFields: readonly string[];
  /** Fields without a default, for which the SDK's server wants a header. */
  requiredFields: readonly string[];
}

export interface SynapseSignOptions {
  type: SynapseType;
  /** The type's own fields; `bigint` is Python's int and `number` its float. */
  fields: ReadonlyMap<string, PythonValue>;
  timeoutMs: number;
  signer: Signer;
  /** Our public address, as the peer may log it. */
  ip: string;
  axon: { ip: string; port: number; hotkey: string };
  /** Nanoseconds since 1970; above those of earlier requests with the same uuid. */
  nonce: bigint;
  /** Of this client, the same for all its requests; lower case. */
  uuid: string;
}

/** Path, headers and body of one request. Each attempt needs its own. Throws InvalidInputError for fields that cannot be sent. */
export async function signSynapse(
  options: SynapseSignOptions,
): Promise<{ path: string; headers: Record<string, string>; body: string }> {
  const { type, fields, timeoutMs, signer, axon, nonce, uuid } = options;
  if (!NAME.test(type.name)) throw new InvalidInputError(`${type.name} is no name of a synapse; name a Python class`);
  const bodyHash = synapseBodyHash(fields, type.hashFields);
  const message = requestMessage(String(nonce), signer.address, axon.hotkey, uuid, bodyHash);
  const dendrite = new Map<string, PythonValue>([
    ['ip', options.ip],
    ['version', BigInt(SYNAPSE_VERSION)],
    ['nonce', nonce],
    ['uuid', uuid],
    ['hotkey', signer.address],
    ['signature', await signText(signer, message)],
  ]);
  const receiver = new Map<string, PythonValue>([
    ['ip', axon.ip],
    ['port', BigInt(axon.port)],
    ['hotkey', axon.hotkey],
  ]);
  const headers = {
    name: type.name,
    timeout: pythonFloat(timeoutMs / 1000),
    ...terminalHeaders('axon', receiver),
    ...terminalHeaders('dendrite', dendrite),
    ...Object.fromEntries(type.requiredFields.map((field) => emptyHeader(field, fields.get(field)))),
  };
  const body = pythonJson(
    new Map<string, PythonValue>([
      ['name', type.name],
      ['timeout', timeoutMs / 1000],
      ['dendrite', dendrite],
      ['axon', receiver],
      ...fields,
    ]),
  );
  return {
    path: `/${type.name}`,
    headers: {
      ...headers,
      // The SDK sends sizes of Python's objects and reads neither; ours are of the bytes.
      header_size: String(Buffer.byteLength(JSON.stringify(headers))),
      total_size: String(Buffer.byteLength(body)),
      computed_body_hash: bodyHash,
    },
    body,
  };
}

export interface SynapseVerifyOptions {
  /** The type of the route that was called. */
  type: SynapseType;
  headers: SynapseHeaders;
  body: Uint8Array;
  /** SS58 address of this receiver. */
  self: string;
  nowNs: bigint;
  nonces: SynapseNonces;
  /** @default 120000. All processes that share `nonces` need the same, and a longer one holds only for new requests. */
  mostTimeoutMs?: number;
}

/** A request that may be served. */
export interface VerifiedSynapse {
  /** SS58 address of the caller. */
  caller: string;
  /** How long the caller says it waits; not signed, at most `mostTimeoutMs`. */
  timeoutMs: number;
  /** The whole body; only the type's `hashFields` are signed. */
  fields: ReadonlyMap<string, PythonValue>;
}

/**
 * Who signed this request, and what it says. Throws RequestRefused (status 400 or 401); an error of `nonces` passes through, and the
 * request must not be served then either. A nonce is spent only by a request that is right in every other way. The body is read
 * after the signature over its hash. The caller must have awaited `cryptoWaitReady()`.
 */
export async function verifySynapse(options: SynapseVerifyOptions): Promise<VerifiedSynapse> {
  const { type, headers, self, nowNs, nonces, mostTimeoutMs = DEFAULT_MOST_TIMEOUT_MS } = options;
  const nonceText = synapseHeader(headers, 'bt_header_dendrite_nonce', NONCE);
  const uuid = synapseHeader(headers, 'bt_header_dendrite_uuid', SYNAPSE_UUID);
  const caller = synapseHeader(headers, 'bt_header_dendrite_hotkey', HOTKEY);
  const receiver = synapseHeader(headers, 'bt_header_axon_hotkey', HOTKEY);
  const bodyHash = synapseHeader(headers, 'computed_body_hash', BODY_HASH);
  const timeoutMs = Math.min(mostTimeoutMs, Math.round(Number(synapseHeader(headers, 'timeout', TIMEOUT_S)) * 1000));

  const nonce = BigInt(nonceText);
  const age = nonceAge(nonce, nowNs, timeoutMs);
  if (age !== 'fresh') {
    const ageMs = Number((nowNs - nonce) / 1_000_000n);
    throw new RequestRefused(age, `the nonce is ${ageMs} ms old; sign again, check the clock`, { ageMs, timeoutMs });
  }
  if (receiver !== self) {
    throw new RequestRefused('wrong_receiver', `signed for ${receiver}, but this is ${self}`, { receiver, self });
  }
  const message = requestMessage(nonceText, caller, self, uuid, bodyHash);
  requireSignature(headers, 'bt_header_dendrite_signature', message, caller);
  const fields = hashedBody(options.body, type, bodyHash);
  const endpoint = `${caller}:${uuid}`;
  if (!(await nonces.advance(endpoint, nonce, nonceExpiryMs(nonce, mostTimeoutMs)))) {
    throw new RequestRefused('replayed', `${endpoint} sent a nonce this high before; sign again with a higher one`, {
      uuid,
    });
  }
  return { caller, timeoutMs, fields };
}

/** The body, if it is JSON with this hash; else RequestRefused. */
function hashedBody(body: Uint8Array, type: SynapseType, bodyHash: string): ReadonlyMap<string, PythonValue> {
  let fields: PythonValue;
  let actual: string;
  try {
    fields = parsePython(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (!isDict(fields)) throw new InvalidInputError('the body is not a JSON object; send the synapse');
    actual = synapseBodyHash(fields, type.hashFields);
  } catch (error) {
    if (error instanceof InvalidInputError) throw new RequestRefused('malformed', error.message, error.details);
    throw new RequestRefused('malformed', 'the body is not UTF-8; send JSON in UTF-8');
  }
  if (actual !== bodyHash) {
    throw new RequestRefused('malformed', `the body's hash is ${actual}, not the signed one`, { actual, bodyHash });
  }
  return fields;
}

function requestMessage(nonce: string, dendrite: string, axon: string, uuid: string, bodyHash: string): string {
  return `${nonce}.${dendrite}.${axon}.${uuid}.${bodyHash}`;
}

function terminalHeaders(side: 'axon' | 'dendrite', info: ReadonlyMap<string, PythonValue>): Record<string, string> {
  return Object.fromEntries([...info].map(([key, value]) => [`bt_header_${side}_${key}`, pythonStr(value)]));
}

/** The header that lets the SDK's server build the type before it has read the body: the empty value of the field's type. */
function emptyHeader(field: string, value: PythonValue | undefined): [string, string] {
  if (value === undefined || value === null) {
    throw new InvalidInputError(`the synapse lacks ${field}, which its type requires`, { field });
  }
  return [`bt_header_input_obj_${field}`, Buffer.from(emptyJson(value)).toString('base64')];
}

function emptyJson(value: NonNullable<PythonValue>): string {
  switch (typeof value) {
    case 'boolean':
      return 'false';
    case 'bigint':
      return '0';
    case 'number':
      return '0.0';
    case 'string':
      return '""';
    default:
      return isDict(value) ? '{}' : '[]';
  }
}
