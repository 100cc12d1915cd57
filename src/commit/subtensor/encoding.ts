import type { Registry } from '@polkadot/types/types';
import type { SiLookupTypeId } from '@polkadot/types/interfaces';

/** How deep types are written out; what lies deeper is `…`. */
const MAX_DEPTH = 6;

/**
 * A type by how it is encoded, whatever it is called: `u16`, `[u8;32]`, `Vec<(u16,u64)>`, `{block: u64, port: u16}`, `<None | Raw0([u8;0])>`. Wrappers
 * of one field are left out, since they encode as what they hold: a `NetUid` is a `u16`, a `BoundedVec<u8>` and a `VecDeque` are `Vec`s.
 */
export function encodingOf(registry: Registry, id: SiLookupTypeId, depth = 0): string {
  if (depth > MAX_DEPTH) return '…';
  const { def } = registry.lookup.getSiType(id);
  const inner = (part: SiLookupTypeId): string => encodingOf(registry, part, depth + 1);
  if (def.isPrimitive) return def.asPrimitive.type.toLowerCase();
  if (def.isCompact) return `Compact<${inner(def.asCompact.type)}>`;
  if (def.isSequence) return `Vec<${inner(def.asSequence.type)}>`;
  if (def.isArray) return `[${inner(def.asArray.type)};${def.asArray.len.toString()}]`;
  if (def.isBitSequence) return 'BitVec';
  if (def.isTuple) return tuple(def.asTuple.map(inner));
  if (def.isComposite) return composite(def.asComposite.fields, inner);
  if (!def.isVariant) return '…';
  const variants = def.asVariant.variants.map(({ name, fields }) => {
    const content = fields.length === 0 ? '' : composite(fields, inner);
    const written = content === '' || content.startsWith('{') || content.startsWith('(') ? content : `(${content})`;
    return `${name.toString()}${written}`;
  });
  const [none, some] = variants;
  if (variants.length === 2 && none === 'None' && some?.startsWith('Some')) return `Option${angled(some.slice(4))}`;
  return `<${variants.join(' | ')}>`;
}

type Fields = Parameters<typeof fieldList>[0];

function fieldList(
  fields: readonly { name: { isSome: boolean; toString(): string }; type: SiLookupTypeId }[],
  inner: (part: SiLookupTypeId) => string,
): string {
  return fields.map(({ name, type }) => `${name.toString()}: ${inner(type)}`).join(', ');
}

function composite(fields: Fields, inner: (part: SiLookupTypeId) => string): string {
  const [only, ...more] = fields;
  if (only === undefined) return '()';
  if (more.length === 0) return inner(only.type);
  return only.name.isSome ? `{${fieldList(fields, inner)}}` : tuple(fields.map(({ type }) => inner(type)));
}

function tuple(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(',')})`;
}

function angled(content: string): string {
  return `<${content.replace(/^\((.*)\)$/s, '$1')}>`;
}
