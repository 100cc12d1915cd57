// Rebuilds the development chain's runtime from its Rust source and compares it with the committed one.
//
//   node chain/check-runtime.mjs           compare (npm run test:runtime)
//   node chain/check-runtime.mjs --write   build and replace the committed runtime
//
// The same source gives the same bytes in any folder, because the paths that rustc writes into panics are remapped.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TARGET = 'wasm32v1-none';

const chain = dirname(fileURLToPath(import.meta.url));
const crate = join(chain, 'runtime');
const digestFile = join(chain, 'runtime.sha256');
const runtimeFile = join(chain, 'runtime.wasm');
const targetDir = process.env.CARGO_TARGET_DIR ?? join(tmpdir(), 'seine-runtime-target');

function fail(message) {
  console.error(message);
  process.exit(1);
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: crate, encoding: 'utf8', ...options });
  return { ok: result.status === 0, out: (result.stdout ?? '').toString().trim() };
}

function build() {
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
  if (!run('cargo', args, { env, stdio: 'inherit' }).ok)
    fail('The runtime does not build; the compiler said why above.');
  return readFileSync(join(targetDir, TARGET, 'release', 'seine_runtime.wasm'));
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

const wasm = build();
const digest = sha256(wasm);
if (process.argv.includes('--write')) {
  writeFileSync(runtimeFile, wasm);
  writeFileSync(digestFile, `${digest}\n`);
  console.log(`Wrote the runtime: ${wasm.length} bytes of wasm, SHA-256 ${digest}.`);
} else {
  const committed = readFileSync(digestFile, 'utf8').trim();
  if (sha256(readFileSync(runtimeFile)) !== committed) fail(`${runtimeFile} is not the file that ${digestFile} names.`);
  if (digest !== committed) {
    fail(
      `The source builds to SHA-256 ${digest}, but ${committed} is committed.\n` +
        'If the source was changed on purpose, write the runtime anew: node chain/check-runtime.mjs --write',
    );
  }
  console.log(`The source builds to the committed runtime, SHA-256 ${digest}.`);
}
