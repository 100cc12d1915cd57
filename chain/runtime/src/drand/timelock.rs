//! Opens what the crate `tle` of ideal-lab5 has encrypted to a round of drand's quicknet: Boneh-Franklin identity-based
//! encryption of a key (identity: the round; curve BLS12-381 with signatures in G1), and AES-256-GCM under that key.

use aes_gcm::{aead::Aead, Aes256Gcm, KeyInit};
use alloc::vec::Vec;
use ark_bls12_381::{Bls12_381, Fr, G1Affine, G2Affine};
use ark_ec::{pairing::Pairing, AffineRepr, CurveGroup};
use ark_ff::PrimeField;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use sha2::{Digest, Sha256};

/// A ciphertext's parts. On the wire points are compressed, and byte strings have their length in 8 bytes before them.
struct Ciphertext {
    /// The generator of G2 times a number that follows from what is encrypted.
    u: G2Affine,
    /// What the key follows from, masked by the pairing.
    v: [u8; 32],
    /// The key, masked.
    w: [u8; 32],
    sealed: Vec<u8>,
    nonce: [u8; 12],
}

impl Ciphertext {
    fn read(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let u = G2Affine::deserialize_compressed(&mut *bytes).ok()?;
        let v = read_bytes(bytes).ok()?.try_into().ok()?;
        let w = read_bytes(bytes).ok()?.try_into().ok()?;
        let body = read_bytes(bytes).ok()?;
        let body = &mut &body[..];
        let sealed = read_bytes(body).ok()?;
        let nonce = read_bytes(body).ok()?.try_into().ok()?;
        Some(Self { u, v, w, sealed, nonce })
    }
}

fn read_bytes(bytes: &mut &[u8]) -> Result<Vec<u8>, SerializationError> {
    Vec::deserialize_compressed(bytes)
}

/// The plaintext; none where the bytes are no ciphertext, the signature is none, or it is another round's.
pub fn open(ciphertext: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let Ciphertext { u, v, w, sealed, nonce } = Ciphertext::read(ciphertext)?;
    let signature = G1Affine::deserialize_compressed(signature).ok()?;
    let mut shared = Vec::new();
    Bls12_381::pairing(signature, u).0.serialize_compressed(&mut shared).ok()?;
    let seed = xor(v, sha256(&[&shared]));
    let key = xor(w, sha256(&[&seed]));
    let exponent = Fr::from_be_bytes_mod_order(&sha256(&[&seed, &key]));
    if G2Affine::generator().mul_bigint(exponent.into_bigint()).into_affine() != u {
        return None;
    }
    Aes256Gcm::new(&key.into()).decrypt(&nonce.into(), &sealed[..]).ok()
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

fn xor(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
    core::array::from_fn(|index| a[index] ^ b[index])
}
