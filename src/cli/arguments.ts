import { InvalidArgumentError } from 'commander';

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

/** Collects a repeatable argument after `parse`. */
export function each<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before = []) => [...before, parse(text)];
}
