//! `tfduty coverage` over the estates: what is where, and why it cannot be told where it cannot.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "report/secrets.rs"]
mod secrets;

use std::{fs, path::Path};

use serde_json::{Value, json};

use common::{fixtures, tfduty};

/// Runs in a folder of the estates and reads the JSON.
fn matrix(estate: &str, arguments: &[&str]) -> Value {
    matrix_in(&fixtures().join("estates").join(estate), arguments)
}

fn matrix_in(folder: &Path, arguments: &[&str]) -> Value {
    let run = tfduty(folder, &[&["coverage", "--format", "json"], arguments].concat());
    let matrix: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((i64::from(run.status), run.stderr.as_str()), (matrix["exit_status"].as_i64().unwrap(), ""));
    matrix
}

/// A column of every row: `222233334444 eu-west-1 yes`.
fn column(matrix: &Value, id: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = matrix["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        format!("{} {} {}", text(&row["account_name"]), text(&row["region_name"]), text(&row["cells"][id]["state"]))
    })
    .collect()
}

#[test]
fn a_module_without_instances_leaves_its_region_without_a_detector() {
    let matrix = matrix("modules", &["plan.json"]);
    let account = "not known (plan.json)";
    assert_eq!(
        column(&matrix, "detector"),
        [
            format!("{account} ap-northeast-1 no"),
            format!("{account} eu-west-1 yes"),
            format!("{account} us-east-1 yes"),
        ]
    );
    let reason = matrix["rows"][0]["cells"]["detector"]["reason"].as_str().unwrap();
    assert!(reason.contains("module.tokyo.module.detector.aws_guardduty_detector.it"), "{reason}");
    let source = &matrix["rows"][1]["cells"]["detector"]["sources"][0];
    assert_eq!(
        source,
        &json!({ "path": "plan.json", "address": "module.ireland.module.detector[0].aws_guardduty_detector.it" })
    );
}

#[test]
fn the_saved_plan_tells_what_plan_json_does_not() {
    let lists = |arguments: &[&str]| column(&matrix("modules", arguments), "trusted-list");
    let account = "not known (plan.json)";
    let without = lists(&["plan.json"]);
    assert_eq!(without[1], format!("{account} eu-west-1 unknown"));
    let with = lists(&["plan.json", "--plan-file", "tfplan"]);
    assert_eq!(with[1], format!("{account} eu-west-1 yes"));
}

#[test]
fn states_of_three_accounts_make_one_matrix() {
    let states = ["administrator/terraform.tfstate", "payments/terraform.tfstate", "workload/terraform.tfstate"];
    let config = ["--config", "config/two-regions.toml"];
    let by_name = matrix("org-three-states", &[&states[..], &config].concat());
    assert_eq!(by_name, matrix("org-three-states", &[&["."], &config[..]].concat()));
    assert_eq!(
        column(&by_name, "detector"),
        [
            "222233334444 eu-west-1 yes",
            "222233334444 us-east-1 no",
            "555566667777 eu-west-1 yes",
            "555566667777 us-east-1 no",
            "888899990000 eu-west-1 unknown",
            "888899990000 us-east-1 no",
        ]
    );
    assert_eq!(column(&by_name, "organization")[2], "555566667777 eu-west-1 yes");
    let open = &by_name["rows"][4]["cells"]["detector"]["reason"];
    assert_eq!(
        open,
        "no input has a detector of account 888899990000; the organization of 222233334444 enables all accounts: on or off is \
         not known"
    );
}

#[test]
fn a_state_that_is_missing_is_named() {
    let states = ["administrator/terraform.tfstate", "workload/terraform.tfstate", "--config", "config/tfduty.toml"];
    let matrix = matrix("org-three-states", &states);
    let reason = matrix["rows"][2]["cells"]["detector"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("no input has the state of account 888899990000; "), "{reason}");
}

#[test]
fn everything_of_the_wired_estate_is_there() {
    let matrix = matrix("wired", &["terraform.tfstate"]);
    let [row] = &matrix["rows"].as_array().unwrap()[..] else { panic!("{matrix:#}") };
    for (id, cell) in row["cells"].as_object().unwrap() {
        // Nothing in an account tells whether it belongs to an organization.
        let expected = if id == "organization" { "unknown" } else { "yes" };
        assert_eq!(cell["state"], expected, "{id}: {cell}");
    }
}

#[test]
fn every_matrix_fits_the_schema_and_its_table_a_terminal() {
    let schema: Value = serde_json::from_str(&tfduty(&fixtures(), &["rules", "--schema"]).stdout).unwrap();
    let schema = json!({ "$ref": "#/$defs/coverage", "$defs": schema["$defs"] });
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut count = 0;
    for entry in walkdir::WalkDir::new(fixtures()).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let is_document = path.extension().is_some_and(|name| name == "json" || name == "tfstate");
        if !is_document {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        let matrix = matrix_in(path.parent().unwrap(), &[name]);
        let errors: Vec<String> = schema.iter_errors(&matrix).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        let has_problems = !matrix["problems"].as_array().unwrap().is_empty();
        assert_eq!(matrix["exit_status"], if has_problems { 2 } else { 0 }, "{}", path.display());
        let table = tfduty(path.parent().unwrap(), &["coverage", name, "--quiet"]).stdout;
        let widest = table.lines().take_while(|line| !line.is_empty()).map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{table}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn a_run_that_examined_nothing_never_passes() {
    let empty = tempfile::tempdir().unwrap();
    let run = tfduty(empty.path(), &["coverage"]);
    assert_eq!((run.status, run.stderr.as_str()), (2, ""));
    assert!(run.stdout.contains("terraform show -json tfplan | tfduty coverage -"), "{}", run.stdout);
    for (file, sentence) in [
        ("plan-destroy.json", "destroy plan: run `tfduty destroy plan-destroy.json`"),
        ("tfplan", "terraform show -json tfplan > plan.json"),
        ("missing.json", "missing.json"),
    ] {
        for format in ["human", "json", "markdown"] {
            let run = tfduty(&fixtures().join("estates/minimal"), &["coverage", file, "--format", format]);
            assert_eq!(run.status, 2, "{file} {format}");
            let said = run.stdout.replace("\\_", "_");
            assert!(said.contains(sentence), "{file} {format}: {}", run.stdout);
        }
    }
    let other = empty.path().join("terraform.tfstate");
    fs::write(&other, r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": []}"#)
        .unwrap();
    let run = tfduty(empty.path(), &["coverage", "terraform.tfstate"]);
    assert_eq!(run.status, 2, "{}", run.stdout);
    assert!(run.stdout.contains("nothing to audit"), "{}", run.stdout);
}

#[test]
fn a_configuration_that_cannot_be_read_is_a_problem_beside_the_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("tfduty.toml");
    fs::write(&config, "[expect]\nregion = [\"eu-west-1\"]\n").unwrap();
    let matrix = matrix("minimal", &["plan.json", "--config", config.to_str().unwrap()]);
    assert_eq!(matrix["exit_status"], 2);
    assert_eq!(column(&matrix, "detector"), ["not known (plan.json) eu-west-1 yes"]);
}

#[test]
fn nothing_sensitive_is_shown() {
    let folder = fixtures().join("estates/secrets");
    let of_folder = secrets::of_folder(&folder);
    let marked = tempfile::tempdir().unwrap();
    let mut state: Value =
        serde_json::from_str(&fs::read_to_string(fixtures().join("estates/wired/terraform.tfstate")).unwrap()).unwrap();
    secrets::mark_everything(&mut state);
    let mut telling = secrets::telling_values(&state);
    telling.insert("123456789012".into());
    // Words such as `events` are in the legend too.
    telling.retain(|secret| secret.bytes().any(|byte| byte.is_ascii_digit() || b"/:".contains(&byte)));
    fs::write(marked.path().join("terraform.tfstate"), state.to_string()).unwrap();
    for format in ["human", "json", "markdown"] {
        for file in ["plan.json", "terraform.tfstate"] {
            let run = tfduty(&folder, &["coverage", file, "--format", format, "-v"]);
            assert_eq!(run.status, 0, "{}", run.stdout);
            for secret in &of_folder {
                assert!(!run.stdout.contains(secret), "{file} {format} shows {secret:?}:\n{}", run.stdout);
            }
        }
        let run = tfduty(marked.path(), &["coverage", "terraform.tfstate", "--format", format, "-v"]);
        assert_eq!(run.status, 0, "{}", run.stdout);
        for secret in &telling {
            assert!(!run.stdout.contains(secret), "{format} shows {secret:?}:\n{}", run.stdout);
        }
    }
}

#[test]
fn completions_and_the_man_page_know_the_command() {
    for arguments in [&["completions", "bash"][..], &["man"]] {
        let run = tfduty(&fixtures(), arguments);
        assert!(run.status == 0 && run.stdout.contains("coverage"), "{arguments:?}");
    }
}
