//! What a suppressed finding explained, and what a baseline then knows.

use super::*;

/// A stack whose bucket is guarded by `prevent_destroy`, and holds what the destroy does not know of.
fn guarded() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    let from = fixtures().join("estates/destroy-prevented");
    for (name, to) in [("terraform.tfstate", "terraform.tfstate"), ("source/main.tf", "main.tf")] {
        fs::copy(from.join(name), root.path().join(to)).unwrap();
    }
    root
}

/// Rule and suppression of what the destroy says of the bucket, the exit status, and how often the bucket is passed over.
fn of_bucket(root: &Path, arguments: &[&str]) -> (Vec<(String, Option<String>)>, i32, u64) {
    let destroy = ["destroy", "terraform.tfstate", "--source", ".", "--format", "json", "--today", "2026-11-24"];
    let run = tfduty(root, &[&destroy, arguments].concat());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let of_bucket = report["findings"].as_array().unwrap().iter().filter(|one| one["address"] == "aws_s3_bucket.lists");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let said = of_bucket.map(|one| (text(&one["rule"]).unwrap(), text(&one["suppressed"]["by"])));
    let mut tallies = report["rules"].as_array().unwrap().iter();
    let tally = tallies.find(|tally| tally["id"] == "destroy-bucket-not-empty").unwrap();
    (said.collect(), run.status, tally["skipped"].as_u64().unwrap())
}

fn said(rule: &str, by: Option<&str>) -> (String, Option<String>) {
    (rule.to_owned(), by.map(str::to_owned))
}

#[test]
fn what_is_ignored_explains_nothing() {
    let stack = guarded();
    let explained = vec![said("destroy-prevented", None)];
    assert_eq!(of_bucket(stack.path(), &[]), (explained, 1, 1));

    let config = "[[ignore]]\nrule = \"destroy-prevented\"\naddress = \"*\"\nreason = \"lifted before the destroy\"\n";
    fs::write(stack.path().join("tfduty.toml"), config).unwrap();
    let left = |by| vec![said("destroy-prevented", Some(by)), said("destroy-bucket-not-empty", None)];
    assert_eq!(of_bucket(stack.path(), &[]), (left("config"), 0, 0));
    assert_eq!(of_bucket(stack.path(), &["--strict"]).1, 1, "a bucket that may hold more is undecided");
    // One that has run out ignores nothing.
    fs::write(stack.path().join("tfduty.toml"), format!("{config}until = 2026-11-23\n")).unwrap();
    assert_eq!(of_bucket(stack.path(), &[]).2, 1);

    fs::remove_file(stack.path().join("tfduty.toml")).unwrap();
    let block = "resource \"aws_s3_bucket\"";
    let comment = "# tfduty:ignore[destroy-prevented] reason=\"lifted before the destroy\"\n";
    edit(&stack.path().join("main.tf"), block, &format!("{comment}{block}"));
    assert_eq!(of_bucket(stack.path(), &[]).0, left("comment"));
}

#[test]
fn what_is_made_less_severe_explains_nothing_that_is_more() {
    let stack = guarded();
    for (severity, skipped, status) in [("advice", 0, 1), ("warning", 0, 1), ("error", 1, 1)] {
        let config = format!("[rules.destroy-prevented]\nseverity = \"{severity}\"\n");
        fs::write(stack.path().join("tfduty.toml"), config).unwrap();
        let (_, found, passed_over) = of_bucket(stack.path(), &["--strict"]);
        assert_eq!((passed_over, found), (skipped, status), "{severity}");
    }
    let config = "[rules]\ndestroy-prevented.severity = \"advice\"\ndestroy-bucket-not-empty.severity = \"advice\"\n";
    fs::write(stack.path().join("tfduty.toml"), config).unwrap();
    assert_eq!(of_bucket(stack.path(), &[]).2, 1, "they weigh the same");
}

#[test]
fn a_baseline_knows_what_its_findings_explain() {
    let stack = guarded();
    let baseline = stack.path().join("baseline.json");
    assert_eq!(of_bucket(stack.path(), &["--write-baseline", "baseline.json", "--strict"]).1, 0);
    let known = of_bucket(stack.path(), &["--baseline", "baseline.json", "--strict"]);
    let both = ["destroy-prevented", "destroy-bucket-not-empty"].map(|rule| said(rule, Some("baseline")));
    assert_eq!(known, (both.to_vec(), 0, 0));
    // Had the bucket been in order then, that it no longer is would be new.
    let mut document: Value = serde_json::from_str(&fs::read_to_string(&baseline).unwrap()).unwrap();
    document["findings"].as_array_mut().unwrap().retain(|entry| entry["rule"] != "destroy-bucket-not-empty");
    fs::write(&baseline, document.to_string()).unwrap();
    let (found, status, _) = of_bucket(stack.path(), &["--baseline", "baseline.json", "--strict"]);
    assert_eq!((&found[1], status), (&said("destroy-bucket-not-empty", None), 1));
}
