// Rebuilds the development chain's runtime and its variants from their Rust source and compares them with the committed ones.
//
//   node chain/check-runtime.mjs           compare (npm run test:runtime)
//   node chain/check-runtime.mjs --write   build and replace the committed runtimes
//
// The same source gives the same bytes in any folder, because the paths that rustc writes into panics are remapped. Digests are of the
// raw wasm: compression differs from version to version.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TARGET = 'wasm32v1-none';

const chain = dirname(fileURLToPath(import.meta.url));
const crate = join(chain, 'runtime');
const digestFile = join(chain, 'runtime.sha256');
const variants = join(chain, '..', 'test', 'fixtures', 'runtimes');
/** By Cargo feature, which is the variant's name too. Variants are for tests, and compressed. */
const runtimes = [
  { name: 'runtime', features: [], file: join(chain, 'runtime.wasm') },
  ...['without-commitments', 'max-fields-1'].map((name) => {
    return { name, features: [name], file: join(variants, `${name}.wasm.zst`) };
  }),
];
/** What Substrate puts before wasm that zstd has compressed. */
const COMPRESSED = Buffer.from('52bc537646db8e05', 'hex');
const targetDir = process.env.CARGO_TARGET_DIR ?? join(tmpdir(), 'seine-runtime-target');

function fail(message) {
  console.error(message);
  process.exit(1);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: crate, encoding: 'utf8', ...options });
  return { ok: result.status === 0, out: (result.stdout ?? '').toString().trim() };
}

function build(features) {
  const sysroot = run('rustc', ['--print', 'sysroot']);
  const toolchain = /channel = "(.*)"/.exec(readFileSync(join(crate, 'rust-toolchain.toml'), 'utf8'))?.[1];
  if (!sysroot.ok) {
    fail(
      `Rust ${toolchain} is needed to rebuild the runtime (not to run it). Get it: rustup toolchain install ${toolchain}`,
    );
  }
  if (!existsSync(join(sysroot.out, 'lib', 'rustlib', TARGET))) {
    fail(`Rust's target ${TARGET} is missing. Get it: rustup target add ${TARGET} --toolchain ${toolchain}`);
  }
  const remaps = {
    [crate]: '/runtime',
    [process.env.CARGO_HOME ?? join(homedir(), '.cargo')]: '/cargo',
    [join(sysroot.out, 'lib', 'rustlib', 'src', 'rust')]: '/rust',
  };
  const flags = ['--cfg', 'substrate_runtime', '-C', 'target-cpu=mvp', '-C', 'link-arg=--export-table'];
  for (const [from, to] of Object.entries(remaps)) flags.push(`--remap-path-prefix=${from}=${to}`);
  const env = { ...process.env, CARGO_TARGET_DIR: targetDir, CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
  const args = ['build', '--release', '--locked', '--target', TARGET, '--no-default-features', '--lib'];
  if (features.length > 0) args.push('--features', features.join(','));
  if (!run('cargo', args, { env, stdio: 'inherit' }).ok)
    fail('The runtime does not build; the compiler said why above.');
  return readFileSync(join(targetDir, TARGET, 'release', 'seine_runtime.wasm'));
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function zstd(bytes, ...args) {
  const result = spawnSync('zstd', [...args, '--stdout'], { input: bytes, maxBuffer: 1 << 28 });
  if (result.status !== 0)
    fail('The program zstd is needed for the variants, which are compressed. Install the package zstd.');
  return result.stdout;
}

function write(file, wasm) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith('.zst') ? Buffer.concat([COMPRESSED, zstd(wasm, '-19')]) : wasm);
}

function read(file) {
  const bytes = readFileSync(file);
  return file.endsWith('.zst') ? zstd(bytes.subarray(COMPRESSED.length), '-d') : bytes;
}

const built = runtimes.map((runtime) => ({ ...runtime, wasm: build(runtime.features) }));
if (process.argv.includes('--write')) {
  for (const { file, wasm } of built) write(file, wasm);
  writeFileSync(digestFile, built.map(({ name, wasm }) => `${sha256(wasm)}  ${name}\n`).join(''));
  for (const { name, wasm } of built)
    console.log(`Wrote ${name}: ${wasm.length} bytes of wasm, SHA-256 ${sha256(wasm)}.`);
} else {
  const digests = readFileSync(digestFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('  '));
  for (const { name, file, wasm } of built) {
    const committed = digests.find(([, of]) => of === name)?.[0];
    if (sha256(read(file)) !== committed) fail(`${file} is not the file that ${digestFile} names.`);
    if (sha256(wasm) !== committed) {
      fail(
        `The source of ${name} builds to SHA-256 ${sha256(wasm)}, but ${committed} is committed.\n` +
          'If the source was changed on purpose, write the runtimes anew: node chain/check-runtime.mjs --write',
      );
    }
    console.log(`The source builds to the committed ${name}, SHA-256 ${committed}.`);
  }
}
