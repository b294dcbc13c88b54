//! `tfduty list`, as a user runs it: what is a list and what is not, where findings point, and how a run ends.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{fs, path::PathBuf};

use serde_json::Value;

use common::{Run, fixtures, tfduty, tfduty_with};

fn lists() -> PathBuf {
    fixtures().join("lists")
}

/// Runs `list` in the folder of the fixtures.
fn list(arguments: &[&str]) -> Run {
    tfduty(&lists(), &[&["list"], arguments].concat())
}

/// The JSON report of a run in the folder of the fixtures, and its status.
fn report(arguments: &[&str]) -> (i32, Value) {
    let run = list(&[arguments, &["--format", "json"]].concat());
    (run.status, serde_json::from_str(&run.stdout).unwrap())
}

/// What a run says, on whichever stream, and its status.
fn says(arguments: &[&str], status: i32, sentence: &str) {
    let run = list(arguments);
    let said = [run.stdout, run.stderr].concat();
    assert!(said.contains(sentence), "{arguments:?} does not say {sentence:?}:\n{said}");
    assert_eq!(run.status, status, "{arguments:?}:\n{said}");
}

/// A good list in each format.
const GOOD: &[(&str, &str)] = &[
    ("threat.txt", "TXT"),
    ("stix.xml", "STIX"),
    ("otx.csv", "OTX_CSV"),
    ("alien-vault.txt", "ALIEN_VAULT"),
    ("proof-point.csv", "PROOF_POINT"),
    ("fire-eye.csv", "FIRE_EYE"),
];

#[test]
fn a_good_list_passes_in_every_format() {
    for (file, format) in GOOD {
        let lower = format.to_lowercase();
        for more in [&[][..], &["--list-format", format], &["--list-format", &lower], &["--kind", "threat"]] {
            let (status, report) = report(&[&[*file], more].concat());
            assert_eq!((status, &report["verdict"]), (0, &"pass".into()), "{file} {more:?}: {report:#}");
            assert_eq!(report["findings"], Value::Array(Vec::new()), "{file} {more:?}");
        }
    }
}

#[test]
fn a_report_names_each_file_once() {
    let (_, report) = report(&["threat.txt", "stix.xml", "./threat.txt", "--skip", "list-overlap"]);
    let inputs: Vec<_> = report["inputs"].as_array().unwrap().iter().map(|input| input["path"].clone()).collect();
    assert_eq!(inputs, ["stix.xml", "threat.txt"]);
    let bytes = fs::metadata(lists().join("stix.xml")).unwrap().len();
    let expected = serde_json::json!({
        "path": "stix.xml", "kind": "list", "role": "judged", "format_version": null, "terraform_version": null,
        "resources": 0, "bytes": bytes
    });
    assert_eq!(report["inputs"][0], expected);
    assert_eq!(report["command"], "list");
}

#[test]
fn what_is_no_list_is_a_problem_that_says_what_to_run() {
    let estate = fixtures().join("estates/minimal");
    for (file, what, help) in [
        ("plan.json", "this is a plan, and no list", "run `tfduty check plan.json`"),
        ("terraform.tfstate", "this is a state, and no list", "run `tfduty check terraform.tfstate`"),
        ("tfplan", "this is a saved plan, and no list", "run `tfduty check tfplan`"),
        ("plan.ndjson", "the message stream of `terraform plan -json`", "terraform show -json tfplan"),
    ] {
        let run = tfduty(&estate, &["list", file]);
        assert!(run.stdout.contains(what) && run.stdout.contains(help), "{file}: {}", run.stdout);
        assert_eq!(run.status, 2, "{file}");
    }
    says(&["."], 2, "name the files in it that are lists");
    says(&["nowhere.txt"], 2, "nowhere.txt: cannot be read");
}

#[test]
fn what_cannot_be_read_loses_no_other_file() {
    let (status, report) = report(&["nowhere.txt", "threat.txt", "."]);
    assert_eq!((status, &report["verdict"]), (2, &"error".into()));
    assert_eq!(report["problems"].as_array().unwrap().len(), 2);
    assert_eq!(report["inputs"][0]["path"], "threat.txt");
    assert!(report["rules"].as_array().unwrap().iter().all(|rule| rule["passed"] != 0), "{report:#}");
}

#[test]
fn standard_input_is_a_list_once() {
    let text = fs::read(lists().join("threat.txt")).unwrap();
    for name in ["-", "/dev/stdin"].iter().take(if cfg!(unix) { 2 } else { 1 }) {
        let run = tfduty_with(&lists(), &["list", name, "--format", "json"], Some(&text));
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((run.status, &report["inputs"][0]["path"]), (0, &(*name).into()), "{}", run.stdout);
        assert_eq!(report["inputs"][0]["bytes"], text.len());
    }
    says(&["-", "-"], 2, "standard input is given twice");
}

#[test]
fn usage() {
    says(&[], 2, "<FILE>...");
    says(&["threat.txt", "--kind", "both"], 2, "[possible values: trusted, threat]");
    says(&["threat.txt", "--list-format", "CSV"], 2, "[possible values: TXT, STIX, OTX_CSV");
    says(&["threat.txt", "--only", "detector-disabled"], 2, "no rule is left to run");
    says(&["threat.txt", "--only", "list-limit"], 2, "did you mean `list-limits`?");
    says(&["threat.txt", "--today", "tomorrow"], 2, "is no date");
    says(&["--hook"], 0, "no list among the files of this commit: nothing was audited");
    says(&["--hook", "threat.txt"], 0, "pass: 1 list");
    says(&["--hook", "nowhere.txt"], 2, "cannot be read");
}
