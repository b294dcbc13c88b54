//! Living with findings: comments, `tfduty.toml`, baselines, and what is said of those that have served their time.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "suppressions/baselines.rs"]
mod baselines;
#[path = "suppressions/causes.rs"]
mod causes;
#[path = "suppressions/comments.rs"]
mod comments;
#[path = "suppressions/config.rs"]
mod config;

use std::{fs, path::Path};

use serde_json::Value;

use common::{Run, fixtures, tfduty};

/// A stack whose detector is suspended, in a repository of its own.
struct Stack {
    root: tempfile::TempDir,
}

impl Stack {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        let from = fixtures().join("estates/broken-e-disabled-detector");
        for (name, to) in [("plan.json", "plan.json"), ("source/main.tf", "main.tf"), ("tfplan", "tfplan")] {
            fs::copy(from.join(name), root.path().join(to)).unwrap();
        }
        // A saved plan beside its JSON lends its sources, which are not those that the tests change.
        fs::rename(root.path().join("tfplan"), root.path().join("saved.bin")).unwrap();
        Self { root }
    }

    fn folder(&self) -> &Path {
        self.root.path()
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.folder().join(name), text).unwrap();
        self
    }

    /// The configuration with something else in place of what it says.
    fn edit(&self, from: &str, to: &str) -> &Self {
        edit(&self.folder().join("main.tf"), from, to);
        self
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let run = tfduty(self.folder(), &[arguments, &["--today", "2026-11-24"]].concat());
        assert_eq!(run.stderr, "");
        run
    }

    /// The report on the suspended detector, and the exit status.
    fn check(&self, arguments: &[&str]) -> (Value, i32) {
        let only = ["check", "plan.json", "--only", "detector-disabled", "--format", "json"];
        let run = self.run(&[&only, arguments].concat());
        let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout));
        assert_eq!(report["exit_status"], run.status);
        (report, run.status)
    }
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// What suppresses each finding, where something does.
fn suppressed(report: &Value) -> Vec<Option<&str>> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["suppressed"]["by"].as_str()).collect()
}

/// The notes of a code.
fn notes<'r>(report: &'r Value, code: &str) -> Vec<&'r Value> {
    report["notes"].as_array().unwrap().iter().filter(|note| note["code"] == code).collect()
}
