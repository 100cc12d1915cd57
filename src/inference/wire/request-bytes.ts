import { InvalidInputError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { chatRequest } from './chat.ts';
import { completionRequest } from './completion.ts';
import { embeddingRequest } from './embeddings.ts';
import { imageRequest } from './images.ts';
import type { TaskRequest } from './request.ts';

const SCHEMAS = {
  chat: chatRequest,
  completion: completionRequest,
  images: imageRequest,
  embeddings: embeddingRequest,
} as const;

/**
 * A request as its bytes: the members that the API has, in the API's order, whoever composed it. Throws InvalidInputError for what is no request.
 */
export function requestBytes(request: TaskRequest): Uint8Array {
  const parsed = SCHEMAS[request.api].safeParse(request.body);
  if (parsed.success) return Buffer.from(JSON.stringify(parsed.data));
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(`this is no request that can be sent: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** SHA-256 of a request's bytes, hex: of the body that a miner gets. */
export function requestDigest(request: TaskRequest): string {
  return sha256Hex(requestBytes(request));
}
