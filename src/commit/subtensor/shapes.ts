import type { ApiPromise } from '@polkadot/api';
import type { SiLookupTypeId } from '@polkadot/types/interfaces';
import { ChainUnsupportedError } from '../chain-errors.ts';
import type { MissingShape } from '../chain-errors.ts';
import type { ChainShape } from '../chain-port.ts';
import { encodingOf } from './encoding.ts';
import { SHAPES } from './shape-table.ts';
import type { Ability, Shape } from './shape-table.ts';

type Metadata = Pick<ApiPromise, 'registry' | 'runtimeMetadata'>;

/** Which of the shapes that Seine uses a runtime lacks or has otherwise, with the ability that needs them. Reads nothing but metadata. */
export function missingShapes(
  api: Metadata,
  shapes: readonly Shape[] = SHAPES,
): (MissingShape & { ability: Ability })[] {
  const found = describe(api);
  return shapes.flatMap(({ kind, name, expected, ability }) => {
    const has = found(kind, name);
    return has !== null && matches(has, expected) ? [] : [{ kind, name, expected, ability, found: has }];
  });
}

/** What a runtime's metadata says that it can do. Throws ChainUnsupportedError, naming what it lacks, where it can't do what everything needs. */
export function shapeOf(
  api: Pick<ApiPromise, 'registry' | 'runtimeMetadata' | 'runtimeVersion' | 'consts'>,
): Omit<ChainShape, 'rateLimit'> {
  const missing = missingShapes(api);
  const needed = missing.filter(({ ability }) => ability === 'all');
  const { specName, specVersion } = api.runtimeVersion;
  if (needed.length > 0) {
    throw new ChainUnsupportedError(summary(needed), {
      specVersion: specVersion.toNumber(),
      shapes: needed.map(({ kind, name, expected, found }) => ({ kind, name, expected, found })),
    });
  }
  const can = (ability: Ability): boolean => missing.every((item) => item.ability !== ability);
  return {
    specName: specName.toString(),
    specVersion: specVersion.toNumber(),
    maxFields: Number(api.consts['commitments']?.['maxFields']?.toJSON()),
    supports: {
      timelockedCommitments: can('timelockedCommitments'),
      timelockedWeights: can('timelockedWeights'),
      epochIndex: can('epochIndex'),
      removeStake: can('removeStake'),
    },
  };
}

/** One word for a pallet that is missing whole, else each part of it. */
function summary(missing: readonly MissingShape[]): string[] {
  const named = missing.map(({ kind, name, found }) => {
    const pallet = name.split('.')[0] ?? name;
    if (kind !== 'runtime API' && found === NO_PALLET) return `pallet ${pallet}`;
    return found === null || found === NO_PALLET ? `${kind} ${name}` : `${kind} ${name} of this form (it has ${found})`;
  });
  return [...new Set(named)];
}

const NO_PALLET = 'no such pallet';

/** Looks up how a runtime has a part: null where it lacks it, `no such pallet` where it lacks all around it. */
function describe({ registry, runtimeMetadata }: Metadata): (kind: Shape['kind'], name: string) => string | null {
  const { pallets, apis } = runtimeMetadata.asLatest;
  const type = (id: SiLookupTypeId): string => encodingOf(registry, id);
  const variant = (id: SiLookupTypeId | null, name: string) =>
    id === null
      ? undefined
      : registry.lookup.getSiType(id).def.asVariant.variants.find((item) => item.name.toString() === name);

  const inApi = (api: string, method: string): string | null => {
    const found = apis
      .find((item) => item.name.toString() === api)
      ?.methods.find((item) => item.name.toString() === method);
    if (found === undefined) return null;
    return `(${found.inputs.map((input) => type(input.type)).join(', ')}) -> ${type(found.output)}`;
  };
  return (kind, name) => {
    const [owner = '', item = ''] = name.split('.');
    if (kind === 'runtime API') return inApi(owner, item);
    const pallet = pallets.find((one) => one.name.toString() === owner);
    if (pallet === undefined) return NO_PALLET;
    switch (kind) {
      case 'call': {
        const call = variant(pallet.calls.isSome ? pallet.calls.unwrap().type : null, item);
        if (call === undefined) return null;
        return `(${call.fields.map((field) => `${field.name.toString()}: ${type(field.type)}`).join(', ')})`;
      }
      case 'event': {
        const event = variant(pallet.events.isSome ? pallet.events.unwrap().type : null, item);
        if (event === undefined) return null;
        const named = event.fields[0]?.name.isSome === true;
        const parts = event.fields.map((field) => `${named ? `${field.name.toString()}: ` : ''}${type(field.type)}`);
        return named ? `{${parts.join(', ')}}` : `(${parts.join(',')})`;
      }
      case 'error':
        return variant(pallet.errors.isSome ? pallet.errors.unwrap().type : null, item) === undefined ? null : '';
      case 'constant': {
        const constant = pallet.constants.find((one) => one.name.toString() === item);
        return constant === undefined ? null : type(constant.type);
      }
      case 'storage': {
        const entry = pallet.storage.isSome
          ? pallet.storage.unwrap().items.find((one) => one.name.toString() === item)
          : undefined;
        if (entry === undefined) return null;
        if (entry.type.isPlain) return `-> ${type(entry.type.asPlain)}`;
        const { hashers, key, value } = entry.type.asMap;
        const def = registry.lookup.getSiType(key).def;
        const keys = hashers.length > 1 && def.isTuple ? def.asTuple.map(type) : [type(key)];
        return `${hashers.map((hasher, at) => `${hasherName(hasher.type)}(${keys[at] ?? ''})`).join(', ')} -> ${type(value)}`;
      }
    }
  };
}

/** The library writes `Blake2_128Concat` without its underscore. */
function hasherName(name: string): string {
  return name.replace(/^Blake2(128|256)/, 'Blake2_$1');
}

/** Whether a description has the expected form, in which `…` stands for anything. */
function matches(found: string, expected: string): boolean {
  const pattern = expected
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*');
  return new RegExp(`^${pattern}$`).test(found);
}
