// What `npm test` runs after set-up: every check, several at once where that costs none of them its quiet, and a last line that counts them all.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const scratch = mkdtempSync(join(tmpdir(), 'seine-test-'));
const bin = (name) => join('node_modules', '.bin', name);
const sources = ['workflows', 'activities', 'src', 'temporal', 'chain', 'stack'];
const suite = (name, ...args) => ({
  name,
  report: join(scratch, `${name.replaceAll(' ', '-')}.json`),
  args: ['vitest', 'run', ...args, '--reporter=default', '--reporter=json'],
});
const lane = (project) =>
  suite(`integration tests ${project}`, '--config', 'vitest.integration.config.ts', '--project', project);

/** One stage after the other. Of a stage as many run at once as it says: most integration tests wait more than they compute. */
const stages = [
  {
    atOnce: availableParallelism(),
    checks: [
      { name: 'lint', args: ['eslint', '.'] },
      { name: 'types', args: ['tsc', '--noEmit', '-p', '.'] },
      { name: 'dead exports', args: ['knip'] },
      { name: 'boundaries', args: ['depcruise', '--config', '.dependency-cruiser.mjs', ...sources] },
      { name: 'workflow bundle', args: ['depcruise', '--config', '.dependency-cruiser.bundle.mjs', ...sources] },
      { name: 'format', args: ['prettier', '--check', '--log-level', 'warn', '.'] },
    ],
  },
  { atOnce: 1, checks: [suite('unit tests', '--config', 'vitest.config.ts')] },
  { atOnce: 2, checks: [lane('shared-stack'), lane('own-parts')] },
  { atOnce: 1, checks: [lane('quiet')] },
];

const only = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const { atOnce, checks } of stages) {
  const left = checks.filter(({ name }) => only.length === 0 || only.some((wanted) => name.startsWith(wanted)));
  const isAlone = atOnce === 1 || left.length === 1;
  const work = async () => {
    for (let check = left.shift(); check !== undefined; check = left.shift()) await run(check, isAlone);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, work));
}
rmSync(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function run(check, isAlone) {
  const [tool, ...args] = check.args;
  const started = Date.now();
  console.log(`\n== ${check.name}`);
  const report = check.report === undefined ? [] : [`--outputFile.json=${check.report}`];
  const status = await exitStatus([bin(tool), ...args, ...report], isAlone ? null : check.name);
  const counts = check.report === undefined ? oneCheck(status) : suiteCounts(check.report, status);
  passed += counts.passed;
  failed += counts.failed;
  console.log(`== ${check.name}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

/** Runs a script of Node's; of several at once each line says whose it is. */
function exitStatus(args, label) {
  const child = spawn(process.execPath, args, {
    stdio: ['inherit', ...Array(2).fill(label === null ? 'inherit' : 'pipe')],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => console.log(`${label} | ${line}`));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

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
