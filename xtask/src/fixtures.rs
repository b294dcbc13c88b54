//! `cargo xtask fixtures`: makes `fixtures/estates/` with the real Terraform and AWS provider against a pretended AWS.
//!
//! Tests never need this: what it makes is committed. See `xtask/lab/README.md` for what is real and what is not.
#![expect(clippy::print_stdout, reason = "a chore says what it does")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::Failure;

mod estate;
mod run;
mod sameness;
mod servers;
mod steps;
mod tools;

/// Make the fixtures that real Terraform makes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Scenarios to make; all of them without a name
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Only name the scenarios
    #[arg(long)]
    list: bool,
    /// Write nothing: say how the committed ones differ, ids, times and serials apart
    #[arg(long)]
    check: bool,
}

/// Makes the named scenarios, one after the other: each starts Terraform and its provider several times.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let known = names()?;
    if options.list {
        for name in known {
            println!("{name}");
        }
        return Ok(());
    }
    if let Some(name) = options.names.iter().find(|name| !known.contains(name)) {
        return Err(format!("no scenario {name}; there are {}", known.join(", ")).into());
    }
    let wanted = if options.names.is_empty() { &known } else { &options.names };
    let tools = tools::find()?;
    for note in &tools.notes {
        println!("note: {note}");
    }
    let mut differing = Vec::new();
    for name in wanted {
        let start = Instant::now();
        let made = make(&tools, name)?;
        let estate = estates().join(name);
        if options.check {
            let differences = sameness::differences(made.path(), &estate)?;
            differing.extend(differences.into_iter().map(|difference| format!("{name}/{difference}")));
        } else {
            estate::publish(made.path(), &estate)?;
        }
        println!("{name}: {} s", start.elapsed().as_secs());
    }
    if differing.is_empty() { Ok(()) } else { Err(differing.join("\n  ").into()) }
}

/// Makes one scenario in a temporary folder, so that a failing one leaves the committed estate alone.
fn make(tools: &tools::Tools, name: &str) -> Result<tempfile::TempDir, Failure> {
    let steps = steps_of(name)?;
    let temporary = tempfile::tempdir()?;
    let mirror = fs::canonicalize(&tools.mirror)?;
    fs::write(temporary.path().join(run::SETTINGS), provider_installation(&mirror))?;
    let made = tempfile::tempdir()?;
    let servers = servers::Servers::start(&temporary.path().join("servers.log"))?;
    let mut run = run::Run::new(&servers, name, temporary.path(), made.path())?;
    for step in &steps {
        run.step(step)?;
    }
    estate::refuse_telltales(made.path(), &[temporary.path(), &mirror, &crate::root()])?;
    Ok(made)
}

fn provider_installation(mirror: &Path) -> String {
    format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path    = {:?}\n    include = [\"registry.terraform.io/*/*\"]\n  }}\n}}\n",
        mirror.display().to_string()
    )
}

/// The scenarios, sorted: each folder below `xtask/lab/scenarios` is one.
fn names() -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(scenarios())? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// A scenario without a `steps` file lives the whole life of a stack.
fn steps_of(name: &str) -> Result<Vec<steps::Step>, Failure> {
    let file = scenarios().join(name).join("steps");
    let text = if file.exists() { fs::read_to_string(file)? } else { steps::WHOLE_LIFE.to_owned() };
    steps::parse(&text).map_err(|failure| format!("{name}: {failure}").into())
}

fn scenarios() -> PathBuf {
    crate::root().join("xtask/lab/scenarios")
}

fn estates() -> PathBuf {
    crate::root().join("fixtures/estates")
}
