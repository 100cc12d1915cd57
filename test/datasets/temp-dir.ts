import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder that is gone after the file's tests. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'seine-test-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
