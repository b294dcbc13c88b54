//! Fuzzing on a stable compiler: inputs are mutated, and laws must hold of what comes out.
//!
//! The crate knows bytes, text and JSON. It does not know what is fuzzed: the targets are ordinary tests named `fuzz_…`,
//! beside the code that they call. As such they run a bounded number of mutants, the same ones every time; `cargo xtask
//! fuzz` runs them for as long as it is told.
//!
//! There is no coverage to guide mutation, for which the compiler would have to be a nightly one. In its place a law
//! returns what came out, in a form that compares; a mutant with an outcome that was not seen before is mutated further.

mod fixtures;
mod mutate;
mod random;
mod run;

pub use fixtures::{Fixture, fixtures};
pub use mutate::{Mutate, bytes, json, text};
pub use random::Random;
pub use run::{Target, fuzz};
