//! A run always says what it examined. Each row is one way in which a tool could stay silent, or pass without having looked:
//! for each the status and the sentence printed.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{fs, path::Path};

use common::{fixtures, tfduty, tfduty_with};

/// Runs in a scratch folder that `prepare` fills, and compares.
fn row(prepare: impl Fn(&Path), arguments: &[&str], (status, sentence): (i32, &str)) {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let run = tfduty(folder.path(), arguments);
    assert!(run.stdout.contains(sentence), "{arguments:?} does not say {sentence:?}:\n{}{}", run.stdout, run.stderr);
    assert_eq!(run.status, status, "{arguments:?}:\n{}{}", run.stdout, run.stderr);
    assert_eq!(run.stderr, "", "{arguments:?}");
}

fn copy(estate: &str, names: &[&str]) -> impl Fn(&Path) {
    let from = fixtures().join("estates").join(estate);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    move |folder| {
        for name in &names {
            fs::copy(from.join(name), folder.join(name)).unwrap();
        }
    }
}

fn nothing(_: &Path) {}

#[test]
fn a_saved_plan_alone() {
    let help = "terraform show -json tfplan > plan.json";
    row(copy("minimal", &["tfplan"]), &["check", "tfplan"], (2, help));
    row(copy("minimal", &["tfplan"]), &["check"], (2, help));
}

#[test]
fn a_targeted_plan() {
    let plan = "plan-targeted.json";
    row(copy("targeted", &[plan]), &["check", plan], (0, "1 detector"));
}

#[test]
fn a_refresh_only_plan() {
    let plan = "plan-refresh-only.json";
    row(copy("drift", &[plan]), &["check", plan], (1, "a refresh-only plan does nothing about it"));
}

#[test]
fn a_destroy_plan_in_check() {
    let plan = "plan-destroy.json";
    row(copy("minimal", &[plan]), &["check", plan], (2, "destroy plan: run `tfduty destroy plan-destroy.json`"));
    row(copy("minimal", &[plan]), &["check"], (2, "nothing to audit"));
}

#[test]
fn an_empty_folder() {
    row(nothing, &["check"], (2, "nothing to audit: no plan and no state in this folder"));
}

#[test]
fn a_folder_of_configuration_alone() {
    let prepare =
        |folder: &Path| fs::write(folder.join("main.tf"), "resource \"aws_guardduty_detector\" \"this\" {}\n").unwrap();
    row(prepare, &["check"], (2, "holds Terraform configuration, but no plan and no state"));
}

#[test]
fn a_folder_of_foreign_files() {
    let prepare = |folder: &Path| {
        fs::write(folder.join("tsconfig.json"), "{ // comments\n \"compilerOptions\": {} }\n").unwrap();
        fs::write(folder.join("picture.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
        fs::copy(fixtures().join("estates/minimal/plan.ndjson"), folder.join("plan.ndjson")).unwrap();
    };
    row(prepare, &["check"], (2, "nothing to audit"));
    row(prepare, &["check", "-v"], (2, "2 files have nothing to do with Terraform"));
}

#[test]
fn foreign_files_beside_one_good_state() {
    let prepare = |folder: &Path| {
        fs::write(folder.join("tsconfig.json"), "{ // comments\n \"compilerOptions\": {} }\n").unwrap();
        fs::write(folder.join("package.json"), "{ \"name\": \"x\", \"version\": \"1.0.0\" }\n").unwrap();
        fs::write(folder.join("picture.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
        fs::copy(fixtures().join("estates/minimal/plan.ndjson"), folder.join("plan.ndjson")).unwrap();
        copy("minimal", &["terraform.tfstate"])(folder);
    };
    row(prepare, &["check"], (0, "1 detector"));
}

#[test]
fn nothing_but_unknown_values() {
    let plan = r#"{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[
        {"address":"aws_guardduty_detector.this","mode":"managed","type":"aws_guardduty_detector","name":"this",
         "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"enable":true,"finding_publishing_frequency":true,"id":true}}},
        {"address":"aws_guardduty_ipset.this","mode":"managed","type":"aws_guardduty_ipset","name":"this",
         "change":{"actions":["create"],"before":null,"after":{},"after_unknown":{"activate":true,"location":true,"detector_id":true}}}]}"#;
    let prepare = |folder: &Path| fs::write(folder.join("plan.json"), plan).unwrap();
    row(prepare, &["check"], (0, "undecided: 1 detector, 1 list"));
    row(prepare, &["check", "--strict"], (1, "undecided: 1 detector, 1 list"));
}

#[test]
fn all_rules_skipped() {
    let prepare = copy("minimal", &["terraform.tfstate"]);
    row(
        &prepare,
        &["check", "--skip", "detector-*,coverage-*,protection-*,list-*,findings-*,access-*,org-*,state-*"],
        (2, "no rule is left to run"),
    );
    row(&prepare, &["check", "--only", "list-inactive", "--skip", "list-*"], (2, "no rule is left to run"));
    row(&prepare, &["check", "--only", "list-inactve"], (2, "did you mean `list-inactive`?"));
}

#[test]
fn all_findings_ignored() {
    let prepare = |folder: &Path| {
        copy("broken-e-disabled-detector", &["terraform.tfstate"])(folder);
        let ignore = "[[ignore]]\nrule = \"detector-disabled\"\naddress = \"*\"\nreason = \"a paused laboratory\"\n";
        fs::write(folder.join("tfduty.toml"), ignore).unwrap();
    };
    row(prepare, &["check", "terraform.tfstate"], (0, "1 suppressed"));
}

#[test]
fn a_hook_without_a_match() {
    let prepare = |folder: &Path| fs::write(folder.join("package.json"), "{}\n").unwrap();
    row(prepare, &["check", "--hook", "package.json"], (0, "nothing was audited"));
    row(prepare, &["check", "--hook"], (0, "nothing was audited"));
    row(prepare, &["check", "package.json"], (2, "not Terraform"));
}

#[test]
fn an_empty_state() {
    let prepare = |folder: &Path| fs::write(folder.join("terraform.tfstate"), "").unwrap();
    row(prepare, &["check", "terraform.tfstate"], (2, "nothing to audit"));
    row(copy("minimal", &["after-destroy.tfstate"]), &["check", "after-destroy.tfstate"], (2, "nothing to audit"));
}

#[test]
fn standard_input_twice() {
    row(nothing, &["check", "-", "-"], (2, "standard input is given twice"));
}

#[test]
fn standard_input_once() {
    let folder = fixtures().join("estates/broken-e-disabled-detector");
    let plan = fs::read(folder.join("plan.json")).unwrap();
    let run = tfduty_with(&folder, &["check", "-"], Some(&plan));
    assert!(run.stdout.contains("detector-disabled"), "{}", run.stdout);
    assert_eq!(run.status, 1);
    let run = tfduty_with(&folder, &["check", "-"], Some(b""));
    assert!(run.stdout.contains("nothing to audit"), "{}", run.stdout);
    assert_eq!(run.status, 2);
}

#[test]
fn a_path_that_is_not_there() {
    row(nothing, &["check", "plan.json"], (2, "cannot be read"));
}

#[test]
fn an_unreadable_input_loses_no_other() {
    let prepare = |folder: &Path| {
        copy("broken-e-disabled-detector", &["terraform.tfstate"])(folder);
        fs::write(folder.join("plan.json"), "{\"format_version\":\"1.2\",\"resource_changes\":[").unwrap();
    };
    row(prepare, &["check"], (2, "detector-disabled"));
    row(prepare, &["check"], (2, "plan.json"));
}

#[cfg(unix)]
#[test]
fn a_plan_from_a_named_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("plan.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let plan = fs::read(fixtures().join("estates/minimal/plan.json")).unwrap();
    // A pipe that is opened twice has lost its writer by the second time.
    let writer = std::thread::spawn(move || fs::write(pipe, plan));
    let run = tfduty(folder.path(), &["check", "plan.json"]);
    assert!(run.stdout.contains("1 detector"), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.status, 0);
    writer.join().unwrap().unwrap();
}

/// A plan with white space that makes it larger than what is read as a whole.
#[test]
fn a_large_plan_is_read_in_pieces_and_shows_the_same() {
    let from = fixtures().join("estates/broken-c-kms");
    let plan = fs::read_to_string(from.join("plan.json")).unwrap();
    let end = plan.rfind('}').unwrap();
    let large = format!("{}{}}}", &plan[..end], " ".repeat(2 * 1024 * 1024));
    let show = |text: &str, format: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("plan.json"), text).unwrap();
        let run = tfduty(folder.path(), &["check", "plan.json", "--format", format]);
        assert_eq!((run.status, &*run.stderr), (1, ""));
        run.stdout.replace(&text.len().to_string(), "its size")
    };
    for format in ["human", "json", "sarif", "github", "markdown"] {
        assert!(show(&large, format) == show(&plan, format), "{format}");
    }
    // What is wrong behind the first pieces is found and placed.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plan.json"), format!("{large} x")).unwrap();
    let run = tfduty(folder.path(), &["check", "plan.json"]);
    assert_eq!(run.status, 2, "{}", run.stdout);
    assert!(run.stdout.contains("the end of the file was expected"), "{}", run.stdout);
}
