//! What was read elsewhere is judged as if it had been read here: `--facts-out` and `--facts`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

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
            assert_eq!(joined, direct, "{name}");
            // Facts of facts are the same facts.
            let again = work.path().join("again.json");
            let rewritten =
                report(&folder, &[&options[..], &["--facts-out", again.to_str().unwrap(), "--facts", file]].concat());
            assert_eq!(rewritten, direct, "{name}");
            assert_eq!(fs::read_to_string(&again).unwrap(), fs::read_to_string(file).unwrap(), "{name}");
            // On a machine that has nothing but the facts.
            if options.is_empty() {
                let elsewhere = report(work.path(), &["--facts", file]);
                assert_eq!(without_sources(elsewhere), without_sources(direct), "{name}");
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
            assert_eq!(joined, whole, "{} {shards:?}", folder.display());
        }
    }
    assert!(cuts > 50, "{cuts}");
}
