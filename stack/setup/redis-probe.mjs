import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const timeoutMs = 5_000;

/**
 * Does this server start and know the commands of search, JSON and Bloom? It is started without a port, on a socket in
 * `folder`, and stopped again.
 * @param {{ executable: string, modules: string[] }} candidate
 * @param {string} folder
 * @returns {Promise<boolean>}
 */
export async function probeRedis(candidate, folder) {
  const socket = join(folder, 's');
  const loads = candidate.modules.flatMap((file) => ['--loadmodule', file]);
  const args = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder, ...loads];
  const server = spawn(candidate.executable, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.on('close', resolve).on('error', resolve));
  try {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline && server.exitCode === null) {
      const answer = await ask(socket, 'COMMAND INFO FT.SEARCH JSON.SET BF.ADD\r\n').catch(() => undefined);
      // RESP answers three entries, a null array for each command that the server does not know.
      if (answer?.startsWith('*3\r\n')) return !/\*-1\r\n|\$-1\r\n/.test(answer);
      await sleep(50);
    }
    return false;
  } finally {
    server.kill('SIGKILL');
    await ended;
  }
}

function ask(path, line) {
  return new Promise((resolve, reject) => {
    const connection = createConnection(path, () => connection.write(line));
    connection.setTimeout(timeoutMs, () => connection.destroy(new Error('no answer')));
    connection.on('error', reject);
    connection.once('data', (data) => {
      resolve(data.toString('latin1'));
      connection.destroy();
    });
  });
}
