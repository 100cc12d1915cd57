#!/usr/bin/env node
// Sets up everything that Seine needs on this machine, inside this clone only. Node built-ins alone, because nothing is
// installed yet when it first runs. Nothing to do takes well under a second.
//   node stack/setup.mjs            what `npm start` needs
//   node stack/setup.mjs --engines  also the engines that run models on this machine
//   node stack/setup.mjs --tests    also these, the independent Python readers that `npm test` judges with, and photographs
//   node stack/setup.mjs --check    changes nothing; prints what is missing and exits with 1 if anything is
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from './setup/chromium.mjs';
import { enginesFolder, installEngines } from './setup/engines.mjs';
import { dropDrafts, fillFolder, sizeBytesOf } from './setup/folders.mjs';
import { withLock } from './setup/lock.mjs';
import { dependenciesInstalled, installDependencies } from './setup/npm.mjs';
import { otherWays, whyPartsCannotRun } from './setup/platform.mjs';
import { installPhotographs, photographsFolder } from './setup/photographs.mjs';
import { findPython, installPackages } from './setup/python.mjs';
import { redis } from './setup/redis.mjs';
import { SetupError } from './setup/run.mjs';
import { temporal } from './setup/temporal.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = join(root, '.seine');
const partsFolder = join(home, 'parts');
const partsFile = join(home, 'parts.json');
const judgesList = join(root, 'stack', 'setup', 'judges.txt');
const minFreeBytes = 2e9;

/** Steps that are still to be done, in order, and where each part was found. */
async function plan({ withTests, withEngines }) {
  const steps = [];
  const resolved = {};
  if (!dependenciesInstalled(root)) {
    steps.push({
      title: 'npm dependencies',
      source: 'package-lock.json',
      run: () => installDependencies(root),
      size: join(root, 'node_modules'),
    });
  }
  for (const part of [temporal, redis, chromium]) {
    const folder = part.folder(partsFolder);
    const found = (await part.findOwn()) ?? part.resolve(folder);
    if (found !== undefined) resolved[part.name] = found;
    else if (!part.isReplaced(process.env))
      steps.push({
        title: part.title,
        source: part.source,
        part,
        run: (tools) => part.install(folder, tools),
        size: folder,
      });
  }
  if (withTests && !existsSync(judgesFolder())) {
    const run = ({ python }) => fillFolder(judgesFolder(), (draft) => installPackages(python, judgesList, draft));
    steps.push({ title: 'Python readers for the tests', source: 'stack/setup/judges.txt', run, size: judgesFolder() });
  }
  if (withTests && !existsSync(photographsFolder(home))) {
    const run = ({ python }) => installPhotographs(python, home);
    steps.push({
      title: 'photographs for the tests',
      source: 'scikit-image 0.26.0',
      run,
      size: photographsFolder(home),
    });
  }
  if (withEngines && !existsSync(enginesFolder(root))) {
    const run = () => installEngines(root);
    steps.push({ title: 'engines for models', source: 'stack/engines/package.json', run, size: enginesFolder(root) });
  }
  return { steps, resolved };
}

/** Named by its list, so that a change of pins installs anew. */
function judgesFolder() {
  return join(home, `python-${createHash('sha256').update(readFileSync(judgesList)).digest('hex').slice(0, 12)}`);
}

async function setUp(wanted) {
  const started = Date.now();
  const { steps } = await plan(wanted);
  if (steps.length > 0) {
    refuseWhatCannotWork(steps);
    const python = findPython();
    mkdirSync(home, { recursive: true });
    const free = statfsSync(home);
    if (free.bavail * free.bsize < minFreeBytes) {
      throw new SetupError(
        `Only ${megabytes(free.bavail * free.bsize)} are free where the clone lies; set-up needs ${megabytes(minFreeBytes)}.`,
      );
    }
    for (const folder of [home, partsFolder]) dropDrafts(folder);
    for (const [index, step] of steps.entries()) {
      const stepStarted = Date.now();
      const label = `[${index + 1}/${steps.length}] ${step.title} (${step.source}) … `;
      process.stdout.write(label);
      const ticker = process.stdout.isTTY
        ? setInterval(() => process.stdout.write(`\r${label}${seconds(stepStarted)} `), 1000)
        : undefined;
      await step.run({ python, root }).finally(() => clearInterval(ticker));
      if (ticker !== undefined) process.stdout.write(`\r${label}`);
      process.stdout.write(`${megabytes(sizeBytesOf(step.size))}, done in ${seconds(stepStarted)}\n`);
    }
  }
  writeParts((await plan(wanted)).resolved, wanted.withTests);
  console.log(steps.length > 0 ? `Set-up done in ${seconds(started)}.` : `Set-up is complete (${seconds(started)}).`);
}

function refuseWhatCannotWork(steps) {
  const reason = whyPartsCannotRun();
  const parts = steps.filter((step) => step.part !== undefined);
  if (reason === undefined || parts.length === 0) return;
  const ways = parts.map((step) => `- ${step.title}: ${otherWays[step.part.name]}`);
  throw new SetupError(
    `The packaged servers run on Linux x86-64 with glibc 2.31 or later, and ${reason}. Missing:\n${ways.join('\n')}`,
  );
}

/** Where stack/parts.ts finds them. Paths inside the clone are relative, so that the clone may be moved. */
function writeParts(resolved, withTests) {
  const shorten = (value) => {
    if (Array.isArray(value)) return value.map(shorten);
    const inside = relative(root, value);
    return inside.startsWith('..') || isAbsolute(inside) ? value : inside;
  };
  const portable = Object.fromEntries(
    Object.entries(resolved).map(([name, part]) => [
      name,
      Object.fromEntries(Object.entries(part).map(([key, value]) => [key, shorten(value)])),
    ]),
  );
  if (withTests || existsSync(judgesFolder())) portable.python = { packages: shorten(judgesFolder()) };
  if (existsSync(photographsFolder(home))) portable.photographs = { folder: shorten(photographsFolder(home)) };
  if (existsSync(enginesFolder(root))) portable.engines = { folder: shorten(enginesFolder(root)) };
  const text = `${JSON.stringify(portable, null, 2)}\n`;
  if (existsSync(partsFile) && readFileSync(partsFile, 'utf8') === text) return;
  const draft = `${partsFile}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, partsFile);
}

async function check(wanted) {
  const { steps } = await plan(wanted);
  for (const step of steps) console.log(`missing: ${step.title} (${step.source})`);
  if (steps.length > 0) process.exitCode = 1;
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}

function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(
    `This is Node ${process.versions.node}; Seine needs 20.19 or later. Install a current one, then run the command again.`,
  );
}

const known = ['--engines', '--tests', '--check'];
const flags = process.argv.slice(2);
try {
  refuseOldNode();
  const unknown = flags.find((flag) => !known.includes(flag));
  if (unknown !== undefined) throw new SetupError(`Unknown option ${unknown}; there are ${known.join(', ')}.`);
  const withTests = flags.includes('--tests');
  const wanted = { withTests, withEngines: withTests || flags.includes('--engines') };
  if (flags.includes('--check')) await check(wanted);
  else {
    mkdirSync(home, { recursive: true });
    const onWait = (pid) => console.log(`Another set-up of this clone is running (process ${pid}); waiting for it.`);
    await withLock(join(home, 'setup.lock'), onWait, () => setUp(wanted));
  }
} catch (error) {
  console.error(error instanceof SetupError ? `\nSet-up: ${error.message}` : error);
  process.exitCode = 1;
}
