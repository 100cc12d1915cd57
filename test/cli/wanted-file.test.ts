import { describe, expect, it } from 'vitest';
import { parseWanted } from '../../src/cli/roots/wanted-file.ts';

const job = {
  ...{ id: 'docs', source: 'web', seeds: ['https://example.org/'], hosts: ['example.org'], max_pages: 10 },
  weight_ppm: 1_000_000,
};
const parse = (jobs: unknown[]) => parseWanted(JSON.stringify({ version: 1, jobs }), 'wanted.json');

describe('parseWanted', () => {
  it('fills in the pool and that no private address is allowed', () => {
    expect(parse([job])).toEqual({ version: 1, jobs: [{ ...job, allow_private: [], pool: 'data' }] });
  });

  it.each<[string, unknown[], RegExp]>([
    ['no job', [], /jobs/],
    ['a seed that is no web page', [{ ...job, seeds: ['ftp://example.org/'] }], /jobs\[0\]\.seeds\[0\]/],
    ['a host with a path', [{ ...job, hosts: ['example.org/docs'] }], /hosts\[0\]/],
    ['a misspelt member', [{ ...job, max_page: 3 }], /max_page/],
    ['two jobs of one name', [job, job], /two jobs are called docs/],
  ])('refuses %s, naming it', (_, jobs, message) => {
    expect(() => parse(jobs)).toThrow(message);
  });

  it('refuses what is no JSON', () => {
    expect(() => parseWanted('{', 'wanted.json')).toThrow(/wanted\.json is no list of wanted jobs/);
  });
});
