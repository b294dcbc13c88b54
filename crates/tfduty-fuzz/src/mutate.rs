//! Mutations: of bytes, of text as a row of tokens, and of JSON as a tree.

mod bytes;
mod json;
mod odd;
mod text;
mod tree;

use crate::Random;

pub use bytes::bytes;
pub use json::json;
pub use text::text;

/// Makes a mutant of an input; the other inputs lend parts of theirs.
pub type Mutate = fn(&mut Random, &[u8], &[Vec<u8>]) -> Vec<u8>;

/// Bytes that no mutant is longer than by much.
const MOST: usize = 1 << 20;

/// Whether something of this size may be made so many times longer.
fn may_grow(size: usize, times: usize) -> bool {
    size.saturating_mul(times) <= MOST
}

/// How many edits a mutant takes: mostly one, for most inputs with many faults are refused at the first.
fn edits(random: &mut Random) -> usize {
    match random.below(8) {
        0 => 2 + random.below(6),
        1 | 2 => 2,
        _ => 1,
    }
}
