import type { z } from 'zod';
import { InvalidInputError, messageOf } from '../../core/errors.ts';

/** A body of JSON that fits a schema. Throws InvalidInputError for any other. */
export function readJsonAs<Schema extends z.ZodType>(schema: Schema, body: Uint8Array): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new InvalidInputError(`it is not JSON: ${messageOf(error)}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(`it is none that the API has: ${issue?.path.join('.')}: ${issue?.message}`);
}
