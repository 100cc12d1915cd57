import type { View } from './storage.ts';

/** Free RAO of an account. */
export async function readBalance(view: View, address: string): Promise<bigint> {
  const account = (await view.get('system', 'account', address)) as { data: { free: number | string } };
  return BigInt(account.data.free);
}
