use serde_json::{Value, json};
use tfduty_audit::{InputKind, SuppressedBy, Suppression};

use super::*;
use crate::{
    Format, HumanOptions,
    samples::{DETECTOR_DISABLED, LIST_BUCKET_UNREADABLE, LIST_ENTRY_PRIVATE, Sample, failure, hostile, notice, shown},
};

/// The shape that GitLab documents for Code Quality.
fn schema() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "minLength": 1 },
                "fingerprint": { "type": "string", "minLength": 1 },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": { "type": "string", "minLength": 1, "not": { "pattern": "^\\./" } },
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": { "begin": { "type": "integer", "minimum": 1 } }
                        }
                    }
                }
            }
        }
    })
}

fn issues(sample: &Sample, report: &Report) -> Vec<Value> {
    let text = shown(Format::Gitlab, report, sample, HumanOptions::default());
    let value: Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::is_valid(&schema(), &value), "{text}");
    let issues = value.as_array().unwrap().clone();
    let fingerprints: HashSet<String> = issues.iter().map(|issue| issue["fingerprint"].to_string()).collect();
    assert_eq!(fingerprints.len(), issues.len(), "{text}");
    issues
}

fn sample() -> Sample {
    let mut sample = Sample::new(InputKind::Plan, "plan.json", "{\"a\":\n 1}");
    sample.source = Some("a\nb".into());
    let anchor = sample.anchor("", "/a", "");
    let mut error = failure(&DETECTOR_DISABLED, "aws_x.y", "is off", anchor.clone());
    error.source = Some(sample.place("../main.tf", "b"));
    let mut undecided = failure(&LIST_BUCKET_UNREADABLE, "aws_x.y", "is not known", anchor.clone());
    let mut suppressed = failure(&LIST_ENTRY_PRIVATE, "aws_x.z", "is private", anchor);
    let warning = failure(&LIST_ENTRY_PRIVATE, "aws_x.z", "is private", suppressed.anchor.clone());
    undecided.verdict = FindingVerdict::Undecided;
    suppressed.suppressed = Some(Suppression { by: SuppressedBy::Comment, reason: String::new(), until: None });
    sample.findings = vec![error, undecided, suppressed, warning];
    for (finding, fingerprint) in sample.findings.iter_mut().zip(["sha256:0", "sha256:1", "sha256:2", "sha256:3"]) {
        finding.fingerprint = fingerprint.into();
    }
    sample
}

#[test]
fn what_fails_is_there_with_its_line() {
    let sample = sample();
    let error = json!({
        "description": "aws_x.y: is off", "check_name": "detector-disabled", "fingerprint": "sha256:0",
        "severity": "critical", "location": { "path": "stacks/main.tf", "lines": { "begin": 2 } }
    });
    let warning = json!({
        "description": "aws_x.z: is private", "check_name": "list-entry-private", "fingerprint": "sha256:3",
        "severity": "major", "location": { "path": "stacks/prod/plan.json", "lines": { "begin": 2 } }
    });
    assert_eq!(issues(&sample, &sample.report()), [error, warning]);
}

#[test]
fn what_is_undecided_is_there_only_where_it_fails_the_run() {
    let sample = sample();
    let mut report = sample.report();
    report.strict = true;
    let issues = issues(&sample, &report);
    assert_eq!(issues[1]["description"], "undecided: aws_x.y: is not known");
    assert_eq!((issues.len(), &issues[1]["severity"]), (3, &json!("info")));
}

#[test]
fn a_note_that_counts_is_there_where_it_is_written() {
    let mut sample = sample();
    sample.findings.clear();
    let mut report = sample.report();
    report.notes = vec![Note::new(Some("plan.json".into()), "stale-plan", "left out"), notice()];
    let issues = issues(&sample, &report);
    assert_eq!(issues.len(), 1);
    let (severity, name, location) = (&issues[0]["severity"], &issues[0]["check_name"], &issues[0]["location"]);
    assert_eq!((severity, name), (&json!("major"), &json!("ignore-expired")));
    assert_eq!(*location, json!({ "path": "stacks/prod/main.tf", "lines": { "begin": 3 } }));
}

#[test]
fn nothing_is_an_empty_array() {
    let sample = Sample::new(InputKind::Plan, "plan.json", "{}");
    assert_eq!(shown(Format::Gitlab, &sample.report(), &sample, HumanOptions::default()), "[]\n");
}

#[test]
fn a_run_that_could_not_audit_is_not_silent() {
    let sample = Sample::new(InputKind::Plan, "plan.json", "{}");
    let mut report = sample.report();
    let problem = Problem { path: None, message: "no".into(), help: Some("go".into()), place: None };
    // The same problem of two inputs, and one of an input outside.
    report.problems = vec![problem.clone(), problem.clone(), Problem { path: Some("/x.json".into()), ..problem }];
    let issues = issues(&sample, &report);
    let paths: Vec<&str> = issues.iter().map(|issue| issue["location"]["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["stacks/prod/plan.json", "stacks/prod/plan.json", "/x.json"]);
    assert!(issues.iter().all(|issue| issue["severity"] == "blocker" && issue["description"] == "no (help: go)"));
    report.inputs.clear();
    assert_eq!(self::issues(&sample, &report)[0]["location"]["path"], "stacks/prod");
}

#[test]
fn no_text_of_an_input_is_more_than_text() {
    let (sample, report) = hostile();
    let issues = issues(&sample, &report);
    assert_eq!(issues.len(), 2);
    for issue in issues {
        for text in [&issue["description"], &issue["location"]["path"]] {
            assert!(!text.as_str().unwrap().contains(['\u{1b}', '\u{202e}', '\n', '\r']), "{text}");
        }
    }
}
