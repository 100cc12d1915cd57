import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/datasets/column-types.ts';
import { renderCroissant } from '../../src/datasets/croissant.ts';
import type { DatasetManifest } from '../../src/datasets/dataset-manifest.ts';
import { dataPath } from '../../src/datasets/dataset-manifest.ts';
import { noRows } from '../../src/datasets/row-counts.ts';
import { PUBLISHED_COLUMNS } from '../../src/datasets/schema.ts';

/*
 * What Croissant's own library, mlcroissant 1.1.1, needs in order to load every value of every row; it took one of our datasets whole.
 */

interface Field {
  '@type': string;
  '@id': string;
  name: string;
  dataType?: string;
  isArray?: boolean;
  arrayShape?: string;
  subField?: Field[];
  source?: { fileSet: { '@id': string }; extract: { column: string }; transform?: { jsonPath: string } };
}

interface Document {
  '@context': Record<string, unknown>;
  conformsTo: string;
  distribution: Record<string, unknown>[];
  recordSet: { field: Field[]; key: { '@id': string } }[];
}

const digest = 'ab'.repeat(32);
const files = [0, 1].map((index) => {
  const counted = { bytes: 10, unpacked_bytes: 20, rows: 3 };
  return { path: dataPath(index, 2), sha256: String(index).repeat(64), rows_root: digest, ...counted };
});
const manifest: DatasetManifest = {
  ...{ version: 1, base: null, changes: null, files, rows: 6, rows_root: digest, counts: noRows(), commits: [] },
  recipe: { name: 'docs', title: 'Docs', description: 'Rows for tests.', license: 'other', filters: {} },
  ...{ tombstones: [], tool: 'x' },
};
const document = JSON.parse(renderCroissant(manifest, digest)) as Document;
const fields = document.recordSet[0]!.field;

describe('croissant.json', () => {
  it('keeps what the format asks for', () => {
    expect(document).toMatchObject({
      '@type': 'sc:Dataset',
      conformsTo: 'http://mlcommons.org/croissant/1.1',
      ...{ name: 'docs', description: 'Rows for tests.', license: 'other', version: '1.0.0' },
    });
    for (const name of ['url', 'creator', 'datePublished', 'citeAs']) expect(document).toHaveProperty(name);
    const terms = JSON.stringify(document).match(/"(?:cr|sc|dct):[A-Za-z]+"/g) ?? [];
    for (const term of terms) expect(document['@context']).toHaveProperty(term.slice(1).split(':')[0]!);
  });

  it('names every file with its digest, and one set that takes in these and no others', () => {
    const set = document.distribution.find((each) => each['@type'] === 'cr:FileSet');
    const objects = document.distribution.filter((each) => each['@type'] === 'cr:FileObject');
    expect(objects.map(({ contentUrl, sha256 }) => [contentUrl, sha256])).toEqual(files.map((f) => [f.path, f.sha256]));
    expect(set).toMatchObject({ '@id': 'train', includes: 'data/train-*.parquet' });
    // A set within files is one within archives: it would be looked for inside each of them.
    expect(set).not.toHaveProperty('containedIn');
    for (const each of document.distribution) expect(each['encodingFormat']).toBe('application/x-parquet');
  });

  it('describes every column down to its last part, and where each value is taken from', () => {
    expect(fields.map(({ '@id': id }) => id)).toEqual(PUBLISHED_COLUMNS.map(({ name }) => `rows/${name}`));
    PUBLISHED_COLUMNS.forEach((column, index) => {
      const field = fields[index]!;
      const parts = partsOf(column);
      expect([column.name, field.isArray === true]).toEqual([column.name, column.type === 'list']);
      if (parts === null) {
        expect(field.dataType).toMatch(/^sc:(Text|Integer|DateTime)$/);
        expect(field.source).toEqual({ fileSet: { '@id': 'train' }, extract: { column: column.name } });
        return;
      }
      expect(field.dataType).toBeUndefined();
      expect(field.subField?.map(({ source }) => source)).toEqual(
        parts.map(({ name }) => ({
          ...{ fileSet: { '@id': 'train' }, extract: { column: column.name } },
          transform: { jsonPath: name },
        })),
      );
    });
  });

  it('gives every thing an id of its own, and refers to nothing else', () => {
    const all = [...fields, ...fields.flatMap(({ subField }) => subField ?? [])].map((field) => field['@id']);
    const ids = [...all, ...document.distribution.map((each) => each['@id'] as string)];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(document.recordSet[0]!.key['@id']);
    for (const { source } of fields) if (source !== undefined) expect(ids).toContain(source.fileSet['@id']);
  });
});

function partsOf(column: Column): readonly Column[] | null {
  if (column.type === 'struct') return column.fields;
  return column.type === 'list' && column.of.type === 'struct' ? column.of.fields : null;
}
