import { z } from 'zod';
import { isBaseUrl } from './engine-client.ts';

/*
 * Members of the entries by which files name backends: those that a miner serves by, and those that a validator checks by.
 */

/** An engine's address, with its version. */
export const engineUrl = z
  .string()
  .refine(isBaseUrl, 'an http or https URL without user and query, such as http://127.0.0.1:8000/v1');

export const localFile = z.string().min(1).max(4096);

/** What an engine calls its model. */
export const engineModel = z.string().min(1).max(200);

/** Variables that begin with SEINE_ are settings, and an unknown one is refused. */
export const keyVariable = z
  .string()
  .regex(/^(?!SEINE_)[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable that does not begin with SEINE_');

/** Any engine that speaks OpenAI's API. */
export const openaiMembers = {
  kind: z.literal('openai'),
  url: engineUrl,
  model: engineModel.optional(),
  api_key_env: keyVariable.optional(),
};

/** A model that is run in this process. */
export const embeddedEntry = z.strictObject({ kind: z.literal('embedded'), model_file: localFile });
