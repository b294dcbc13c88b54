//! `cargo xtask bench`: what an audit costs, beside the least that reading the same file costs.
//!
//! A time says as much about the machine as about the program, and another one may run beside it: so `tfduty check` and
//! the [baseline](../baseline/index.html) are run in turn, and what counts is their ratio. Nothing here fails a build.
#![expect(clippy::print_stdout, reason = "a chore says what it does")]

use std::{path::PathBuf, process::Command};

use crate::Failure;

pub(crate) mod generate;
mod inputs;
mod measure;

use inputs::Inputs;
use measure::{Run, measure};

/// Measure `tfduty check` on generated plans.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Sizes of the plans in MB
    #[arg(long, value_delimiter = ',', value_name = "N,…", default_values_t = [1, 10, 100])]
    sizes: Vec<u32>,
    /// Numbers of lists of the crowds
    #[arg(long, value_delimiter = ',', value_name = "N,…", default_values_t = [2500, 5000, 10000])]
    lists: Vec<u32>,
    /// How often each program is run
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
}

/// Builds, generates, measures, and prints a table.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let tfduty = build("tfduty", "tfduty")?;
    let baseline = build("xtask", "baseline")?;
    let bench = Bench { tfduty, baseline, rounds: options.rounds.max(1), inputs: Inputs::open()? };
    println!("`tfduty check`, and in brackets how many times the baseline that is; medians of {} rounds", bench.rounds);
    println!("{:<34} {:>17} {:>17} {:>17} {:>12}", "plan", "wall ms", "processor ms", "memory / input", "bytes out");
    for size in &options.sizes {
        bench.row(&format!("{size} MB"), &format!("plan-{size}.json"), &["--size", &format!("{size}MB")])?;
    }
    for lists in &options.lists {
        let name = format!("crowd-{lists}.json");
        bench.row(&format!("a crowd of {lists} lists"), &name, &["--lists", &lists.to_string()])?;
    }
    Ok(())
}

/// Builds a program as it is released, and says where it is.
fn build(package: &str, program: &str) -> Result<PathBuf, Failure> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
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

struct Bench {
    tfduty: PathBuf,
    baseline: PathBuf,
    rounds: usize,
    inputs: Inputs,
}

impl Bench {
    /// Measures both programs on one file, in turn, and prints the medians: a pair's ratio is taken before the median,
    /// since what slows one of two neighbours down mostly slows down both.
    fn row(&self, name: &str, input: &str, arguments: &[&str]) -> Result<(), Failure> {
        let file = self.inputs.get(input, arguments)?;
        let bytes = file.metadata()?.len();
        let mut pairs: Vec<(Run, Run)> = Vec::new();
        for round in 0..=self.rounds {
            let least = measure(Command::new(&self.baseline).arg(&file))?;
            let audit = measure(Command::new(&self.tfduty).arg("check").arg(&file).current_dir(self.inputs.folder()))?;
            // The first round only warms the file up.
            if round > 0 {
                pairs.push((least, audit));
            }
        }
        let of = |value: fn(&Run) -> f64| {
            let ratio = median(pairs.iter().map(|(least, audit)| value(audit) / value(least)));
            (median(pairs.iter().map(|(_, audit)| value(audit))), ratio)
        };
        let text = |(audit, ratio): (f64, f64)| format!("{} ({} ×)", number(audit, 0), number(ratio, 2));
        let (wall, cpu, memory) = (of(|run| run.wall_ms), of(|run| run.cpu_ms), of(|run| run.peak_bytes));
        #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
        let share = format!("{} ({} ×)", number(memory.0 / bytes as f64, 2), number(memory.1, 2));
        let printed = pairs.last().map_or(0, |(_, audit)| audit.printed);
        println!("{name:<34} {:>17} {:>17} {share:>17} {printed:>12}", text(wall), text(cpu));
        Ok(())
    }
}

/// A number, or that it could not be measured: Linux counts processor time in hundredths of a second.
fn number(value: f64, decimals: usize) -> String {
    if value.is_finite() { format!("{value:.decimals$}") } else { "-".into() }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
