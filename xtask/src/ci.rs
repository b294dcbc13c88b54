//! `cargo xtask ci`: what must hold before a change lands.

use std::process::Command;

use clap::Args;

use crate::{Failure, browser, root};

/// Run everything that must hold: tests, formatting, lints, documentation
#[derive(Args)]
pub(crate) struct Options {}

/// The steps, cheapest to understand first: the README's own test command.
const STEPS: &[&[&str]] = &[
    &["test", "--workspace"],
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"],
    &["doc", "--workspace", "--no-deps"],
];

pub(crate) fn run(_: &Options) -> Result<(), Failure> {
    for step in STEPS {
        cargo(step)?;
    }
    if installed("deny") {
        // Advisories change without a change here, and need the network: they are not for a gate.
        cargo(&["deny", "check", "licenses", "bans", "sources"])?;
    } else {
        eprintln!("cargo-deny is not installed: licences, versions and sources of dependencies are not checked");
    }
    if let Some(what) = browser::missing() {
        eprintln!("{what} cannot be found: the page of `tfduty report` is not opened in a browser");
    } else {
        cargo(&["xtask", "browser", "--tell-times"])?;
    }
    Ok(())
}

/// Runs cargo in the root of the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Result<(), Failure> {
    let line = format!("cargo {}", arguments.join(" "));
    eprintln!("{line}");
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .env("RUSTDOCFLAGS", "--deny warnings")
        .status()
        .map_err(|error| format!("{line} cannot be run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{line} failed").into()) }
}

fn installed(subcommand: &str) -> bool {
    let output = Command::new(env!("CARGO")).args([subcommand, "--version"]).output();
    output.is_ok_and(|output| output.status.success())
}
