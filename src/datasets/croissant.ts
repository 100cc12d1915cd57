import { InvalidInputError } from '../core/errors.ts';
import type { Digest } from '../core/manifest.ts';
import type { Column } from './column-types.ts';
import type { DatasetManifest } from './dataset-manifest.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';

/**
 * `croissant.json`: the dataset in MLCommons Croissant 1.1 (JSON-LD), for tools that load datasets by their description. Addresses
 * are relative to the dataset's folder. Nothing in it depends on when or where it was built.
 * @param digest of the manifest: the version
 */
export function renderCroissant(manifest: DatasetManifest, digest: Digest): string {
  const { recipe } = manifest;
  const document = {
    '@context': CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name: recipe.name,
    alternateName: recipe.title,
    description: recipe.description,
    license: recipe.license,
    url: `urn:seine:dataset:${digest}`,
    version: '1.0.0',
    creator: { '@type': 'sc:Organization', name: 'Miners and validators of the subnet, by Seine' },
    citeAs: `${recipe.title}, Seine dataset manifest ${digest}`,
    datePublished: published(manifest),
    isLiveDataset: false,
    distribution: [
      ...manifest.files.map((file) => ({
        '@type': 'cr:FileObject',
        '@id': file.path,
        name: file.path,
        contentUrl: file.path,
        contentSize: `${file.bytes} B`,
        encodingFormat: PARQUET,
        sha256: file.sha256,
      })),
      {
        '@type': 'cr:FileSet',
        '@id': 'train',
        name: 'train',
        encodingFormat: PARQUET,
        includes: 'data/train-*.parquet',
      },
    ],
    recordSet: [
      {
        '@type': 'cr:RecordSet',
        '@id': 'rows',
        name: 'rows',
        description: `${manifest.rows} rows of split train`,
        key: { '@id': 'rows/id' },
        field: PUBLISHED_COLUMNS.map((column) => field(column)),
      },
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The day of the newest row, which is as near as a description that depends on nothing else comes. */
function published({ counts }: DatasetManifest): string {
  const millis = Math.floor((counts.last_created_at ?? 0) / 1000);
  const year = Math.abs(millis) > 8.64e15 ? 1970 : new Date(millis).getUTCFullYear();
  return year < 1970 || year > 9999 ? '1970-01-01' : (new Date(millis).toISOString().split('T')[0] ?? '');
}

function field(column: Column): object {
  const id = `rows/${column.name}`;
  const common = { '@type': 'cr:Field', '@id': id, name: id };
  const source = extract(column.name);
  switch (column.type) {
    case 'struct':
      return { ...common, subField: parts(id, column.name, column.fields) };
    case 'list':
      return column.of.type === 'struct'
        ? { ...common, ...LIST, subField: parts(id, column.name, column.of.fields) }
        : { ...common, ...LIST, dataType: dataTypeOf(column.of), source };
    default:
      return { ...common, dataType: dataTypeOf(column), source };
  }
}

/** The fields of a struct column, or of each struct in a list: taken out of the column's value by their names. */
function parts(parent: string, column: string, fields: readonly Column[]): object[] {
  return fields.map((part) => ({
    '@type': 'cr:Field',
    '@id': `${parent}/${part.name}`,
    name: `${parent}/${part.name}`,
    dataType: dataTypeOf(part),
    source: { ...extract(column), transform: { jsonPath: part.name } },
  }));
}

function extract(column: string): { fileSet: object; extract: object } {
  return { fileSet: { '@id': 'train' }, extract: { column } };
}

/** What the columns of a dataset are made of has no name in Croissant where it is a list or struct within another. */
function dataTypeOf({ name, type }: Column): string {
  if (type !== 'list' && type !== 'struct') return DATA_TYPES[type];
  throw new InvalidInputError(`${name}: a ${type} within a list or struct can't be described in Croissant`);
}

/** A list of any length. */
const LIST = { isArray: true, arrayShape: '-1' };

const DATA_TYPES = { text: 'sc:Text', word: 'sc:Text', int32: 'sc:Integer', int64: 'sc:Integer', time: 'sc:DateTime' };

/** Registered is another name by now, but this is the one that Croissant's own library and the Hugging Face Hub know. */
const PARQUET = 'application/x-parquet';

/** The context that the Croissant specification gives. */
const CONTEXT = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  arrayShape: 'cr:arrayShape',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  containedIn: 'cr:containedIn',
  cr: 'http://mlcommons.org/croissant/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  fileProperty: 'cr:fileProperty',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isArray: 'cr:isArray',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  rai: 'http://mlcommons.org/croissant/RAI/',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
};
