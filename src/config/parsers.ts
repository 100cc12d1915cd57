import { isAbsolute, resolve } from 'node:path';
import { Secret } from './secret.ts';

/** What a parser may know about where a value stood. */
export interface ParseContext {
  /** Folder that relative paths start from: the settings file's own, else the current one. */
  baseDir: string;
  /** What `~` stands for. */
  userHome: string;
}

/** Turns a raw value (text from the environment or a flag, any TOML value from the file) into the setting's own type. */
export type Parser<T> = (raw: unknown, context: ParseContext) => T;

/** Why a raw value is refused. The loader puts the setting's name before it; it must not quote a secret. */
export class BadValue extends Error {}

export function text(pattern?: RegExp, shape = 'another form'): Parser<string> {
  return (raw) => {
    const value = textOf(raw);
    if (pattern && !pattern.test(value)) throw new BadValue(`should be ${shape}, got "${value}"`);
    return value;
  };
}

export function secret(): Parser<Secret | null> {
  return (raw) => {
    if (typeof raw !== 'string') throw new BadValue('should be text');
    return raw === '' ? null : new Secret(raw);
  };
}

/** A URL that may carry a password; a refused one is not quoted. */
export function secretUrl(...protocols: string[]): Parser<Secret | null> {
  const parseSecret = secret();
  const parseUrl = url(...protocols);
  return (raw, context) => {
    const value = parseSecret(raw, context);
    if (value !== null) parseUrl(value.reveal(), context);
    return value;
  };
}

export function integer(range: { min: number; max: number }): Parser<number> {
  return (raw) => {
    const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < range.min || value > range.max)
      throw new BadValue(`should be a whole number from ${range.min} to ${range.max}, got ${quote(raw)}`);
    return value;
  };
}

export function boolean(): Parser<boolean> {
  return (raw) => {
    if (typeof raw === 'boolean') return raw;
    const word = typeof raw === 'string' ? raw.trim().toLowerCase() : '';
    if (['true', '1', 'yes', 'on'].includes(word)) return true;
    if (['false', '0', 'no', 'off'].includes(word)) return false;
    throw new BadValue(`should be true or false, got ${quote(raw)}`);
  };
}

/** A URL of one of the protocols. A refused one is not quoted: it may carry a password. */
export function url(...protocols: string[]): Parser<string> {
  const shape = protocols.map((protocol) => `${protocol}//…`).join(' or ');
  return (raw) => {
    const value = textOf(raw);
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) throw new BadValue(`should be ${shape}`);
    return value;
  };
}

/** A short name for a well-known URL, or a URL of one of the protocols. */
export function namedUrl(names: Readonly<Record<string, string>>, ...protocols: string[]): Parser<string> {
  const parseUrl = url(...protocols);
  return (raw, context) => {
    const named = typeof raw === 'string' ? names[raw] : undefined;
    if (named !== undefined) return named;
    try {
      return parseUrl(raw, context);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new BadValue(`${error.message}, or one of ${Object.keys(names).join(', ')}`);
    }
  };
}

/** Where a signer process listens: a Unix socket or a port of loopback. A refused one is not quoted: it may carry a password. */
export function signerUrl(): Parser<string> {
  const shape = /^(unix:\/.+|http:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\]):\d{1,5}\/?)$/;
  return (raw) => {
    const value = textOf(raw);
    if (!shape.test(value)) throw new BadValue('should be unix:/path or http://127.0.0.1:port');
    return value;
  };
}

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Parser<Word> {
  return (raw) => {
    const word = words.find((item) => item === raw);
    if (word === undefined) throw new BadValue(`should be one of ${words.join(', ')}, got ${quote(raw)}`);
    return word;
  };
}

/** `host:port`. */
export function address(): Parser<string> {
  return (raw) => {
    const value = textOf(raw);
    const port = Number(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(value)?.[1]);
    if (!(port >= 1 && port <= 65_535)) throw new BadValue(`should be host:port, got "${value}"`);
    return value;
  };
}

/** An absolute path. */
export function path(): Parser<string> {
  return (raw, { baseDir, userHome }) => {
    const value = textOf(raw);
    if (value === '') throw new BadValue('should be a path');
    const expanded = value === '~' || value.startsWith('~/') ? userHome + value.slice(1) : value;
    return isAbsolute(expanded) ? expanded : resolve(baseDir, expanded);
  };
}

/** A TOML list, or text with commas between its items. */
export function list<T>(parser: Parser<T>): Parser<readonly T[]> {
  return (raw, context) => {
    const items: unknown[] = Array.isArray(raw)
      ? raw
      : textOf(raw)
          .split(',')
          .map((item) => item.trim());
    return Object.freeze(items.filter((item) => item !== '').map((item) => parser(item, context)));
  };
}

/** A name with its part of 1,000,000. */
interface Share {
  name: string;
  share_ppm: number;
}

/** An item of a list as a person writes it: the form that its parser takes. */
export function writtenItem(item: unknown): unknown {
  const isShare = typeof item === 'object' && item !== null && 'name' in item && 'share_ppm' in item;
  return isShare ? `${String(item.name)}=${String(item.share_ppm)}` : item;
}

/** Names with shares of 1,000,000 between them: a TOML list of `name=share`, or text with commas between. */
export function shares(): Parser<readonly Share[]> {
  const whole = 1_000_000;
  const parseAll = list(text(/^[a-z][a-z0-9-]*=\d{1,7}$/, 'name=share'));
  return (raw, context) => {
    const pairs = parseAll(raw, context).map((item) => {
      const [name = '', share] = item.split('=');
      return { name, share_ppm: Number(share) };
    });
    const sum = pairs.reduce((total, { share_ppm }) => total + share_ppm, 0);
    if (sum !== whole) throw new BadValue(`shares should add up to ${whole}, not ${sum}`);
    const names = pairs.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new BadValue(`names ${twice} twice`);
    return Object.freeze(pairs);
  };
}

/** Empty text means "not set". */
export function optional<T>(parser: Parser<T>): Parser<T | null> {
  return (raw, context) => (raw === '' ? null : parser(raw, context));
}

function textOf(raw: unknown): string {
  if (typeof raw !== 'string') throw new BadValue(`should be text, got ${quote(raw)}`);
  return raw;
}

function quote(raw: unknown): string {
  return typeof raw === 'object' && raw !== null ? 'a table or list' : JSON.stringify(raw);
}
