//! Laws of whole runs, over every estate that the real Terraform made.
//!
//! What a mutation of one fault does is in `mutations.rs`; here nothing is broken or mended, and so the same is to be said.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "laws/plans.rs"]
mod plans;
#[path = "laws/printed.rs"]
mod printed;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use serde_json::Value;

use common::{fixtures, tfduty};
use printed::{Order, printed};

/// The commands whose reports are compared.
const COMMANDS: [&str; 2] = ["check", "destroy"];

/// Folders of scenarios.
fn estates() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures().join("estates")).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// Plans and states of a scenario, by their names.
fn documents(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|extension| extension == "json" || extension == "tfstate") {
            found.push((name, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()));
        }
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    found
}

/// A repository with these files.
fn repository<'f>(files: impl IntoIterator<Item = (&'f str, String)>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// The report of a run, without what hangs on where in a file something is written.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let run = tfduty(folder, &[arguments, &["--format", "json", "--today", "2026-11-24"]].concat());
    assert_eq!(run.stderr, "", "{arguments:?}");
    let mut report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["exit_status"], run.status, "{arguments:?}");
    strip(&mut report);
    let findings = report["findings"].as_array_mut().unwrap();
    findings.sort_by_key(ToString::to_string);
    report
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in ["byte", "bytes", "byte_start", "byte_end", "line", "column"] {
                members.remove(name);
            }
            if let Some(Value::Array(related)) = members.get_mut("related") {
                related.iter_mut().for_each(strip);
                related.sort_by_key(ToString::to_string);
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Rule, verdict and address of each finding that nothing suppresses.
fn findings(report: &Value) -> BTreeSet<[String; 3]> {
    let all = report["findings"].as_array().unwrap().iter().filter(|finding| finding["suppressed"].is_null());
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    all.map(|finding| ["rule", "verdict", "address"].map(|name| text(finding, name))).collect()
}

/// Asks a law of every scenario at once.
#[track_caller]
fn assert_of_each(law: impl Fn(&Path) -> Vec<String> + Sync) {
    let wrong: Vec<String> = estates()
        .par_iter()
        .flat_map_iter(|estate| {
            let name = estate.file_name().unwrap().to_str().unwrap();
            law(estate).into_iter().map(move |wrong| format!("{name}: {wrong}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where two reports differ, in a few words; nothing where they do not.
fn difference(left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        _ if left == right => None,
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            let mut inside = one.iter().filter_map(|(name, left)| Some((name, difference(left, other.get(name)?)?)));
            inside.next().map(|(name, inside)| format!("{name}: {inside}"))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).find_map(|(left, right)| difference(left, right))
        }
        _ => Some(format!("{left} is not {right}")),
    }
}

#[test]
fn the_order_of_keys_and_white_space_are_nothing() {
    assert_of_each(|estate| {
        let mut wrong = Vec::new();
        for (name, document) in documents(estate) {
            for command in COMMANDS {
                let said = |order| report(repository([(&*name, printed(&document, order))]).path(), &[command, &name]);
                let difference = difference(&said(Order::Sorted), &said(Order::Reversed));
                wrong.extend(difference.map(|difference| format!("{command} {name}: {difference}")));
            }
        }
        wrong
    });
}

#[test]
fn the_order_of_files_is_nothing() {
    assert_of_each(|estate| {
        let documents = documents(estate);
        let folder = repository(documents.iter().map(|(name, document)| (&**name, document.to_string())));
        let mut names: Vec<&str> = documents.iter().map(|(name, _)| &**name).collect();
        let mut said = |command| {
            names.reverse();
            report(folder.path(), &[&[command], &*names].concat())
        };
        COMMANDS.into_iter().filter_map(|command| difference(&said(command), &said(command))).collect()
    });
}

/// A plan beside the state that it was made from, or that it made, is judged as it is alone; and so is a state.
#[test]
fn what_is_not_judged_changes_nothing() {
    const STATE: &str = "terraform.tfstate";
    assert_of_each(|estate| {
        let (state, others): (Vec<_>, Vec<_>) = documents(estate).into_iter().partition(|(name, _)| name == STATE);
        let mut wrong = Vec::new();
        for ((_, state), (name, other)) in state.iter().flat_map(|state| others.iter().map(move |other| (state, other)))
        {
            let folder = repository([(STATE, state.to_string()), (name, other.to_string())]);
            let both = report(folder.path(), &["check", STATE, name]);
            let inputs = both["inputs"].as_array().unwrap().iter();
            let judged: Vec<_> = inputs.filter(|input| input["role"] == "judged").map(|input| &input["path"]).collect();
            let &[judged] = &judged[..] else { continue };
            let alone = findings(&report(folder.path(), &["check", judged.as_str().unwrap()]));
            let mut both = findings(&both);
            // What it finds is that there is another input.
            both.retain(|[rule, ..]| rule != "state-stale-copy");
            let differences: Vec<_> = both.symmetric_difference(&alone).collect();
            if !differences.is_empty() {
                wrong.push(format!("{name}, {judged} alone: {differences:?}"));
            }
        }
        wrong
    });
}

#[test]
fn an_ignore_suppresses_its_finding_and_no_other() {
    assert_of_each(|estate| {
        let mut wrong = Vec::new();
        for (name, document) in documents(estate) {
            let folder = repository([(&*name, document.to_string())]);
            let before = findings(&report(folder.path(), &["check", &name]));
            for [rule, _, address] in before.iter().filter(|[_, _, address]| !address.is_empty()) {
                let quoted = Value::String(address.clone());
                let ignore = format!("[[ignore]]\nrule = \"{rule}\"\naddress = {quoted}\nreason = \"a test\"\n");
                fs::write(folder.path().join("tfduty.toml"), ignore).unwrap();
                let report = report(folder.path(), &["check", &name]);
                let after = findings(&report);
                let is_it = |[other, _, place]: &[String; 3]| [other, place] == [rule, address];
                let all = report["findings"].as_array().unwrap().iter();
                let mut suppressed = all.filter(|one| !one["suppressed"].is_null()).peekable();
                // What it explained may come in its place.
                let is_gone = after.iter().all(|one| !is_it(one)) && before.difference(&after).all(is_it);
                let is_told = suppressed.peek().is_some()
                    && suppressed.all(|one| one["rule"] == **rule && one["address"] == **address);
                if !is_gone || !is_told {
                    wrong.push(format!("{name}: {rule} {address}: {before:?} becomes {after:?}"));
                }
            }
        }
        wrong
    });
}

/// A module by another name: the same is said of the same objects.
#[test]
fn renaming_a_module_renames_addresses_alone() {
    let estate = fixtures().join("estates/modules");
    let modules = ["ireland", "tokyo", "virginia"];
    let mut renamed = 0;
    for (name, document) in documents(&estate) {
        let text = document.to_string();
        for module in modules {
            // Addresses, in any text; and the names of calls, which are keys.
            let new = "zz_other";
            let other = text
                .replace(&format!("module.{module}"), &format!("module.{new}"))
                .replace(&format!("\"{module}\":{{\"expressions\""), &format!("\"{new}\":{{\"expressions\""))
                .replace(&format!("\"{module}\":{{\"module\""), &format!("\"{new}\":{{\"module\""));
            if other == text {
                continue;
            }
            renamed += 1;
            for command in COMMANDS {
                let said = report(repository([(&*name, text.clone())]).path(), &[command, &name]);
                let expected: BTreeSet<_> = findings(&said)
                    .into_iter()
                    .map(|row| row.map(|text| text.replace(&format!("module.{module}"), &format!("module.{new}"))))
                    .collect();
                let said = report(repository([(&*name, other.clone())]).path(), &[command, &name]);
                assert_eq!(findings(&said), expected, "{command} {name}: {module}");
            }
        }
    }
    assert!(renamed > 3, "{renamed} modules were renamed");
}
