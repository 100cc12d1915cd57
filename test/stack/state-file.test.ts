import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StackStateError } from '../../stack/errors.ts';
import { readState, removeState, stateFile, writeState, type StackState } from '../../stack/state-file.ts';

const state: StackState = {
  version: 1,
  startedAt: '2026-11-21T14:00:00.000Z',
  launcher: { pid: 1, startTime: '7' },
  urls: { temporal: '127.0.0.1:7233', temporalUi: null },
  parts: [{ name: 'temporal', pid: 2, startTime: '77', ports: [7233, 8233], log: '/x/logs/temporal.log' }],
};
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'seine state '));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the state file', () => {
  it('reads back what was written, and nothing once removed', () => {
    expect(readState(dir)).toBeUndefined();
    writeState(dir, state);
    expect(readState(dir)).toEqual(state);
    expect(readdirSync(dir)).toEqual(['stack.json']);
    removeState(dir);
    expect(readState(dir)).toBeUndefined();
  });

  it.each(['', '{"version":1', '{"version":2}', JSON.stringify({ ...state, parts: [{ name: 'temporal', pid: -1 }] })])(
    'refuses %j and names the file',
    (text) => {
      writeFileSync(stateFile(dir), text);
      expect(() => readState(dir)).toThrow(StackStateError);
      expect(() => readState(dir)).toThrow(stateFile(dir));
    },
  );
});
