import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../src/core/search-attributes.ts';
import { SeineError } from '../src/core/errors.ts';

/** Temporal's numbers for the types of search attributes (temporal.api.enums.v1.IndexedValueType). */
const TYPE_NUMBER = { KEYWORD: 2, INT: 3 } as const;

/** Registers Seine's search attributes on a server that lacks them, where it lets us. */
export async function ensureSearchAttributes(client: Client, namespace: string): Promise<void> {
  const service = client.connection.operatorService;
  const { customAttributes } = await service.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return;
  try {
    await service.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, TYPE_NUMBER[type]])),
    });
  } catch (cause) {
    const names = missing.map(({ name, type }) => `--name ${name} --type ${type === 'INT' ? 'Int' : 'Keyword'}`);
    throw new SeineError(
      'SearchAttributesMissing',
      `the Temporal namespace ${namespace} lacks search attributes; an operator of it can run "temporal operator search-attribute create ${names.join(' ')}"`,
      { cause },
    );
  }
}
