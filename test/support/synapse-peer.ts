import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from '../../stack/ports.ts';
import { cloneRoot, readParts } from '../../stack/parts.ts';

export interface DendriteAnswer {
  status: number | null;
  message: string | null;
  fields: Record<string, unknown>;
  /** Whether the asked axon's signature is right. */
  signed: boolean;
}

/** A peer by Bittensor's own SDK; see test/judges/synapse_peer.py. */
export interface SynapsePeer {
  hotkey: string;
  /** Of its Axon. */
  port: number;
  /** Its Dendrite asks an axon on this machine. `fields` may be a JSON text, whose numbers are Python's then. */
  ask: (
    axon: { port: number; hotkey: string },
    type: string,
    fields: object | string,
    timeoutS?: number,
  ) => Promise<DendriteAnswer>;
  /** What Python makes of JSON texts, and the hashes of bodies with them. */
  read: (texts: readonly string[]) => Promise<{ text: string; hash: string }[]>;
  close: () => Promise<void>;
}

/** @param uri secret of its hotkey */
export async function startSynapsePeer(uri: string): Promise<SynapsePeer> {
  const [port] = await freePorts([18_091]);
  const child = spawn('python3', [join(cloneRoot, 'test', 'judges', 'synapse_peer.py'), uri, String(port)], {
    env: { ...process.env, PYTHONPATH: readParts().python?.packages ?? process.env['PYTHONPATH'] },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('synapse_peer.py ended; see above what it said');
    return JSON.parse(line.value);
  };
  const tell = async (command: string): Promise<unknown> => {
    child.stdin.write(`${command}\n`);
    return await next();
  };
  const { hotkey } = (await next()) as { hotkey: string };
  return {
    ...{ hotkey, port: port! },
    async ask(axon, type, fields, timeout = 12) {
      const head = JSON.stringify({ ask: { ip: '127.0.0.1', ...axon }, type, timeout });
      const body = typeof fields === 'string' ? fields : JSON.stringify(fields);
      return (await tell(`${head.slice(0, -1)},"fields":${body}}`)) as DendriteAnswer;
    },
    read: async (texts) => (await tell(JSON.stringify({ read: texts }))) as { text: string; hash: string }[],
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      child.kill();
      await ended;
    },
  };
}
