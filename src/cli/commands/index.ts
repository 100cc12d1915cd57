import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { sizeOfOwners } from '../../dedup/owners-upkeep.ts';
import { EXIT } from '../exit-codes.ts';
import type { IndexTools } from '../roots/index-tools.ts';
import type { Act, Session } from '../session.ts';
import { withChain } from '../with-chain.ts';

export function addIndexCommands(program: Command, act: Act): void {
  const index = program
    .command('index')
    .helpCommand(false)
    .summary("a validator's index of owners")
    .description("A validator's index of who owns what, and its signed log of verdicts, from which it can be rebuilt.");
  index
    .command('stats')
    .description('how much the index and the log hold')
    .option('--digest', 'compute the digest of all owners too')
    .action(
      act((session, options: { digest?: boolean }) => withTools(session, (tools) => stats(session, tools, options))),
    );
  index
    .command('rebuild')
    .description('fill a lost index again from the chain, the shards and the log')
    .action(act((session) => withTools(session, (tools) => rebuild(session, tools))));
  index
    .command('verify')
    .description('check the log line by line, and that the index holds the owners that a rebuild gives')
    .action(act((session) => withTools(session, (tools) => verify(session, tools))));
  index
    .command('export')
    .description('write the signed log to a file, a line of JSON for each entry')
    .argument('<file>', 'must not exist yet')
    .action(act((session, file: string) => withTools(session, (tools) => exportLog(session, tools, file))));
}

async function withTools<T>(session: Session, work: (tools: IndexTools) => Promise<T>): Promise<T> {
  const { openIndexTools } = await import('../roots/index-tools.ts');
  const tools = await openIndexTools(session.settings, session.out);
  try {
    return await work(tools);
  } finally {
    tools.close();
  }
}

async function stats({ out }: Session, tools: IndexTools, options: { digest?: boolean }): Promise<void> {
  const size = await sizeOfOwners(tools.redis, tools.hotkey);
  const entries = await tools.log.length();
  const digest = options.digest === true ? (await tools.owners.snapshotDigest()).digest : null;
  out.table({
    title: `Index of ${tools.hotkey}`,
    columns: ['keys of', 'claimed', 'lists they lie in'],
    rows: Object.entries(size.kinds).map(([kind, { keys, buckets }]) => [kind, keys, buckets]),
  });
  out.line(
    `${size.claims} commitments hold claims, ${size.withdrawn} of them withdrawn; ${entries} entries in the log.`,
  );
  if (digest !== null) out.line(`digest of all owners: ${digest}`);
  out.json({ hotkey: tools.hotkey, ...size, log_entries: entries, digest });
}

async function rebuild(session: Session, tools: IndexTools): Promise<void> {
  const from = await withChain(session, (chain) => tools.rebuild(chain));
  const { keys, digest } = await tools.owners.snapshotDigest();
  const { out } = session;
  out.line(
    `${from.commits} commitments, ${from.rows} rows and ${from.withdrawals} withdrawals read: ${keys} keys have owners.`,
  );
  if (from.unconfirmed > 0) {
    out.line(
      `${from.unconfirmed} commitments are too old for the chain's nodes; set subtensor.archive to confirm them.`,
      'warn',
    );
  }
  out.line(`digest of all owners: ${digest}`);
  out.json({ ...from, keys, digest });
}

async function verify(session: Session, tools: IndexTools): Promise<number> {
  const { kept, rebuilt, from } = await withChain(session, (chain) => tools.compare(chain));
  const { out } = session;
  const ok = kept.digest === rebuilt.digest;
  out.table({
    columns: ['owners', 'keys', 'digest'],
    rows: [
      ['in the index', kept.keys, kept.digest],
      ['rebuilt', rebuilt.keys, rebuilt.digest],
    ],
  });
  if (ok) out.line(`The log holds, and ${from.commits} commitments give the owners of the index.`, 'good');
  else
    out.line('The index holds other owners than a rebuild gives: run "seine index rebuild" on an empty index.', 'bad');
  out.json({ ok, kept, rebuilt, ...from });
  return ok ? EXIT.ok : EXIT.failure;
}

async function exportLog({ context, out }: Session, tools: IndexTools, file: string): Promise<void> {
  const path = resolve(context.cwd, file);
  let entries = 0;
  async function* text(): AsyncGenerator<string> {
    for await (const line of tools.log.lines()) {
      entries += 1;
      yield `${line}\n`;
    }
  }
  await pipeline(Readable.from(text()), createWriteStream(path, { flags: 'wx' }));
  out.line(`${entries} entries written to ${path}`);
  out.json({ entries, file: path });
}
