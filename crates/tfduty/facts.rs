//! Facts: what rules read of inputs, in a file that other runs join with what they read themselves.
//!
//! `--facts-out` writes one, `--facts` joins some. A facts file holds the units of the inputs and the configurations that
//! state facts of them, without anything sensitive; what came up while they were read; and what was looked up for them on
//! the machine where it was written. What only tells where things are written down is not in it: configuration that merely
//! lies beside an input is looked for again where the facts are joined.

mod file;
mod join;
mod print;
mod replay;
mod write;

pub(crate) use file::{LookUps, Question};
pub(crate) use join::{Joined, join};
pub(crate) use print::{Print, sha256};
pub(crate) use write::Facts;
