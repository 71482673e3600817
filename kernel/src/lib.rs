//! The checks of public data over `curve25519-dalek`: a second backend beside libsodium.
//!
//! Everything here takes time that depends on its operands. It is for ballots, shares and other
//! published data (docs/protocol.md §4, §5.3, §7); no secret may ever be handed to it. What is
//! a valid ballot is said in crypto/ballot.py; this crate says the same in one call, and where it
//! refuses, libsodium judges again.

#![forbid(unsafe_code)]

mod ballot;
mod base64;
mod batch;
mod group;
#[cfg(feature = "python")]
mod python;
mod reader;

pub use ballot::{Ballot, Kind, PAIR, Question, Refusal, Session};
pub use batch::{Batch, Depth, Power, is_element, multiply, products};
