//! What a commitment holds, and its SCALE form: the first byte tells the kind, and for raw bytes their length too.

use alloc::{vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input};
use polkadot_sdk_frame::{
    deps::frame_support::{CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound},
    prelude::{BoundedVec, ConstU32, Get, TypeInfo},
};
use scale_info::{
    build::{Fields, Variants},
    Path, Type,
};

type Bytes<const MAX: u32> = BoundedVec<u8, ConstU32<MAX>>;

/// One field of a commitment.
#[derive(Clone, Eq, PartialEq, Debug, DecodeWithMemTracking)]
pub enum Data {
    None,
    Raw(Bytes<128>),
    BlakeTwo256([u8; 32]),
    Sha256([u8; 32]),
    Keccak256([u8; 32]),
    ShaThree256([u8; 32]),
    TimelockEncrypted { encrypted: Bytes<1024>, reveal_round: u64 },
    ResetBondsFlag,
    BigRaw(Bytes<512>),
}

impl Data {
    /// Bytes that this field counts against the epoch's budget.
    pub fn budget_bytes(&self) -> u64 {
        match self {
            Data::None | Data::ResetBondsFlag => 0,
            Data::Raw(bytes) => bytes.len() as u64,
            Data::BlakeTwo256(_) | Data::Sha256(_) | Data::Keccak256(_) | Data::ShaThree256(_) => 32,
            Data::TimelockEncrypted { encrypted, .. } => encrypted.len() as u64,
            Data::BigRaw(bytes) => bytes.len() as u64,
        }
    }
}

impl Decode for Data {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        Ok(match input.read_byte()? {
            0 => Data::None,
            kind @ 1..=129 => {
                let mut bytes = vec![0u8; usize::from(kind) - 1];
                input.read(&mut bytes)?;
                Data::Raw(Bytes::truncate_from(bytes))
            }
            130 => Data::BlakeTwo256(Decode::decode(input)?),
            131 => Data::Sha256(Decode::decode(input)?),
            132 => Data::Keccak256(Decode::decode(input)?),
            133 => Data::ShaThree256(Decode::decode(input)?),
            // At spec 218 the kinds ended here.
            134.. if cfg!(feature = "max-fields-1") => return Err("unknown kind of commitment data".into()),
            134 => Data::TimelockEncrypted { encrypted: Decode::decode(input)?, reveal_round: Decode::decode(input)? },
            135 => Data::ResetBondsFlag,
            136 => Data::BigRaw(Decode::decode(input)?),
            _ => return Err("unknown kind of commitment data".into()),
        })
    }
}

impl Encode for Data {
    fn encode(&self) -> Vec<u8> {
        match self {
            Data::None => vec![0],
            Data::Raw(bytes) => [&[bytes.len() as u8 + 1], &bytes[..]].concat(),
            Data::BlakeTwo256(digest) => [&[130], &digest[..]].concat(),
            Data::Sha256(digest) => [&[131], &digest[..]].concat(),
            Data::Keccak256(digest) => [&[132], &digest[..]].concat(),
            Data::ShaThree256(digest) => [&[133], &digest[..]].concat(),
            Data::TimelockEncrypted { encrypted, reveal_round } => (134u8, encrypted, reveal_round).encode(),
            Data::ResetBondsFlag => vec![135],
            Data::BigRaw(bytes) => (136u8, bytes).encode(),
        }
    }
}

impl EncodeLike for Data {}

impl TypeInfo for Data {
    type Identity = Self;

    fn type_info() -> Type {
        let mut variants = Variants::new().variant("None", |v| v.index(0));
        seq_macro::seq!(LENGTH in 0..=128 {
            variants = variants.variant(concat!("Raw", stringify!(LENGTH)), |v| {
                v.index(LENGTH + 1).fields(Fields::unnamed().field(|f| f.ty::<[u8; LENGTH]>()))
            });
        });
        for (index, name) in [(130, "BlakeTwo256"), (131, "Sha256"), (132, "Keccak256"), (133, "ShaThree256")] {
            variants =
                variants.variant(name, |v| v.index(index).fields(Fields::unnamed().field(|f| f.ty::<[u8; 32]>())));
        }
        let path = Path::new("Data", "pallet_commitments::types");
        if cfg!(feature = "max-fields-1") {
            return Type::builder().path(path).variant(variants);
        }
        let variants = variants
            .variant("TimelockEncrypted", |v| {
                v.index(134).fields(
                    Fields::named()
                        .field(|f| f.name("encrypted").ty::<Bytes<1024>>())
                        .field(|f| f.name("reveal_round").ty::<u64>()),
                )
            })
            .variant("ResetBondsFlag", |v| v.index(135))
            .variant("BigRaw", |v| v.index(136).fields(Fields::unnamed().field(|f| f.ty::<Bytes<512>>())));
        Type::builder().path(path).variant(variants)
    }
}

/// What a hotkey commits.
#[derive(Encode, Decode, DecodeWithMemTracking, CloneNoBound, PartialEqNoBound, EqNoBound, DebugNoBound, TypeInfo)]
#[scale_info(skip_type_params(FieldLimit))]
pub struct CommitmentInfo<FieldLimit: Get<u32>> {
    pub fields: BoundedVec<Data, FieldLimit>,
}

/// A commitment as it stands in storage.
#[derive(Encode, Decode, CloneNoBound, PartialEqNoBound, EqNoBound, DebugNoBound, TypeInfo)]
#[scale_info(skip_type_params(MaxFields))]
pub struct Registration<MaxFields: Get<u32>> {
    pub deposit: u64,
    pub block: u32,
    pub info: CommitmentInfo<MaxFields>,
}
