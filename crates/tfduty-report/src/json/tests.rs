use serde_json::{Value, json};
use tfduty_audit::{
    DestroyItem, DestroySummary, HarmlessItem, HarmlessKind, Problem, Remain, SuppressedBy, Suppression,
};
use tfduty_terraform::Place;

use super::*;
use crate::{
    SCHEMA,
    samples::{DETECTOR_DISABLED, Sample, failure, related},
};

const PLAN: &str = "{\"resource_changes\":\n [{\"change\":{\"after\":{\"enable\":false,\"text\":\"a\\nb\"}}}]}";
const AFTER: &str = "/resource_changes/0/change/after";

fn sample() -> Sample {
    let mut sample = Sample::new(InputKind::Plan, "stacks/plan.json", PLAN);
    sample.source = Some("resource \"aws_x\" \"y\" {\n  enable = false\n}\n".into());
    let enable = sample.anchor(AFTER, &format!("{AFTER}/enable"), "off");
    let text = sample.anchor(AFTER, &format!("{AFTER}/text"), "text");
    let mut first = failure(&DETECTOR_DISABLED, "aws_x.y", "suspended \u{9b}31m\u{202e}", enable);
    first.source = Some(sample.place("main.tf", "enable = false"));
    first.related.push(related("aws_x.z", "see this", sample.inner(&text, "b")));
    let mut second = failure(&DETECTOR_DISABLED, "aws_x.y", "again", text);
    (second.address, second.account, second.verdict) = (None, None, FindingVerdict::Undecided);
    second.suppressed =
        Some(Suppression { by: SuppressedBy::Config, reason: "on purpose".into(), until: Some("2027-01-01".into()) });
    sample.findings = vec![first, second];
    sample
}

fn text(report: &Report, texts: &dyn Texts) -> String {
    let mut out = Vec::new();
    write(report, texts, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn valid(report: &Report, texts: &dyn Texts) -> Value {
    let text = text(report, texts);
    assert!(text.ends_with("}\n"));
    let value: Value = serde_json::from_str(&text).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let errors: Vec<_> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    value
}

const FIRST: &str = r#"{
      "rule": "detector-disabled",
      "severity": "error",
      "verdict": "fail",
      "address": "aws_x.y",
      "account": "123456789012",
      "region": "eu-west-1",
      "message": "suspended \u009b31m\u202e",
      "help": "set enable = true",
      "url": null,
      "location": {
        "path": "stacks/plan.json",
        "byte_start": 52,
        "byte_end": 57,
        "line": 2,
        "column": 32,
        "pointer": "/resource_changes/0/change/after/enable",
        "inner": null
      },
      "source": {
        "path": "main.tf",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 17,
        "exactness": "attribute"
      },
      "related": [
        {
          "address": "aws_x.z",
          "message": "see this",
          "location": {
            "path": "stacks/plan.json",
            "byte_start": 65,
            "byte_end": 71,
            "line": 2,
            "column": 45,
            "pointer": "/resource_changes/0/change/after/text",
            "inner": {
              "line": 2,
              "column": 1
            }
          },
          "source": null
        }
      ],
      "fingerprint": "sha256:00",
      "suppressed": null
    }"#;

#[test]
fn a_finding_is_spelled_as_the_contract_has_it() {
    let sample = sample();
    let text = text(&sample.report(), &sample);
    let start = text.find("{\n      \"rule\"").unwrap();
    let end = text.find("    },\n    {\n      \"rule\"").unwrap() + 5;
    assert_eq!(&text[start..end], FIRST);
}

#[test]
fn the_rest_of_the_report_has_the_contracts_members_in_order() {
    let sample = sample();
    let mut report = sample.report();
    report.problems = vec![Problem {
        path: Some("x.json".into()),
        message: "not JSON".into(),
        help: None,
        place: Some(Place { byte: 123, line: 4, column: 7 }),
    }];
    report.findings.clear();
    let text = text(&report, &sample);
    assert_eq!(
        text,
        r#"{
  "schema_version": "1",
  "tool": {
    "name": "tfduty",
    "version": "0.1.0"
  },
  "command": "check",
  "today": "2026-11-24",
  "verdict": "fail",
  "exit_status": 1,
  "inputs": [
    {
      "path": "stacks/plan.json",
      "kind": "plan",
      "role": "judged",
      "format_version": "1.2",
      "terraform_version": "1.11.4",
      "resources": 3,
      "bytes": 76
    }
  ],
  "problems": [
    {
      "path": "x.json",
      "message": "not JSON",
      "help": null,
      "byte": 123,
      "line": 4,
      "column": 7
    }
  ],
  "notes": [],
  "findings": [],
  "rules": [
    {
      "id": "detector-disabled",
      "passed": 1,
      "failed": 1,
      "undecided": 0,
      "skipped": 0
    },
    {
      "id": "list-entry-private",
      "passed": 0,
      "failed": 0,
      "undecided": 0,
      "skipped": 0
    }
  ],
  "summary": {
    "error": 1,
    "warning": 0,
    "advice": 0,
    "undecided": 1,
    "suppressed": 1,
    "files": 1,
    "resources": 3
  },
  "destroy": null
}
"#
    );
}

#[test]
fn reports_are_valid_and_the_same_each_time() {
    let sample = sample();
    let mut report = sample.report();
    let value = valid(&report, &sample);
    assert_eq!(value["findings"][1]["suppressed"]["until"], "2027-01-01");
    assert_eq!(value["findings"][0]["message"], "suspended \u{9b}31m\u{202e}");
    assert_eq!(text(&report, &sample), text(&report, &sample));
    report.findings.clear();
    report.inputs.clear();
    valid(&report, &sample);
}

#[test]
fn a_place_whose_text_is_gone_has_no_line() {
    let mut sample = sample();
    let report = sample.report();
    sample.inputs[0].2 = None;
    let value = valid(&report, &sample);
    let location = &value["findings"][0]["location"];
    assert_eq!((&location["line"], &location["column"]), (&Value::Null, &Value::Null));
    assert_eq!(location["byte_start"], 52);
}

#[test]
fn no_byte_of_an_input_is_in_a_report() {
    let sample = Sample { findings: sample().findings, ..Sample::new(InputKind::Plan, "p", PLAN) };
    assert!(!text(&sample.report(), &sample).contains(r"a\nb"));
}

/// Calls `check` with every schema of an object.
fn objects(schema: &Value, check: &mut impl FnMut(&Value)) {
    if schema["type"] == "object" {
        check(schema);
    }
    match schema {
        Value::Array(items) => items.iter().for_each(|item| objects(item, check)),
        Value::Object(members) => members.values().for_each(|value| objects(value, check)),
        _ => {}
    }
}

#[test]
fn the_schema_describes_every_member_and_allows_no_other() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let mut seen = 0;
    objects(&schema, &mut |object| {
        seen += 1;
        assert_eq!(object["additionalProperties"], false);
        let properties = object["properties"].as_object().unwrap();
        let mut required: Vec<_> = object["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        required.sort_unstable();
        let mut names: Vec<_> = properties.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, required, "every member is always there");
        for (name, property) in properties {
            let described = property["description"].as_str().or_else(|| {
                let reference = property["$ref"].as_str()?.strip_prefix('#')?;
                schema.pointer(reference)?["description"].as_str()
            });
            assert!(described.is_some_and(|text| text.ends_with('.')), "{name}");
        }
    });
    assert_eq!(seen, 30);
}

#[test]
fn the_summary_of_a_destroy_is_data() {
    let sample = sample();
    let item = DestroyItem {
        path: "plan.json".into(),
        address: Some("aws_s3_bucket.lists".into()),
        account: None,
        region: Some("eu-west-1".into()),
        resource_type: Some("aws_s3_bucket".into()),
        id: Some("arn:aws:s3:::lists".into()),
        rules: vec!["destroy-leftover"],
    };
    let remain = Remain { item: item.clone(), what: None, commands: vec!["aws s3 \u{9b}".into()] };
    let harmless = HarmlessItem { path: "plan.json".into(), kind: HarmlessKind::CheckResults, name: None, count: 2 };
    let mut report = sample.report();
    report.destroy = Some(DestroySummary {
        is_done: true,
        void: vec!["other.json".into()],
        remains: vec![remain],
        harmless: vec![harmless],
        ..DestroySummary::default()
    });
    let value = valid(&report, &sample);
    assert_eq!(
        value["destroy"],
        json!({
            "done": true, "void": ["other.json"], "deletes": [], "blocks": [], "delayed": [], "undecided": [], "accepted": [],
            "remains": [{
                "path": "plan.json", "address": "aws_s3_bucket.lists", "account": null, "region": "eu-west-1",
                "type": "aws_s3_bucket", "id": "arn:aws:s3:::lists", "rules": ["destroy-leftover"], "what": null,
                "commands": ["aws s3 \u{9b}"],
            }],
            "harmless": [{ "path": "plan.json", "kind": "check-results", "name": null, "count": 2 }],
        })
    );
    report.destroy =
        Some(DestroySummary { deletes: vec![item.clone()], blocks: vec![item], ..DestroySummary::default() });
    valid(&report, &sample);
}
