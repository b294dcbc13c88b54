//! What holds of every report, whatever is audited: it fits its schema, its fingerprints are identities, and it shows
//! nothing sensitive.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "report/layout.rs"]
mod layout;
#[path = "report/secrets.rs"]
mod secrets;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use common::{Run, fixtures, tfduty};

const DATE: [&str; 2] = ["--today", "2026-11-24"];

/// Runs and reads the JSON report.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let arguments = [arguments, &DATE, &["--format", "json"]].concat();
    let run = tfduty(folder, &arguments);
    parsed(&run, &arguments)
}

fn parsed(run: &Run, arguments: &[&str]) -> Value {
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}, status {}: no JSON ({error}): {}", run.status, run.stderr))
}

/// Of each finding rule, verdict, address, message and fingerprint.
fn findings(report: &Value) -> Vec<[String; 5]> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let all = report["findings"].as_array().unwrap().iter();
    let mut all: Vec<_> = all
        .map(|finding| ["rule", "verdict", "address", "message", "fingerprint"].map(|name| text(finding, name)))
        .collect();
    all.sort();
    all
}

/// Folder and arguments of every case, and of every file that is a document of its own.
fn runs() -> Vec<(PathBuf, Vec<String>)> {
    let mut runs = Vec::new();
    for entry in walkdir::WalkDir::new(fixtures()).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let folder = path.parent().unwrap().to_path_buf();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "cases.toml" || name == "destroy-cases.toml" {
            let cases: toml::Table = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            for case in cases["case"].as_array().unwrap() {
                let arguments = case["arguments"].as_array().unwrap().iter();
                runs.push((folder.clone(), arguments.map(|one| one.as_str().unwrap().to_owned()).collect()));
            }
        } else if path.is_file() && path.starts_with(fixtures().join("lists")) {
            runs.push((folder, vec!["list".to_owned(), name.to_owned()]));
        } else if path.is_file() && ["broken", "documents"].iter().any(|parent| folder.ends_with(parent)) {
            runs.push((folder, vec!["check".to_owned(), name.to_owned()]));
        }
    }
    assert!(runs.len() > 250, "{} runs", runs.len());
    runs
}

#[test]
fn every_report_fits_the_schema_and_no_two_findings_are_one() {
    let schema = tfduty(&fixtures(), &["rules", "--schema"]);
    assert_eq!((schema.status, schema.stderr.as_str()), (0, ""));
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema.stdout).unwrap()).unwrap();
    for (folder, arguments) in runs() {
        let place = format!("{} {arguments:?}", folder.display());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let report = report(&folder, &arguments);
        let errors: Vec<String> =
            schema.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{place}:\n{}", errors.join("\n"));
        let mut seen = BTreeSet::new();
        for finding in findings(&report) {
            assert!(seen.insert(finding[4].clone()), "{place}: {finding:?} has the fingerprint of another finding");
        }
    }
}

#[test]
fn a_report_in_a_file_is_the_one_on_standard_output() {
    let folder = fixtures().join("estates/drift");
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("report.json");
    let output = format!("json={}", file.display());
    let arguments = ["check", "plan-drift.json", "--format", "json", "--output", &output, "--today", "2026-11-24"];
    let run = tfduty(&folder, &arguments);
    assert_eq!(parsed(&run, &arguments), serde_json::from_str::<Value>(&fs::read_to_string(file).unwrap()).unwrap());
}

/// The two stacks with equal addresses, in a repository of their own, with their detectors suspended.
fn suspended_stacks() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    for stack in ["envs/dev", "envs/prod"] {
        let (from, to) = (fixtures().join("estates/workspaces").join(stack), root.path().join(stack));
        fs::create_dir_all(&to).unwrap();
        for (name, on, off) in [
            ("plan.json", "\"after\":{\"enable\":true", "\"after\":{\"enable\":false"),
            ("terraform.tfstate", "            \"enable\": true", "            \"enable\": false"),
            ("state.json", "\"enable\":true,\"finding", "\"enable\":false,\"finding"),
        ] {
            let text = fs::read_to_string(from.join(name)).unwrap();
            let changed = text.replace(on, off);
            assert_ne!(changed, text, "{stack}/{name}");
            fs::write(to.join(name), changed).unwrap();
        }
    }
    root
}

#[test]
fn equal_addresses_in_two_stacks_are_two_findings() {
    let root = suspended_stacks();
    let inputs: [&[&str]; 5] = [
        &["."],
        &["envs"],
        &["envs/dev/plan.json", "envs/prod/plan.json"],
        &["envs/dev/state.json", "envs/prod/state.json"],
        &["envs/dev/plan.json", "envs/prod/terraform.tfstate"],
    ];
    let mut known = BTreeSet::new();
    for inputs in inputs {
        let report = report(root.path(), &[&["check"], inputs].concat());
        let found: Vec<(&str, &str)> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["rule"] == "detector-disabled")
            .map(|finding| (finding["location"]["path"].as_str().unwrap(), finding["fingerprint"].as_str().unwrap()))
            .collect();
        let [(dev, one), (prod, other)] = found[..] else { panic!("{inputs:?}: {found:?}") };
        assert!(dev.starts_with("envs/dev/") && prod.starts_with("envs/prod/"), "{inputs:?}: {found:?}");
        assert_ne!(one, other, "{inputs:?}");
        known.insert([one.to_owned(), other.to_owned()]);
    }
    assert_eq!(known.len(), 1, "the same finding in plan and state, named or walked, has one fingerprint: {known:?}");
    // The unit is a folder of the repository, whatever the working folder is.
    for (stack, place) in [("envs/dev", 0), ("envs/prod", 1)] {
        let report = report(&root.path().join(stack), &["check", "plan.json"]);
        let fingerprint = &findings(&report)[0][4];
        assert_eq!(known.first().map(|pair| &pair[place]), Some(fingerprint), "{stack}");
    }
}

/// Files with findings, of every kind and rule there is.
const TELLING: &[&str] = &[
    "adopt/plan-moved.json",
    "broken-a-missing-key/plan.json",
    "broken-a-missing-key/terraform.tfstate",
    "broken-e-disabled-detector/state.json",
    "broken-f-inactive-set/plan.json",
    "broken-g-other-region/plan.json",
    "broken-g-other-region/terraform.tfstate",
    "destroy-prevented/plan-block-gone.json",
    "drift/plan-drift.json",
    "drift/plan-refresh-only.json",
    "modules/plan.json",
    "modules/terraform.tfstate",
    "org/state.json",
    "secrets/plan.json",
];

#[test]
fn findings_do_not_hang_on_how_a_document_is_laid_out() {
    for file in TELLING {
        let path = fixtures().join("estates").join(file);
        let name = path.file_name().unwrap().to_str().unwrap();
        let original = fs::read_to_string(&path).unwrap();
        let read = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join(".git")).unwrap();
            fs::write(folder.path().join(name), text).unwrap();
            findings(&report(folder.path(), &["check", name]))
        };
        let expected = read(&original);
        assert!(!expected.is_empty(), "{file}");
        for (how, text) in layout::variants(&original) {
            assert_eq!(read(&text), expected, "{file}, {how}");
        }
    }
}

/// A log of SARIF without the pages of the rules, whose examples are ours; anything else as it is.
fn without_pages(text: String) -> String {
    let Ok(mut log) = serde_json::from_str::<Value>(&text) else { return text };
    let Some(rules) = log.pointer_mut("/runs/0/tool/driver/rules") else { return text };
    *rules = Value::Null;
    log.to_string()
}

/// What a run of `check` writes anywhere.
fn everything_written(folder: &Path, arguments: &[&str]) -> String {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("report.json");
    let output = format!("json={}", file.display());
    let mut written = String::new();
    for format in ["human", "json"] {
        for more in [&[][..], &["-v"], &["--color", "always"], &["--output", &output]] {
            let run = tfduty(folder, &[&["check"], arguments, &DATE, &["--format", format], more].concat());
            written.push_str(&run.stdout);
            written.push_str(&run.stderr);
        }
    }
    written.push_str(&fs::read_to_string(file).unwrap());
    for format in ["sarif", "junit", "github", "gitlab", "markdown"] {
        let run = tfduty(folder, &[&["check"], arguments, &DATE, &["--strict", "--format", format]].concat());
        written.push_str(&without_pages(run.stdout));
        written.push_str(&run.stderr);
    }
    written
}

fn assert_silent(secrets: &BTreeSet<String>, written: &str, place: &str) {
    for secret in secrets {
        let found = written.lines().find(|line| line.contains(secret.as_str()));
        assert!(found.is_none(), "{place}: {secret:?} is shown: {found:?}");
    }
}

#[test]
fn nothing_sensitive_is_shown() {
    let folder = fixtures().join("estates/secrets");
    let secrets = secrets::of_folder(&folder);
    for known in ["very-secret", "wJalrXUtnFEMI", "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk", "1.1.1.0/24"] {
        assert!(secrets.iter().any(|secret| secret.contains(known)), "{known} was not collected: {secrets:?}");
    }
    let runs: [&[&str]; 9] = [
        &["plan.json"],
        &["plan.json", "--plan-file", "tfplan"],
        &["plan.json", "--source", "source"],
        &["terraform.tfstate"],
        &["terraform.tfstate", "--source", "source"],
        &["state.json"],
        &["plan-destroy.json"],
        &["tfplan"],
        &["."],
    ];
    for arguments in runs {
        assert_silent(&secrets, &everything_written(&folder, arguments), &format!("{arguments:?}"));
    }
}

#[test]
fn what_a_finding_is_about_is_not_shown_either_when_it_is_sensitive() {
    for file in TELLING {
        let path = fixtures().join("estates").join(file);
        let name = path.file_name().unwrap().to_str().unwrap();
        let mut document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        secrets::mark_everything(&mut document);
        let secrets = secrets::telling_values(&document);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), document.to_string()).unwrap();
        let written = everything_written(folder.path(), &[name]);
        assert!(written.contains("\"findings\": [\n    {"), "{file}: {written}");
        assert_silent(&secrets, &written, file);
    }
}

#[test]
fn a_sensitive_variable_is_not_shown_where_only_the_configuration_marks_it() {
    let estate = fixtures().join("estates/secrets");
    let folder = tempfile::tempdir().unwrap();
    let configuration = fs::read_to_string(estate.join("source/main.tf")).unwrap();
    let (object, bucket) =
        ("${aws_s3_object.trusted.bucket}/${aws_s3_object.trusted.key}", "${aws_s3_bucket.lists.id}/${var.key}");
    let configuration = configuration.replace(object, bucket)
        + "variable \"key\" {\n  type      = string\n  sensitive = true\n  default   = \"top-secret/trusted.txt\"\n}\n";
    fs::create_dir(folder.path().join("source")).unwrap();
    fs::write(folder.path().join("source/main.tf"), configuration).unwrap();
    let mut plan: Value = serde_json::from_str(&fs::read_to_string(estate.join("plan.json")).unwrap()).unwrap();
    plan["variables"]["key"] = serde_json::json!({ "value": "top-secret/trusted.txt" });
    let root = &mut plan["configuration"]["root_module"];
    root["variables"]["key"] = serde_json::json!({ "default": "top-secret/trusted.txt", "sensitive": true });
    let resources = root["resources"].as_array_mut().unwrap();
    let set = resources.iter_mut().find(|resource| resource["type"] == "aws_guardduty_ipset").unwrap();
    set["expressions"]["location"] =
        serde_json::json!({ "references": ["aws_s3_bucket.lists.id", "aws_s3_bucket.lists", "var.key"] });
    fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    let written = everything_written(folder.path(), &["plan.json", "--source", "source"]);
    assert!(written.contains("list-object-missing"), "{written}");
    assert!(!written.contains("top-secret"), "{written}");
}
