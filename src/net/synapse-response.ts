import type { Signer } from '../core/chain.ts';
import { RequestRefused } from './epistula.ts';
import { NONCE, requireSignature, signText, SYNAPSE_UUID, SYNAPSE_VERSION, synapseHeader } from './synapse-headers.ts';
import type { SynapseHeaders } from './synapse-headers.ts';
import { nonceAge } from './synapse-nonces.ts';

/** What the SDK's server answers with, and its clients understand. */
export const SYNAPSE_STATUS = {
  success: 200,
  /** Headers or body that cannot be read, or a body of another hash. */
  malformed: 400,
  unverified: 401,
  blacklisted: 403,
  unknownName: 404,
  /** The request waited too long for its turn. */
  priorityTimeout: 408,
  rateLimited: 429,
  failed: 500,
  busy: 503,
} as const;

/** Of a status message: it travels in a header. */
const MOST_MESSAGE_CHARACTERS = 200;

export interface SynapseAnswer {
  name: string;
  signer: Signer;
  /** SS58 address of the caller. */
  dendrite: string;
  /** Nanoseconds since 1970. */
  nonce: bigint;
  /** Of this server; lower case. */
  uuid: string;
  status: (typeof SYNAPSE_STATUS)[keyof typeof SYNAPSE_STATUS];
  /** For the caller's log; what no header can hold is replaced. */
  message: string;
}

/** Headers of an answer. The signature covers who and when, not the answer's body. */
export async function synapseAnswerHeaders(answer: SynapseAnswer): Promise<Record<string, string>> {
  const { signer, dendrite, nonce, uuid } = answer;
  return {
    name: answer.name,
    bt_header_axon_status_code: String(answer.status),
    bt_header_axon_status_message: answer.message.slice(0, MOST_MESSAGE_CHARACTERS).replace(/[^\x20-\x7e]/g, '?'),
    bt_header_axon_version: String(SYNAPSE_VERSION),
    bt_header_axon_nonce: String(nonce),
    bt_header_axon_uuid: uuid,
    bt_header_axon_hotkey: signer.address,
    bt_header_axon_signature: await signText(signer, answerMessage(String(nonce), dendrite, signer.address, uuid)),
  };
}

export interface SynapseAnswerCheck {
  headers: SynapseHeaders;
  /** SS58 address of the caller: ours. */
  dendrite: string;
  /** SS58 address of the peer that was asked. */
  axon: string;
  nowNs: bigint;
  /** Of the request. */
  timeoutMs: number;
}

/**
 * Who and when of an answer's signature, which works once (the caller's part). Throws RequestRefused unless the asked peer signed these headers for us within the time of the request. Says nothing of the body,
 * which the format leaves unsigned: what must be provable has to come over Epistula or TLS.
 */
export function verifySynapseAnswer({ headers, dendrite, axon, nowNs, timeoutMs }: SynapseAnswerCheck): {
  nonce: bigint;
  uuid: string;
} {
  const nonce = synapseHeader(headers, 'bt_header_axon_nonce', NONCE);
  const uuid = synapseHeader(headers, 'bt_header_axon_uuid', SYNAPSE_UUID);
  const age = nonceAge(BigInt(nonce), nowNs, timeoutMs);
  if (age !== 'fresh')
    throw new RequestRefused(age, `the answer of ${axon} has a nonce that is ${age}`, { axon, nonce });
  requireSignature(headers, 'bt_header_axon_signature', answerMessage(nonce, dendrite, axon, uuid), axon);
  return { nonce: BigInt(nonce), uuid };
}

function answerMessage(nonce: string, dendrite: string, axon: string, uuid: string): string {
  return `${nonce}.${dendrite}.${axon}.${uuid}`;
}
