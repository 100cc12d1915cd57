import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { environmentOf } from '../config/environment.ts';
import { loadSettings, type LoadOptions, type Settings } from '../config/load.ts';
import type { CliContext } from './context.ts';
import { createHumanOutput, createJsonOutput, type Output } from './output.ts';
import { stackDirOf } from './stack-folder.ts';
import { stackSettings } from './stack-settings.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  json?: boolean;
  verbose?: boolean;
  home?: string;
  config?: string;
  set?: Record<string, string>;
}

/** One run of one command. */
export interface Session {
  context: CliContext;
  out: Output;
  json: boolean;
  settings: Settings;
  /** The environment with what the settings file and flags say added. Holds secrets. */
  env: Record<string, string | undefined>;
}

/** A command's work; resolves to its exit code, 0 where it returns nothing. */
export type Handler<Args extends unknown[]> = (
  session: Session,
  ...args: Args
) => Promise<number | void> | number | void;

/** Makes commander actions: settings are read and the output chosen before the handler runs. */
export type Act = <Args extends unknown[]>(handler: Handler<Args>) => (this: Command, ...args: Args) => Promise<void>;

export function createAct(context: CliContext, finish: (exitCode: number) => void): Act {
  return (handler) =>
    async function (this: Command, ...args) {
      finish((await handler(openSession(context, this.optsWithGlobals()), ...args)) ?? 0);
    };
}

function openSession(context: CliContext, options: GlobalOptions): Session {
  const json = options.json === true;
  const settings = readSettings(context, options);
  return {
    context,
    out: json ? createJsonOutput(context) : createHumanOutput(context),
    json,
    settings,
    env: environmentOf(settings, context.env),
  };
}

/** Reads the settings twice: the home and runs folders say where a running stack wrote its addresses. */
function readSettings({ env, cwd }: CliContext, { home, config, set }: GlobalOptions): Settings {
  const options: LoadOptions = {
    env,
    cwd,
    overrides: { ...set, ...(home === undefined ? {} : { home }) },
    ...(config === undefined ? {} : { file: resolve(cwd, config) }),
  };
  const settings = loadSettings(options);
  const file = join(stackDirOf(settings), 'stack.json');
  return existsSync(file) ? loadSettings({ ...options, stack: stackSettings(readFileSync(file, 'utf8')) }) : settings;
}
