import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, SeineError } from '../src/core/errors.ts';
import { resolveChromium } from './browser.ts';
import { externalChain, checkChain } from './chain.ts';
import { outputOf } from './command-output.ts';
import { childEnvironment, type Environment } from './environment.ts';
import { cloneRoot, needPart } from './parts.ts';
import { freePort } from './ports.ts';
import { checkRedis, externalRedis } from './redis.ts';
import { checkTemporal, externalTemporal } from './temporal.ts';

/** What the doctor says about one part of the machine. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** What was found: a version, a path, a number, or what went wrong. */
  readonly found: string;
  /** What to do; null where nothing need be done. */
  readonly fix: string | null;
}

const setupFix = 'run `node stack/setup.mjs`';
const minFreeBytes = 2e9;
const usualPorts = { 7233: 'Temporal', 8233: 'Temporal UI', 6379: 'Redis index', 6380: 'Redis state', 9944: 'chain' };

/** Looks at everything that Seine needs on this machine. Starts no server; launches the browser once. */
export async function examine(env: Environment, root: string = cloneRoot): Promise<Finding[]> {
  const python = await check('Python 3 with pip', pythonFix, () => pythonVersion(env));
  const others = await Promise.all([
    check('Redis', setupFix, () => redisVersion(env, root)),
    check('Temporal', setupFix, () => temporalVersion(env, root)),
    check('Browser', `${setupFix}, or correct CHROMIUM_PATH`, () => browserVersion(env, root)),
    check('Chain', 'check out the clone anew, or set SUBTENSOR_ENDPOINT', () => chainRuntime(env, root)),
  ]);
  return [nodeVersion(), python, ...others, ...(await portFindings()), diskSpace(root)];
}

const pythonFix =
  'install Python 3.10 or later with pip: `apt install python3 python3-pip`, or from your system’s packages';

async function check(what: string, fix: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, found: await look(), fix: null };
  } catch (error) {
    const setting = error instanceof SeineError ? error.details['setting'] : undefined;
    const ownFix = typeof setting === 'string' ? `correct ${setting} or unset it` : fix;
    return { what, ok: false, found: messageOf(error), fix: ownFix };
  }
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { what: 'Node', ok, found: process.versions.node, fix: ok ? null : 'install Node 20.19 or later' };
}

async function pythonVersion(env: Environment): Promise<string> {
  const version = await outputOf('python3', ['--version'], childEnvironment(env));
  const pip = await outputOf('python3', ['-m', 'pip', '--version'], childEnvironment(env));
  return `${version}, ${pip.split(' ').slice(0, 2).join(' ')}`;
}

async function redisVersion(env: Environment, root: string): Promise<string> {
  const own = [externalRedis('index', env), externalRedis('state', env)].filter((server) => server !== undefined);
  for (const server of own) await checkRedis(server.url, server.setting);
  if (own.length === 2) return `${own.map((server) => server.setting).join(', ')}: answers, with its modules`;
  const redis = needPart('redis', root);
  const libraries = redis.libraries === undefined ? {} : { LD_LIBRARY_PATH: redis.libraries };
  const version = await outputOf(redis.executable, ['--version'], { ...childEnvironment(env), ...libraries });
  const missing = redis.modules.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} missing`);
  return `${/v=([\d.]+)/.exec(version)?.[1] ?? version} at ${redis.executable}`;
}

async function temporalVersion(env: Environment, root: string): Promise<string> {
  const external = externalTemporal(env);
  if (external !== undefined) {
    await checkTemporal(external);
    return `${external.address} answers`;
  }
  const { executable } = needPart('temporal', root);
  return `${await outputOf(executable, ['--version'], childEnvironment(env))} at ${executable}`;
}

async function browserVersion(env: Environment, root: string): Promise<string> {
  const executablePath = resolveChromium(env, root);
  const { chromium } = await import('playwright-core');
  const asRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({ executablePath, chromiumSandbox: !asRoot, timeout: 30_000 });
  try {
    return `${browser.version()} launches, at ${executablePath}${asRoot ? ' (without its sandbox, because this is root)' : ''}`;
  } finally {
    await browser.close();
  }
}

async function chainRuntime(env: Environment, root: string): Promise<string> {
  const external = externalChain(env);
  if (external !== undefined) {
    await checkChain(external);
    return `${external} answers`;
  }
  const file = join(root, 'chain', 'runtime.wasm');
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  return `development runtime at ${file}`;
}

/** A taken port is no fault: the stack takes another. */
async function portFindings(): Promise<Finding[]> {
  return Promise.all(
    Object.entries(usualPorts).map(async ([port, user]) => {
      const free = (await freePort(Number(port))) === Number(port);
      const found = free ? 'free' : 'taken; the stack will choose another';
      return { what: `Port ${port} (${user})`, ok: true, found, fix: null };
    }),
  );
}

function diskSpace(root: string): Finding {
  const { bavail, bsize } = statfsSync(root);
  const ok = bavail * bsize >= minFreeBytes;
  const fix = ok ? null : `free ${Math.ceil((minFreeBytes - bavail * bsize) / 1e9)} GB where the clone lies`;
  return { what: 'Disk space', ok, found: `${Math.floor((bavail * bsize) / 1e9)} GB free`, fix };
}
