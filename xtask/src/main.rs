//! Chores of the workspace: `cargo xtask <chore>`.
// `json!` of an object with fifty attributes.
#![recursion_limit = "256"]
#![expect(clippy::print_stderr, reason = "a chore talks to the person who started it")]

use std::process::ExitCode;

use clap::Parser;

mod bench;
mod browser;
mod ci;
mod derive;
mod docs;
mod fixtures;
mod fuzz;
mod readme;

/// What a chore fails with: a sentence for the person who started it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The chores. Each is one module, and its options live there.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    Ci(ci::Options),
    Readme(readme::Options),
    Fixtures(fixtures::Options),
    Derive(derive::Options),
    Docs(docs::Options),
    Bench(bench::Options),
    Browser(browser::Options),
    Generate(bench::generate::Options),
    Fuzz(fuzz::Options),
}

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Ci(options) => ci::run(&options),
        Chore::Readme(options) => readme::run(&options),
        Chore::Fixtures(options) => fixtures::run(&options),
        Chore::Derive(options) => derive::run(&options),
        Chore::Docs(options) => docs::run(&options),
        Chore::Bench(options) => bench::run(&options),
        Chore::Browser(options) => browser::run(&options),
        Chore::Generate(options) => bench::generate::run(&options),
        Chore::Fuzz(options) => fuzz::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root: chores work on it from wherever they are started.
fn root() -> std::path::PathBuf {
    let xtask = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().map_or_else(|| xtask.to_owned(), std::path::Path::to_owned)
}
