import { describe, expect, it } from 'vitest';
import { createGroupSums, groupOf } from '../../activities/row-groups.ts';
import type { DataRecord, Source } from '../../src/core/record.ts';
import type { WantedJob } from '../../src/core/wanted.ts';

const job = { hosts: ['named.example', 'x.example'] } as WantedJob;
const row = (source: Source, url: string, author: string | null = 'ann'): DataRecord =>
  ({ source, url, author }) as DataRecord;

describe('groupOf', () => {
  it.each<[string, DataRecord, string, string]>([
    ['neither of a host that the job names', row('web', 'https://named.example/a'), '', ''],
    ['site and author elsewhere', row('web', 'https://a.example:81/a'), 'a.example', 'a.example/ann'],
    ['the site alone without an author', row('web', 'https://a.example/', null), 'a.example', ''],
    ['the author alone on a platform', row('x', 'https://x.example/ann/status/1'), '', 'x/ann'],
    [
      'instance and author of a federated post',
      row('mastodon', 'https://i.example/@ann/1'),
      'i.example',
      'i.example/ann',
    ],
    [
      'the author on an instance that is named',
      row('mastodon', 'https://named.example/@ann/1'),
      '',
      'named.example/ann',
    ],
  ])('caps %s', (_, given, site, author) => {
    expect(groupOf(given, job)).toEqual({ site, author });
  });
});

describe('sums by group', () => {
  it('name the largest, and keep a site whole whose authors are too many to name', () => {
    const sums = createGroupSums();
    for (let index = 0; index < 100; index += 1) sums.add({ site: 'own', author: `own/${index}` }, 10);
    sums.add({ site: 'own', author: 'own/loud' }, 500);
    sums.add({ site: 'small', author: '' }, 1);
    sums.add({ site: '', author: '' }, 7000);
    expect(sums.largest(1)).toEqual([
      { site: 'own', author: '', payable_ppm: 1000 },
      { site: 'own', author: 'own/loud', payable_ppm: 500 },
    ]);
  });

  it('come in one order, whatever order rows come in', () => {
    const groups = ['b', 'a', 'c'].map((site) => ({ site, author: '' }));
    const of = (order: typeof groups) => {
      const sums = createGroupSums();
      for (const group of order) sums.add(group, 5);
      return sums.largest(2);
    };
    expect(of(groups)).toEqual(of([...groups].reverse()));
    expect(of(groups).map(({ site }) => site)).toEqual(['a', 'b']);
  });
});
