//! SARIF and JUnit through the binary: over every estate, and as a whole for a small one.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use quick_xml::{Reader, events::Event};
use serde_json::{Value, json};

use common::{fixtures, tfduty, tfduty_with};

const DATE: [&str; 2] = ["--today", "2026-11-24"];

fn validator() -> jsonschema::Validator {
    let path = fixtures().parent().unwrap().join("crates/tfduty-report/tests/schemas/sarif-2.1.0.schema.json");
    // Errata 01 mends an expression that is none.
    let schema = fs::read_to_string(path).unwrap().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap()
}

/// How many elements of each name a document has; that it ends is checked on the way.
fn elements(xml: &str, names: &[&str]) -> Vec<usize> {
    let mut reader = Reader::from_str(xml);
    let mut counts = vec![0; names.len()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) | Event::Empty(start) => {
                for (count, name) in counts.iter_mut().zip(names) {
                    *count += usize::from(start.name().as_ref() == *name);
                }
            }
            Event::Eof => return counts,
            _ => {}
        }
    }
}

/// Every `uri` of a value.
fn uris<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("uri").and_then(Value::as_str));
            members.values().for_each(|value| uris(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| uris(value, found)),
        _ => {}
    }
}

#[test]
fn every_estate_is_exchanged_in_full() {
    let scratch = tempfile::tempdir().unwrap();
    let (sarif, junit) = (scratch.path().join("log.sarif"), scratch.path().join("report.xml"));
    let outputs = [format!("sarif={}", sarif.display()), format!("junit={}", junit.display())];
    let validator = validator();
    let mut runs = 0;
    for entry in walkdir::WalkDir::new(fixtures().join("estates")).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if !["cases.toml", "destroy-cases.toml"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let folder = path.parent().unwrap();
        let cases: toml::Table = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases["case"].as_array().unwrap() {
            let mut arguments: Vec<&str> =
                case["arguments"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
            arguments.extend([&DATE[..], &["--format", "json"]].concat());
            arguments.extend(outputs.iter().flat_map(|output| ["--output", output]));
            let run = tfduty(folder, &arguments);
            let place = format!("{} {arguments:?}", folder.display());
            assert_eq!(i64::from(run.status), case["status"].as_integer().unwrap(), "{place}");
            let report: Value = serde_json::from_str(&run.stdout).unwrap();
            let log: Value = serde_json::from_str(&fs::read_to_string(&sarif).unwrap()).unwrap();
            check_log(log, &report, &validator, &place);
            check_suites(&fs::read_to_string(&junit).unwrap(), &report, &place);
            runs += 1;
        }
    }
    assert!(runs > 100, "{runs} runs");
}

fn check_log(mut log: Value, report: &Value, validator: &jsonschema::Validator, place: &str) {
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
    assert_eq!(rules.len(), report["rules"].as_array().unwrap().len());
    // All are alike, and of one page each.
    rules.truncate(1);
    let log = &log;
    let errors: Vec<String> = validator.iter_errors(log).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{place}");
    let run = &log["runs"][0];
    let strict = place.contains("--strict");
    let shown = |finding: &&Value| finding["verdict"] == "fail" || strict;
    let expected: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().filter(shown).map(|finding| &finding["fingerprint"]).collect();
    let results = run["results"].as_array().unwrap();
    let found: Vec<&Value> = results.iter().map(|result| &result["partialFingerprints"]["tfduty/v1"]).collect();
    assert_eq!(found, expected, "{place}");
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["exitCode"], report["exit_status"], "{place}");
    assert_eq!(invocation["executionSuccessful"], report["verdict"] != "error", "{place}");
    let mut found = Vec::new();
    uris(run, &mut found);
    let repository = fixtures().parent().unwrap().to_path_buf();
    for uri in found {
        assert!(!uri.starts_with(['/', '.']) && !uri.contains(['\\', ':']), "{place}: {uri}");
        // The folder of a saved plan's sources is in no document.
        assert!(
            repository.join(uri).exists()
                || Path::new(uri).extension().is_some_and(|extension| extension == "tf")
                || report["verdict"] == "error",
            "{place}: {uri}"
        );
    }
}

fn check_suites(xml: &str, report: &Value, place: &str) {
    let findings = report["findings"].as_array().unwrap();
    let count = |verdict: &str| findings.iter().filter(|finding| finding["verdict"] == verdict).count();
    let passing = report["rules"].as_array().unwrap().iter().filter(|rule| rule["passed"].as_u64() > Some(0)).count();
    let found = elements(xml, &["failure", "skipped", "error"]);
    let problems = report["problems"].as_array().unwrap().len();
    assert_eq!(found, [count("fail"), count("undecided"), problems], "{place}");
    assert_eq!(xml.matches("name=\"what passes\"").count(), passing, "{place}");
}

/// A repository with the sources and the plan of an estate in a folder.
fn repository(estate: &str) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    let folder = root.path().join("stacks/é prod");
    fs::create_dir_all(&folder).unwrap();
    let from = fixtures().join("estates").join(estate);
    fs::copy(from.join("plan.json"), folder.join("plan.json")).unwrap();
    fs::copy(from.join("source/main.tf"), folder.join("main.tf")).unwrap();
    (root, folder)
}

/// A file beside this one.
fn expected(name: &str) -> String {
    let folder = fixtures().parent().unwrap().join("crates/tfduty/tests/exchange");
    fs::read_to_string(folder.join(name)).unwrap().replace("{version}", env!("CARGO_PKG_VERSION"))
}

#[test]
fn a_small_estate_as_a_log() {
    let (_root, folder) = repository("broken-e-disabled-detector");
    let arguments = ["check", "plan.json", "--only", "detector-*", "--format", "sarif", "--today", "2026-11-24"];
    let run = tfduty(&folder, &arguments);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    let mut log: Value = serde_json::from_str(&run.stdout).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap();
    assert!(rules.len() > 1);
    rules.truncate(1);
    // The page is checked with those of all rules.
    rules[0]["help"] = Value::Null;
    let log = serde_json::to_string_pretty(&log).unwrap() + "\n";
    assert_eq!(log, expected("log.json"), "{log}");
}

#[test]
fn a_small_estate_as_test_cases() {
    let (_root, folder) = repository("broken-e-disabled-detector");
    let arguments = ["check", "plan.json", "--only", "detector-*", "--format", "junit", "--today", "2026-11-24"];
    let run = tfduty(&folder, &arguments);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    assert_eq!(run.stdout, expected("suites.xml"), "{}", run.stdout);
}

#[test]
fn lists_and_destroys_are_exchanged_too() {
    let list =
        tfduty_with(Path::new("/"), &["list", "-", "--format", "sarif"], Some(b"192.0.2.1\n# caf\xE9 10.0.0.1\n"));
    assert_eq!(list.status, 1, "{}", list.stdout);
    let log: Value = serde_json::from_str(&list.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let invalid = results.iter().find(|result| result["ruleId"] == "list-entry-invalid").unwrap();
    let location = &invalid["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "-");
    assert_eq!(location["region"]["startLine"], 2);
    assert_eq!((&location["region"]["byteOffset"], &location["region"]["byteLength"]), (&json!(10), &json!(15)));
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "tfduty/list/");
    let (_root, folder) = repository("broken-e-disabled-detector");
    let destroy = tfduty(&folder, &["destroy", "plan.json", "--format", "junit"]);
    assert_eq!(elements(&destroy.stdout, &["failure"]), [1], "{}", destroy.stdout);
    assert_eq!(destroy.status, 1);
}
