import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MerkleAccumulator,
  leafHash,
  merkleProof,
  merkleRoot,
  nodeHash,
  verifyProof,
} from '../../src/core/hash/merkle.ts';

// Leaves and roots of the reference tests of Certificate Transparency (RFC 6962).
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => leafHash(Buffer.from(hex, 'hex').toString('latin1')),
);
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the row tree', () => {
  it.each(ROOTS.map((root, size) => [size, root] as const))('has the RFC 6962 root over %i leaves', (size, root) => {
    expect(merkleRoot(LEAVES.slice(0, size))).toBe(root);
  });

  it('gives roots on the way without disturbing what comes after', () => {
    const tree = new MerkleAccumulator();
    LEAVES.forEach((leaf, index) => {
      expect(tree.root()).toBe(ROOTS[index]);
      tree.add(leaf);
      expect(tree.count).toBe(index + 1);
    });
    expect(tree.root()).toBe(ROOTS[8]);
  });

  it('gives the audit paths of RFC 6962, 2.1.3', () => {
    const seven = LEAVES.slice(0, 7);
    const [a, b, c, d, e, f, j] = seven as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const [g, h, i] = [nodeHash(a, b), nodeHash(c, d), nodeHash(e, f)];
    const [k, l] = [nodeHash(g, h), nodeHash(i, j)];
    expect(merkleProof(seven, 0)).toEqual([b, h, l].map(asBuffer));
    expect(merkleProof(seven, 3)).toEqual([c, g, l].map(asBuffer));
    expect(merkleProof(seven, 4)).toEqual([f, j, k].map(asBuffer));
    expect(merkleProof(seven, 6)).toEqual([i, k].map(asBuffer));
  });

  it('proves every leaf of every size, at its own place only, and only unaltered', () => {
    const text = fc.array(fc.string(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (texts, pick, other) => {
        const leaves = texts.map((one, place) => leafHash(`${place}:${one}`));
        const size = leaves.length;
        const index = pick % size;
        const leaf = leaves[index]!;
        const root = merkleRoot(leaves);
        const proof = merkleProof(leaves, index);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        expect(verifyProof(leaf, index, size, proof, root)).toBe(true);
        expect(verifyProof(leaf, other % size, size, proof, root)).toBe(other % size === index);
        expect(verifyProof(leafHash('forged'), index, size, proof, root)).toBe(false);
        expect(verifyProof(leaf, index, size, [...proof, leaf], root)).toBe(false);
        expect(verifyProof(leaf, index, size, proof.slice(1), root)).toBe(size === 1);
        expect(verifyProof(leaf, size, size, proof, root)).toBe(false);
        expect(verifyProof(leaf, -1, size, proof, root)).toBe(false);
      }),
    );
  });

  it('splits at the power of two below sizes where floating-point logarithms could slip', () => {
    for (const power of [4, 8, 1024, 4096]) {
      for (const size of [power - 1, power, power + 1]) {
        const leaves = Array.from({ length: size }, (_, index) => leafHash(String(index)));
        const last = size - 1;
        expect(verifyProof(leaves[last]!, last, size, merkleProof(leaves, last), merkleRoot(leaves))).toBe(true);
      }
    }
  });
});

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}
