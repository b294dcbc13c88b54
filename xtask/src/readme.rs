//! `cargo xtask readme`: the generated parts of README.md, from the current binary.

use clap::Args;

use crate::{Failure, ci::cargo};

/// Rewrite the generated parts of README.md
#[derive(Args)]
pub(crate) struct Options {}

/// The test that compares the page knows how to make it: it is told to write instead.
pub(crate) fn run(_: &Options) -> Result<(), Failure> {
    cargo(&["test", "--quiet", "--package", "tfduty", "--test", "readme", "--config", "env.TFDUTY_REWRITE='1'"])
}
