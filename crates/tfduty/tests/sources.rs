//! Which configuration belongs to which input.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::fs;

use serde_json::Value;

use common::{fixtures, tfduty};

#[test]
fn a_folder_of_sources_serves_the_stack_it_is_of() {
    let folder = tempfile::tempdir().unwrap();
    let estates = fixtures().join("estates");
    fs::create_dir(folder.path().join("source")).unwrap();
    for (from, to) in [
        ("broken-e-disabled-detector/source/main.tf", "source/main.tf"),
        ("broken-e-disabled-detector/plan.json", "e.json"),
        ("broken-f-inactive-set/plan.json", "f.json"),
    ] {
        fs::copy(estates.join(from), folder.path().join(to)).unwrap();
    }
    let run = tfduty(folder.path(), &["check", "e.json", "f.json", "--source", "source", "--format", "json"]);
    assert_eq!(run.stderr, "");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let line = |rule: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["rule"] == rule).unwrap()["source"]["path"].clone()
    };
    assert_eq!(line("detector-disabled"), "source/main.tf");
    assert_eq!(line("list-inactive"), Value::Null);
    let notes = report["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note["code"] == "source-differs" && note["path"] == "f.json"), "{notes:?}");
}

#[test]
fn a_saved_plan_of_another_configuration_is_refused() {
    let plan = fixtures().join("estates/broken-e-disabled-detector");
    let run = tfduty(&plan, &["check", "plan.json", "--plan-file", "../broken-f-inactive-set/tfplan"]);
    assert!(run.stdout.contains("no input is the JSON of this saved plan"), "{}", run.stdout);
    assert_eq!(run.status, 2);
}
