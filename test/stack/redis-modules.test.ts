import { describe, expect, it } from 'vitest';
import { missingModules, moduleNames } from '../../stack/redis-modules.ts';

const resp2 = [
  ['name', 'search', 'ver', 21005, 'path', '/lib/name', 'args', []],
  ['name', 'ReJSON', 'ver', 20803, 'path', '', 'args', []],
  ['name', 'bf', 'ver', 20802, 'path', '', 'args', ['name']],
];

describe('modules in an answer to MODULE LIST', () => {
  it('reads lists and maps', () => {
    expect(moduleNames(resp2)).toEqual(['search', 'ReJSON', 'bf']);
    expect(moduleNames([{ name: 'search', ver: 80201 }])).toEqual(['search']);
  });

  it('names what is missing', () => {
    expect(missingModules(resp2)).toEqual([]);
    expect(missingModules(resp2.slice(1))).toEqual(['search']);
    expect(missingModules([])).toEqual(['search', 'ReJSON', 'bf']);
  });

  it.each([[null], ['OK'], [[['ver', 1]]], [[1]]])('takes %j for no modules', (answer) => {
    expect(missingModules(answer)).toEqual(['search', 'ReJSON', 'bf']);
  });
});
