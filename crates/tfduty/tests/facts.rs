//! What was read elsewhere is judged as if it had been read here: `--facts-out` and `--facts`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;
#[path = "facts/content.rs"]
mod content;
#[path = "facts/files.rs"]
mod files;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use common::{Run, fixtures, tfduty};

/// Runs `check` with a fixed date, and gives its JSON report.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let run = check(folder, arguments);
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: no JSON ({error}): {} {}", run.stdout, run.stderr))
}

fn check(folder: &Path, arguments: &[&str]) -> Run {
    tfduty(folder, &[&["check"], arguments, &["--format", "json", "--today", "2026-11-24"]].concat())
}

/// Every folder with cases, below the fixtures that real Terraform made or that are made from those.
fn estates() -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        if entries.iter().any(|path| path.ends_with("cases.toml")) {
            found.push(folder.to_path_buf());
        }
        entries.iter().filter(|path| path.is_dir()).for_each(|path| below(path, found));
    }
    let mut found = Vec::new();
    below(&fixtures().join("estates"), &mut found);
    below(&fixtures().join("derived"), &mut found);
    found
}

/// The arguments of each run of `check` that a folder lists, behind the command.
fn cases(folder: &Path) -> Vec<Vec<String>> {
    let cases: toml::Value = toml::from_str(&fs::read_to_string(folder.join("cases.toml")).unwrap()).unwrap();
    let arguments = |case: &toml::Value| -> Vec<String> {
        let arguments = case["arguments"].as_array().unwrap().iter();
        arguments.map(|argument| argument.as_str().unwrap().to_owned()).collect()
    };
    let all = cases["case"].as_array().unwrap().iter().map(arguments);
    all.filter(|arguments| arguments[0] == "check").map(|arguments| arguments[1..].to_vec()).collect()
}

/// The options that say what is judged and how, and not what is read.
fn options(arguments: &[String]) -> Vec<&str> {
    let pairs = arguments.windows(2).filter(|pair| pair[0] == "--config");
    pairs.flatten().map(String::as_str).collect()
}

fn texts(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// A report without what only shows where the configuration is at hand.
fn without_sources(mut report: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                if members.contains_key("location") {
                    members.insert("source".into(), Value::Null);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut report);
    let is_of_sources = |note: &Value| note["code"] == "source-differs" || note["code"] == "source-unreadable";
    report["notes"].as_array_mut().unwrap().retain(|note| !is_of_sources(note));
    report
}

/// Whether a run on facts says that they leave something out.
fn leaves_out(report: &Value) -> bool {
    report["notes"].as_array().unwrap().iter().any(|note| note["code"] == "sensitive-left-out")
}

/// Asserts that a run on facts says what a run on the inputs says. What hangs on something sensitive is open: that is said,
/// nothing fails for it, and nothing passes.
fn assert_same(joined: &Value, direct: &Value, name: &str) {
    if !leaves_out(joined) {
        assert_eq!(joined, direct, "{name}");
        return;
    }
    assert_eq!((&joined["inputs"], &joined["problems"]), (&direct["inputs"], &direct["problems"]), "{name}");
    assert_ne!(joined["verdict"], "pass", "{name}");
    let known = direct["findings"].as_array().unwrap();
    let is_known = |finding: &Value| {
        known
            .iter()
            .any(|known| known["fingerprint"] == finding["fingerprint"] && known["verdict"] == finding["verdict"])
    };
    for finding in joined["findings"].as_array().unwrap().iter().filter(|finding| !is_known(finding)) {
        assert_eq!(finding["verdict"], "undecided", "{name}: {finding}");
        let message = finding["message"].as_str().unwrap();
        assert!(!message.contains("after apply"), "{name}: {message}");
    }
}

#[test]
fn facts_are_judged_as_the_inputs_are() {
    let mut runs = 0;
    for folder in estates() {
        for arguments in cases(&folder) {
            runs += 1;
            let work = tempfile::tempdir().unwrap();
            let file = work.path().join("facts.json");
            let file = file.to_str().unwrap();
            let name = format!("{} {arguments:?}", folder.display());
            let direct = report(&folder, &texts(&arguments));
            let writing = report(&folder, &[&texts(&arguments)[..], &["--facts-out", file]].concat());
            assert_eq!(writing, direct, "{name}: what is written changes nothing");
            let options = options(&arguments);
            let joined = report(&folder, &[&options[..], &["--facts", file]].concat());
            assert_same(&joined, &direct, &name);
            // Facts of facts are the same facts.
            let again = work.path().join("again.json");
            let rewritten =
                report(&folder, &[&options[..], &["--facts-out", again.to_str().unwrap(), "--facts", file]].concat());
            assert_eq!(rewritten, joined, "{name}");
            assert_eq!(fs::read_to_string(&again).unwrap(), fs::read_to_string(file).unwrap(), "{name}");
            // On a machine that has nothing but the facts.
            if options.is_empty() {
                let elsewhere = report(work.path(), &["--facts", file]);
                assert_same(&without_sources(elsewhere), &without_sources(direct), &name);
            }
        }
    }
    assert!(runs > 100, "{runs}");
}

/// The plans, states and saved plans of a folder.
fn inputs(folder: &Path) -> Vec<String> {
    fn below(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                below(&entry.path(), &format!("{name}/"), found);
            } else if [".json", ".tfstate", ".tfplan"].iter().any(|ending| name.ends_with(ending))
                || name.ends_with("tfplan")
            {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    below(folder, "", &mut found);
    found.sort();
    found
}

#[test]
fn shards_are_judged_as_one_estate_however_they_are_cut() {
    let mut cuts = 0;
    for folder in estates() {
        let inputs = inputs(&folder);
        let whole = report(&folder, &inputs.iter().map(String::as_str).collect::<Vec<_>>());
        // Every third to one side, both ways, and one by one where there are few.
        let by = |of: &dyn Fn(usize) -> usize| -> Vec<Vec<&str>> {
            let mut shards: Vec<Vec<&str>> = Vec::new();
            for (index, input) in inputs.iter().enumerate() {
                shards.resize(shards.len().max(of(index) + 1), Vec::new());
                shards[of(index)].push(input);
            }
            shards.retain(|shard| !shard.is_empty());
            shards
        };
        let mut all = vec![by(&|index| index % 2), by(&|index| usize::from(index % 3 == 0))];
        if inputs.len() <= 8 {
            all.push(by(&|index| index));
        }
        for shards in all {
            cuts += 1;
            let work = tempfile::tempdir().unwrap();
            let files: Vec<String> = (0..shards.len())
                .map(|index| work.path().join(format!("{index}.json")).to_str().unwrap().into())
                .collect();
            for (shard, file) in shards.iter().zip(&files) {
                check(&folder, &[&shard[..], &["--facts-out", file]].concat());
            }
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            let joined = report(&folder, &[&["--facts"], &files[..]].concat());
            assert_same(&joined, &whole, &format!("{} {shards:?}", folder.display()));
        }
    }
    assert!(cuts > 50, "{cuts}");
}

/// Marks an attribute of every object of a type as sensitive. Whether there was one.
fn mark(document: &mut Value, resource_type: &str, attribute: &str) -> bool {
    let mut has_marked = false;
    for change in document["resource_changes"].as_array_mut().into_iter().flatten() {
        if change["type"] == resource_type && !change["change"]["after"][attribute].is_null() {
            for side in ["before_sensitive", "after_sensitive"] {
                if !change["change"][side].is_object() {
                    change["change"][side] = json!({});
                }
                change["change"][side][attribute] = json!(true);
            }
            has_marked = true;
        }
    }
    let is_of_type = |resource: &&mut Value| resource["type"] == resource_type;
    for resource in document["resources"].as_array_mut().into_iter().flatten().filter(is_of_type) {
        for instance in resource["instances"].as_array_mut().unwrap() {
            if !instance["attributes"][attribute].is_null() {
                instance["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": attribute }]]);
                has_marked = true;
            }
        }
    }
    has_marked
}

#[test]
fn what_hangs_on_something_sensitive_is_open() {
    let mut runs = 0;
    for name in ["broken-d-bad-lines", "broken-h-overlap", "broken-c-kms", "wired", "org", "secrets"] {
        for file in ["plan.json", "terraform.tfstate"] {
            let text = fs::read_to_string(fixtures().join("estates").join(name).join(file)).unwrap();
            for (resource_type, attribute) in [
                ("aws_s3_object", "content"),
                ("aws_s3_object", "server_side_encryption"),
                ("aws_s3_object", "kms_key_id"),
                ("aws_s3_bucket_policy", "policy"),
                ("aws_s3_bucket_policy", "bucket"),
                ("aws_kms_key", "policy"),
                ("aws_guardduty_ipset", "location"),
                ("aws_guardduty_ipset", "format"),
                ("aws_guardduty_ipset", "activate"),
                ("aws_guardduty_detector", "enable"),
                ("aws_guardduty_detector", "finding_publishing_frequency"),
                ("aws_guardduty_detector", "id"),
                ("aws_guardduty_detector_feature", "name"),
                ("aws_guardduty_publishing_destination", "destination_arn"),
                ("aws_cloudwatch_event_rule", "name"),
                ("aws_cloudwatch_event_rule", "event_pattern"),
                ("aws_cloudwatch_event_target", "arn"),
                ("aws_sns_topic_policy", "arn"),
                ("aws_iam_role", "assume_role_policy"),
            ] {
                let mut document: Value = serde_json::from_str(&text).unwrap();
                if !mark(&mut document, resource_type, attribute) {
                    continue;
                }
                runs += 1;
                let work = tempfile::tempdir().unwrap();
                fs::write(work.path().join(file), document.to_string()).unwrap();
                let direct = report(work.path(), &[file, "--facts-out", "facts.json"]);
                let joined = report(work.path(), &["--facts", "facts.json"]);
                let name = format!("{name} {file} {resource_type}.{attribute}");
                assert!(leaves_out(&joined), "{name}");
                assert_same(&joined, &direct, &name);
                // The input itself, beside its facts, leaves nothing open.
                assert_eq!(report(work.path(), &[file, "--facts", "facts.json"]), direct, "{name}");
            }
        }
    }
    assert!(runs > 60, "{runs}");
}

/// Writes files below a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
