import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listening = '0A';

/**
 * Does one of these processes listen on that port of this machine? Tells our server from one that took the port between
 * choice and bind. Undefined where the system has no /proc to ask.
 */
export function listensOn(pids: readonly number[], port: number): boolean | undefined {
  const inodes = listeningInodes(port);
  if (inodes === undefined) return undefined;
  return pids.some((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
}

/** Socket inodes that listen on the port, from the tables of proc(5): local address is the second column, state the fourth, inode the tenth. */
function listeningInodes(port: number): Set<string> | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let text: string;
    try {
      text = readFileSync(table, 'utf8');
    } catch {
      if (table === '/proc/net/tcp') return undefined;
      continue;
    }
    for (const line of text.split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      const inode = columns[9];
      if (columns[1]?.endsWith(wanted) === true && columns[3] === listening && inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

function socketsOf(pid: number): string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).flatMap((fd) => socketInode(`${folder}/${fd}`) ?? []);
  } catch {
    return []; // The process is gone.
  }
}

function socketInode(fd: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(fd))?.[1];
  } catch {
    return undefined; // Closed meanwhile.
  }
}
