import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCli } from './run.ts';

const { folder, run } = useCli();

describe('seine score explain', () => {
  it.each<[string, string]>([
    ['is no JSON', '# no bundle'],
    ['is something else', '{}'],
    ['lacks members', '{"version":1,"miners":[],"scores":[]}'],
  ])('says that a file is no evidence bundle where it %s', async (_, text) => {
    writeFileSync(join(folder(), 'evidence.json'), text);
    const { exitCode, stderr } = await run(['score', 'explain', 'evidence.json']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('evidence bundle') as string]);
  });
});
