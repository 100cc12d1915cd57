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
        encodingFormat: 'application/vnd.apache.parquet',
        sha256: file.sha256,
      })),
      {
        '@type': 'cr:FileSet',
        '@id': 'train',
        name: 'train',
        containedIn: manifest.files.map((file) => ({ '@id': file.path })),
        encodingFormat: 'application/vnd.apache.parquet',
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
  const source = { fileSet: { '@id': 'train' }, extract: { column: column.name } };
  const common = { '@type': 'cr:Field', '@id': id, name: id };
  if (column.type === 'list') {
    const dataType = column.of.type === 'struct' ? 'sc:Text' : DATA_TYPES[column.of.type as keyof typeof DATA_TYPES];
    return { ...common, isArray: true, arrayShape: '-1', dataType, source };
  }
  if (column.type === 'struct') return { ...common, dataType: 'sc:Text', source };
  return { ...common, dataType: DATA_TYPES[column.type], source };
}

const DATA_TYPES = { text: 'sc:Text', word: 'sc:Text', int32: 'sc:Integer', int64: 'sc:Integer', time: 'sc:DateTime' };

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
