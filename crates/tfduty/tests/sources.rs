//! Which configuration belongs to which input.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::fs;

use serde_json::{Value, json};

use common::{fixtures, tfduty, tfduty_with};

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
fn a_policy_that_stands_in_a_file_of_the_configuration_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let estate = fixtures().join("estates/broken-b-policy-denies");
    fs::copy(estate.join("plan.json"), folder.path().join("plan.json")).unwrap();
    let text = fs::read_to_string(estate.join("source/main.tf")).unwrap();
    let (before, rest) = text.split_once("jsonencode({").unwrap();
    let (policy, after) = rest.split_once("\n  })").unwrap();
    assert!(policy.contains("OnlyThePublisher"));
    let call = "templatefile(\"${path.module}/policy.tftpl\", { lists = aws_s3_bucket.lists.arn, publisher = aws_iam_role.publisher.arn })";
    fs::write(folder.path().join("main.tf"), [before, call, after].concat()).unwrap();
    let template = r#"{ "Statement": [{
        "Sid": "OnlyThePublisher", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "${lists}/*",
        "Condition": { "StringNotEquals": { "aws:PrincipalArn": "${publisher}" } }
    }] }"#;
    fs::write(folder.path().join("policy.tftpl"), template).unwrap();
    let run = tfduty(
        folder.path(),
        &["check", "plan.json", "--source", ".", "--only", "list-read-denied", "--format", "json"],
    );
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{findings:?}");
    for finding in findings {
        assert_eq!((&finding["verdict"], &finding["source"]["path"]), (&json!("fail"), &json!("main.tf")));
        assert!(finding["message"].as_str().unwrap().contains("OnlyThePublisher"), "{finding}");
    }
}

#[test]
fn a_saved_plan_of_another_configuration_is_refused() {
    let plan = fixtures().join("estates/broken-e-disabled-detector");
    let run = tfduty(&plan, &["check", "plan.json", "--plan-file", "../broken-f-inactive-set/tfplan"]);
    assert!(run.stdout.contains("no input is the JSON of this saved plan"), "{}", run.stdout);
    assert_eq!(run.status, 2);
}

/// A folder with a stack whose list stands in a file: plan, configuration and list.
fn stack_with_a_file() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let created = |resource_type: &str, after: Value| {
        json!({
            "address": format!("{resource_type}.trusted"), "mode": "managed", "type": resource_type, "name": "trusted",
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": { "id": true } },
        })
    };
    let object = json!({ "bucket": "lists", "key": "k", "source": "./lists/trusted.txt" });
    let set = json!({ "detector_id": "12ab", "name": "trusted", "activate": true, "format": "TXT", "location": "s3://lists/k" });
    let changes = [created("aws_s3_object", object), created("aws_guardduty_ipset", set)];
    let plan = json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes });
    let text = "resource \"aws_s3_object\" \"trusted\" {\n  source = \"${path.module}/lists/trusted.txt\"\n}\n\
                resource \"aws_guardduty_ipset\" \"trusted\" {\n}\n";
    fs::create_dir_all(folder.path().join("stack/lists")).unwrap();
    fs::write(folder.path().join("stack/plan.json"), plan.to_string()).unwrap();
    fs::write(folder.path().join("stack/main.tf"), text).unwrap();
    fs::write(folder.path().join("stack/lists/trusted.txt"), "scanner.example.com\n198.51.100.7\\32\n").unwrap();
    folder
}

const ON_LISTS: &[&str] = &["--only", "list-empty,list-source-missing"];

#[test]
fn the_file_of_a_list_is_an_input_whose_lines_are_shown() {
    let folder = stack_with_a_file();
    for source in [&[][..], &["--source", "stack"]] {
        let arguments = [&["check", "stack/plan.json"], source, ON_LISTS].concat();
        let run = tfduty(folder.path(), &arguments);
        for shown in ["stack/lists/trusted.txt", "2 │ 198.51.100.7\\32", "`198.51.100.7/32`?"] {
            assert!(run.stdout.contains(shown), "{source:?} {shown}: {}", run.stdout);
        }
        let run = tfduty(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let inputs = report["inputs"].as_array().unwrap();
        let inputs: Vec<_> = inputs.iter().map(|input| (&input["path"], &input["kind"], &input["role"])).collect();
        let (list, plan) = (json!("stack/lists/trusted.txt"), json!("stack/plan.json"));
        assert_eq!(inputs, [(&list, &json!("list"), &json!("evidence")), (&plan, &json!("plan"), &json!("judged"))]);
        let location = &report["findings"][0]["related"][0]["location"];
        assert_eq!((&location["path"], &location["line"], &location["byte_start"]), (&list, &json!(2), &json!(20)));
    }
}

#[test]
fn a_list_that_is_not_in_the_folder_of_the_configuration_is_missing_there() {
    let folder = stack_with_a_file();
    fs::rename(folder.path().join("stack/lists"), folder.path().join("stack/files")).unwrap();
    let plan = fs::read(folder.path().join("stack/plan.json")).unwrap();
    let checked = |arguments: &[&str]| {
        let run = tfduty_with(folder.path(), &[arguments, ON_LISTS].concat(), Some(&plan));
        assert_eq!(run.stderr, "");
        run.stdout
    };
    let missing = checked(&["check", "stack/plan.json"]);
    assert!(missing.contains("error[list-source-missing]") && missing.contains("files/trusted.txt"), "{missing}");
    assert!(checked(&["check", "-", "--source", "stack"]).contains("error[list-source-missing]"));
    assert!(checked(&["check", "-"]).contains("undecided[list-source-missing]"));
    let found = checked(&["check", "-", "--list-dir", "stack/files"]);
    assert!(found.contains("error[list-empty]") && found.contains("stack/files/trusted.txt"), "{found}");
    assert!(checked(&["check", "-", "--list-dir", "none"]).contains("`--list-dir` takes a folder"));
}
