// What `npm test` runs after set-up: every check in turn, and a last line that counts them all.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'seine-test-'));
const bin = (name) => join('node_modules', '.bin', name);
const sources = ['workflows', 'activities', 'src', 'temporal', 'chain', 'stack'];
const suite = (name, config) => ({
  name,
  report: join(scratch, `${name.replaceAll(' ', '-')}.json`),
  args: ['vitest', 'run', '--config', config, '--reporter=default', '--reporter=json'],
});

const checks = [
  { name: 'format', args: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', args: ['eslint', '.'] },
  { name: 'boundaries', args: ['depcruise', '--config', '.dependency-cruiser.mjs', ...sources] },
  { name: 'workflow bundle', args: ['depcruise', '--config', '.dependency-cruiser.bundle.mjs', ...sources] },
  { name: 'dead exports', args: ['knip'] },
  { name: 'types', args: ['tsc', '--noEmit', '-p', '.'] },
  suite('unit tests', 'vitest.config.ts'),
  suite('integration tests', 'vitest.integration.config.ts'),
];

const only = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const check of checks) {
  if (only.length > 0 && !only.includes(check.name)) continue;
  const [tool, ...args] = check.args;
  const started = Date.now();
  console.log(`\n== ${check.name}`);
  const report = check.report === undefined ? [] : [`--outputFile.json=${check.report}`];
  const { status } = spawnSync(process.execPath, [bin(tool), ...args, ...report], { stdio: 'inherit' });
  const counts = check.report === undefined ? oneCheck(status) : suiteCounts(check.report, status);
  passed += counts.passed;
  failed += counts.failed;
  console.log(`== ${check.name}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}
rmSync(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function oneCheck(status) {
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A suite that ended badly without a failed test (a set-up that threw, a file that did not load) counts as one failure. */
function suiteCounts(report, status) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests === 0 && status !== 0 ? 1 : numFailedTests };
  } catch {
    return oneCheck(status === 0 ? 1 : status);
  }
}
