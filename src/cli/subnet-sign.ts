import type { Session } from './session.ts';
import { sign, type SigningOptions } from './signing.ts';
import { formatTao } from './tao.ts';
import { coldkeyAddressOf, coldkeyOf, hotkeyAddressOf, hotkeyOf } from './wallet.ts';
import { withChain } from './with-chain.ts';

interface PaidOptions extends SigningOptions {
  hotkey?: string;
}

export async function register(session: Session, options: PaidOptions): Promise<number> {
  const { settings, context } = session;
  const { netuid } = settings.values;
  const hotkey = options.hotkey ?? (await hotkeyAddressOf(settings, context.terminal));
  const address = await coldkeyAddressOf(settings, context.terminal);
  return await withChain(session, async (chain) => {
    const subnet = await chain.hyperparameters(netuid);
    return await sign(session, chain, {
      call: { call: 'register', netuid, hotkey, signer: { address } },
      options,
      price: `${formatTao(subnet?.burnRao ?? 0n)} TAO, which are burnt`,
      send: async () => await chain.register({ netuid, hotkey, signer: await coldkeyOf(settings, context.terminal) }),
      done: ({ uid }) => ({ line: `${hotkey} is uid ${uid} of subnet ${netuid}.`, json: { uid } }),
    });
  });
}

export async function addStake(session: Session, rao: bigint, options: PaidOptions): Promise<number> {
  return await moveStake(session, 'addStake', rao, options);
}

export async function removeStake(session: Session, rao: bigint, options: PaidOptions): Promise<number> {
  return await moveStake(session, 'removeStake', rao, options);
}

async function moveStake(
  session: Session,
  call: 'addStake' | 'removeStake',
  rao: bigint,
  options: PaidOptions,
): Promise<number> {
  const { settings, context } = session;
  const { netuid } = settings.values;
  const hotkey = options.hotkey ?? (await hotkeyAddressOf(settings, context.terminal));
  const address = await coldkeyAddressOf(settings, context.terminal);
  const amount = `${formatTao(rao)} ${call === 'addStake' ? 'TAO' : 'alpha'}`;
  return await withChain(session, (chain) =>
    sign(session, chain, {
      call: { call, netuid, hotkey, rao, signer: { address } },
      options,
      price: `${amount} ${call === 'addStake' ? 'staked on' : 'taken back from'} ${hotkey}`,
      send: async () => await chain[call]({ netuid, hotkey, rao, signer: await coldkeyOf(settings, context.terminal) }),
      done: ({ block }) => ({ line: `Done in block ${block.number}: ${amount}.`, json: { block: block.number } }),
    }),
  );
}

export async function serveAxon(
  session: Session,
  options: SigningOptions & { ip: string; port: number },
): Promise<number> {
  const { settings, context } = session;
  const { netuid } = settings.values;
  const { ip, port } = options;
  const address = await hotkeyAddressOf(settings, context.terminal);
  return await withChain(session, (chain) =>
    sign(session, chain, {
      call: { call: 'serveAxon', netuid, ip, port, signer: { address } },
      options,
      send: async () => await chain.serveAxon({ netuid, ip, port, signer: await hotkeyOf(settings, context.terminal) }),
      done: (inclusion) => ({
        line: `${address} serves at ${ip}:${port}.`,
        json: { block: inclusion?.block.number ?? null },
      }),
    }),
  );
}
