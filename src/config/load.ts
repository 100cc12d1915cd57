import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { SettingsInvalid, type SettingProblem } from './errors.ts';
import { BadValue, type ParseContext } from './parsers.ts';
import { readSettingsFile, type RawEntry } from './settings-file.ts';
import { suggest } from './suggest.ts';
import { isSettingName, SETTING_NAMES, settingOf, type SettingName, type SettingValues } from './table.ts';

/** Where a value came from; the first that names it wins, from the flag down to the default. */
export type Origin = 'flag' | 'env' | 'file' | 'stack' | 'default';

/** Everything that can be set, read once and never changed. */
export interface Settings {
  readonly values: SettingValues;
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** The settings file, whether it exists or not. */
  readonly file: string;
}

export interface LoadOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** Settings file, which must exist. @default <home>/seine.toml, which need not */
  file?: string;
  /** Raw values by dotted name, from flags. */
  overrides?: Readonly<Record<string, string>>;
  /** Addresses of the local parts that run, by dotted name; used where nothing else names one. */
  stack?: Readonly<Partial<Record<SettingName, string>>>;
  /** @default the current folder */
  cwd?: string;
}

/** Variables of ours that are no settings: the mark by which a stack knows its processes (stack/process-group.ts). */
const NO_SETTINGS = ['SEINE_STACK_DIR'];

interface Found {
  /** The setting it was written for: a setting that follows another has the other's. */
  name: SettingName;
  raw: unknown;
  origin: Origin;
  place: string;
  baseDir: string;
}

/** Reads all settings. @throws SettingsInvalid with everything that is wrong, misspelt names included */
export function loadSettings(options: LoadOptions): Settings {
  const { env, cwd = process.cwd() } = options;
  const userHome = env.HOME ?? homedir();
  const file = options.file ?? join(homeOf(options, cwd, userHome), 'seine.toml');

  const fromFile = readSettingsFile(file, options.file !== undefined);
  const layers = [
    layer(Object.entries(options.overrides ?? {}), 'flag', '--set', cwd),
    environmentLayer(env, cwd),
    layer(fromFile.entries, 'file', file, dirname(file)),
    layer(Object.entries(options.stack ?? {}), 'stack', 'running stack', cwd),
  ];
  const problems = [...fromFile.problems, ...layers.flatMap((layer) => layer.problems)];
  const founds = layers.map(({ found }) => found);

  const values: Partial<Record<SettingName, unknown>> = {};
  const origins: Partial<Record<SettingName, Origin>> = {};
  for (const name of SETTING_NAMES) {
    const found = choose(name, founds) ?? {
      name,
      raw: settingOf(name).fallback,
      origin: 'default',
      place: 'default',
      baseDir: cwd,
    };
    origins[name] = found.origin;
    const parsed = parseFound(name, found, userHome);
    if ('value' in parsed) values[name] = parsed.value;
    else if (found.name === name) problems.push({ key: name, place: found.place, why: parsed.why });
  }
  problems.push(...(problems.length === 0 ? combinationProblems(values as SettingValues) : []));
  if (problems.length > 0) throw new SettingsInvalid(problems);

  return Object.freeze({
    values: Object.freeze(values as SettingValues),
    origins: Object.freeze(origins as Record<SettingName, Origin>),
    file,
  });
}

/** The home folder must be known before the file can be read. */
function homeOf(options: LoadOptions, cwd: string, userHome: string): string {
  const raw = options.overrides?.home || options.env.SEINE_HOME || settingOf('home').fallback;
  return settingOf('home').parse(raw, { baseDir: cwd, userHome }) as string;
}

function layer(
  entries: Iterable<RawEntry>,
  origin: Origin,
  place: string,
  baseDir: string,
): { found: Map<SettingName, Found>; problems: SettingProblem[] } {
  const found = new Map<SettingName, Found>();
  const problems: SettingProblem[] = [];
  for (const [key, raw] of entries) {
    if (!isSettingName(key)) problems.push({ key, place, why: unknownName(key, SETTING_NAMES) });
    else if (origin === 'file' && settingOf(key).envOnly)
      problems.push({ key, place, why: `the file is found by it: set ${settingOf(key).env} in the environment` });
    else found.set(key, { name: key, raw, origin, place, baseDir });
  }
  return { found, problems };
}

/** An empty variable counts as not set. Names beginning with SEINE_ are ours alone, so an unknown one is a misspelling. */
function environmentLayer(env: LoadOptions['env'], cwd: string): ReturnType<typeof layer> {
  const found = new Map<SettingName, Found>();
  for (const name of SETTING_NAMES) {
    const variable = settingOf(name).env;
    const raw = env[variable];
    if (raw) found.set(name, { name, raw, origin: 'env', place: `environment variable ${variable}`, baseDir: cwd });
  }
  const variables = SETTING_NAMES.map((name) => settingOf(name).env);
  const problems = Object.keys(env)
    .filter((key) => key.startsWith('SEINE_') && env[key] && !variables.includes(key) && !NO_SETTINGS.includes(key))
    .map((key) => ({ key, place: 'environment', why: unknownName(key, variables) }));
  return { found, problems };
}

/** The first layer that names the setting; before the running stack's, the setting that it follows. */
function choose(name: SettingName, founds: readonly Map<SettingName, Found>[]): Found | undefined {
  const named = (wanted: SettingName, layers: readonly Map<SettingName, Found>[]): Found | undefined =>
    layers.map((found) => found.get(wanted)).find((found) => found !== undefined);
  const byPerson = founds.slice(0, -1);
  const { follows } = settingOf(name);
  return (
    named(name, byPerson) ??
    (follows !== undefined && isSettingName(follows) ? named(follows, byPerson) : undefined) ??
    named(name, founds)
  );
}

function parseFound(name: SettingName, found: Found, userHome: string): { value: unknown } | { why: string } {
  if (found.raw === null) return { value: null };
  const context: ParseContext = { baseDir: found.baseDir, userHome };
  try {
    return { value: settingOf(name).parse(found.raw, context) };
  } catch (error) {
    if (error instanceof BadValue) return { why: error.message };
    throw error;
  }
}

function combinationProblems(values: SettingValues): SettingProblem[] {
  return [...tlsProblems(values), ...(values['dev.enabled'] ? [] : developmentProblems(values))];
}

function tlsProblems(values: SettingValues): SettingProblem[] {
  const pair = ['miner.tls_cert_file', 'miner.tls_key_file'] as const;
  if (pair.every((key) => values[key] === null) || pair.every((key) => values[key] !== null)) return [];
  const why = 'a certificate and its key are set both or neither';
  return pair.filter((key) => values[key] === null).map((key) => ({ key, place: 'settings', why }));
}

function developmentProblems(values: SettingValues): SettingProblem[] {
  const why = 'is for development: set dev.enabled (SEINE_DEV=true) with it, never on a live network';
  return [
    ...(values['wallet.dev_seed'] ? [{ key: 'wallet.dev_seed', place: 'settings', why }] : []),
    ...(values['dev.copier'] ? [{ key: 'dev.copier', place: 'settings', why }] : []),
  ];
}

function unknownName(key: string, known: readonly string[]): string {
  const meant = suggest(key, known);
  return meant ? `no such setting; did you mean ${meant}?` : 'no such setting';
}
