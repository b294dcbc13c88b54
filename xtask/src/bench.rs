//! `cargo xtask bench`: what an audit costs, beside the least that reading the same input costs, and beside other programs.
//!
//! A time says as much about the machine as about the program: so programs are run in turn, and what counts is their ratio.
//! Nothing here fails a build, but for a program that fails. What is printed is Markdown, for the README's section.
#![expect(clippy::print_stdout, reason = "a chore says what it does")]

use std::{fs, path::PathBuf, process::Command};

use crate::Failure;

pub(crate) mod generate;
mod group;
mod inputs;
mod machine;
mod measure;
mod parts;
mod peers;
mod report;

use generate::Size;
use inputs::Inputs;
use machine::Machine;
use parts::{Bench, Part};
use report::Report;

/// Measure whole runs of `tfduty` on generated inputs, in turn with a baseline and other programs.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What to measure, instead of everything
    #[arg(long, value_delimiter = ',', value_name = "PART,…")]
    only: Vec<Part>,
    /// Sizes of plans
    #[arg(long, value_delimiter = ',', value_name = "SIZE,…", default_value = "70KB,1MB,10MB,100MB,1GB")]
    sizes: Vec<Size>,
    /// Sizes of states
    #[arg(long, value_delimiter = ',', value_name = "SIZE,…", default_value = "1MB,100MB")]
    states: Vec<Size>,
    /// Numbers of stacks in a tree
    #[arg(long, value_delimiter = ',', value_name = "N,…", default_value = "10000")]
    stacks: Vec<u32>,
    /// Numbers of entries of list files
    #[arg(long, value_delimiter = ',', value_name = "N,…", default_value = "2000,250000")]
    entries: Vec<u32>,
    /// Numbers of findings in a plan
    #[arg(long, value_delimiter = ',', value_name = "N,…", default_value = "1000,5000,10000")]
    findings: Vec<u32>,
    /// Numbers of lists in a crowd of objects that rules relate to each other
    #[arg(long, value_delimiter = ',', value_name = "N,…", default_value = "1000,2000")]
    lists: Vec<u32>,
    /// How often each program is run; short ones are run more often, and the 1 GB plan three times at most
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Also install and measure checkov and a Rego engine (minutes; needs Python, and the registries)
    #[arg(long)]
    peers: bool,
    /// Measure this program instead of building one
    #[arg(long, value_name = "FILE")]
    tfduty: Option<PathBuf>,
    /// Also write everything as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Builds, generates, measures, and prints tables.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let tfduty = match &options.tfduty {
        Some(program) => program.canonicalize()?,
        None => build("tfduty", "tfduty")?,
    };
    let mut peers: Vec<peers::Peer> = peers::jq().into_iter().collect();
    if options.peers {
        peers.extend([peers::regorus()?, peers::checkov()?]);
    }
    let mut bench = Bench {
        tfduty,
        baseline: build("xtask", "baseline")?,
        peers,
        rounds: options.rounds.max(1),
        inputs: Inputs::open()?,
        groups: Vec::new(),
        targets: Vec::new(),
    };
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    if wanted(Part::Plans) {
        bench.plans(&options.sizes)?;
    }
    if wanted(Part::States) {
        bench.states(&options.states)?;
    }
    if wanted(Part::Trees) {
        bench.trees(&options.stacks)?;
    }
    if wanted(Part::Lists) {
        bench.lists(&options.entries)?;
    }
    if wanted(Part::Findings) {
        bench.findings(&options.findings)?;
    }
    if wanted(Part::Crowds) {
        bench.crowds(&options.lists)?;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let report = Report {
        command: format!("cargo xtask {}", arguments.join(" ")),
        machine: Machine::look(),
        peers: bench.peers.iter().map(|peer| peer.version.clone()).collect(),
        groups: bench.groups,
        targets: bench.targets,
    };
    print!("{}", report.markdown());
    if let Some(path) = &options.json {
        fs::write(path, format!("{:#}\n", report.json()))?;
    }
    Ok(())
}

/// Builds a program as it is released, and says where it is.
fn build(package: &str, program: &str) -> Result<PathBuf, Failure> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--package", package, "--bin", program]);
    cargo.args(["--message-format", "json-render-diagnostics"]).current_dir(crate::root());
    let output = cargo.stderr(std::process::Stdio::inherit()).output()?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == program;
        message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
    });
    built.ok_or_else(|| format!("cargo did not build {program}").into())
}
