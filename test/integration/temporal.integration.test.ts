import { expect, it } from 'vitest';
import { connectClient } from '../../temporal/client.ts';
import { useStack } from '../support/stack.ts';

it('waits for a namespace that a server has just got, and then says how to make it', async () => {
  const access = { address: useStack().temporal, namespace: 'not-there', tls: false, apiKey: null };
  await expect(connectClient(access)).rejects.toMatchObject({ name: 'NamespaceMissing', exitCode: 3 });
}, 60_000);
