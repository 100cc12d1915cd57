import { once } from 'node:events';
import { u8aToHex } from '@polkadot/util';
import { decodeAddress } from '@polkadot/util-crypto';
import { WebSocket } from 'ws';

/** How many transactions of an account the best block of a chain has seen, by a connection of its own. */
export async function nonceOf(endpoint: string, address: string): Promise<number> {
  const socket = new WebSocket(endpoint);
  try {
    await once(socket, 'open');
    const params = ['AccountNonceApi_account_nonce', u8aToHex(decodeAddress(address))];
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'state_call', params }));
    const [data] = (await once(socket, 'message')) as [Buffer];
    const { result } = JSON.parse(data.toString()) as { result: string };
    return Buffer.from(result.slice(2), 'hex').readUInt32LE();
  } finally {
    socket.terminate();
  }
}
