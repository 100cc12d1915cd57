import { blake2AsU8a } from '@polkadot/util-crypto';
import { ProofInvalidError } from './errors.ts';
import { decodeNode } from './trie-node.ts';

/**
 * The value of a key in the trie with this root, read along nodes that are found by their hashes; null where the nodes show that there is
 * none. Throws ProofInvalidError where they lead nowhere.
 */
export function valueInTrie(root: Uint8Array, nodes: readonly Uint8Array[], key: Uint8Array): Uint8Array | null {
  const byHash = new Map(nodes.map((node) => [hexOf(hashOf(node)), node]));
  const fetch = (hash: Uint8Array): Uint8Array => {
    const found = byHash.get(hexOf(hash));
    if (found === undefined) throw new ProofInvalidError(`a node or value is missing: ${hexOf(hash)}`);
    return found;
  };
  let rest = hexOf(key);
  let encoded = fetch(root);
  for (;;) {
    const node = decodeNode(encoded);
    if (node === null || !rest.startsWith(node.partial)) return null;
    rest = rest.slice(node.partial.length);
    if (rest === '') {
      if (node.value === null) return null;
      return node.value.hashed ? fetch(node.value.bytes) : node.value.bytes;
    }
    const child = node.children[Number.parseInt(rest.charAt(0), 16)];
    if (child === undefined) return null;
    rest = rest.slice(1);
    encoded = child.length === 32 ? fetch(child) : child;
  }
}

export function hashOf(bytes: Uint8Array): Uint8Array {
  return blake2AsU8a(bytes, 256);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
