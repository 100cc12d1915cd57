import { InvalidArgumentError } from 'commander';
import { BadValue } from '../config/parsers.ts';
import { settingOf, type SettingName } from '../config/table.ts';

/** Parser of an option that takes a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`should be a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** Parser of an http(s) URL, or of several as commander hands them on. */
export function webUrl(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') throw new InvalidArgumentError('should be an http(s) URL.');
  return text;
}

/** Parser of a date or a time in UTC. */
export function moment(text: string): Date {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z)?$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('should be a date (2026-07-01) or a time in UTC (2026-07-01T12:00:00Z).');
  return new Date(text);
}

/** Collects a repeatable argument after `parse`. */
export function each<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

/** Parser of an option that a setting is written from: what the setting refuses is refused here, and the text kept as it is. */
export function textFor(name: SettingName): (text: string) => string {
  return (text) => {
    try {
      settingOf(name).parse(text, { baseDir: '/', userHome: '/' });
      return text;
    } catch (error) {
      throw error instanceof BadValue ? new InvalidArgumentError(`${error.message}.`) : error;
    }
  };
}

/** Parser of an SS58 address; its checksum is for the chain client to check. */
export function ss58(text: string): string {
  if (!/^[1-9A-HJ-NP-Za-km-z]{46,50}$/.test(text)) throw new InvalidArgumentError('should be an SS58 address.');
  return text;
}
