//! The runtime of Seine's development chain.
//!
//! It has the names, indices, storage hashers, events, errors, transaction extensions and runtime API shapes of Subtensor
//! (spec 425) for what Seine uses, so that a client written against it works against Subtensor and the other way round.
//! It has no emissions, no subnet pools (one RAO staked is one RAO of alpha) and no drand beacon.

#![no_std]

extern crate alloc;

mod admin_utils;
mod commitments;
mod extensions;
mod runtime;
mod subtensor;
