import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveChromium } from '../../stack/browser.ts';
import { PartMissingError } from '../../stack/errors.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seine clone '));
  mkdirSync(join(root, '.seine'));
});
afterEach(() => rmSync(root, { recursive: true }));

function executable(name: string): string {
  const path = join(root, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

describe('resolveChromium', () => {
  it('prefers the one that CHROMIUM_PATH names, then what set-up found, also after the clone has moved', () => {
    const own = executable('own');
    const packaged = executable('packaged');
    writeFileSync(join(root, '.seine', 'parts.json'), JSON.stringify({ chromium: { executable: 'packaged' } }));
    expect(resolveChromium({ CHROMIUM_PATH: own }, root)).toBe(own);
    expect(resolveChromium({}, root)).toBe(packaged);
  });

  it('says what to do when there is none', () => {
    expect(() => resolveChromium({}, root)).toThrow(PartMissingError);
    expect(() => resolveChromium({}, root)).toThrow('node stack/setup.mjs');
    expect(() => resolveChromium({ CHROMIUM_PATH: join(root, 'gone') }, root)).toThrow('CHROMIUM_PATH');
  });
});
