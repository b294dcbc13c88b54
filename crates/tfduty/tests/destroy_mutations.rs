//! Two mutations of every scenario for `destroy`: mending the fault must change the verdict, an unrelated resource must
//! not. And the reverse: each break of a sound scenario gives the finding it should, and no other.
//!
//! The tables were written from the rule catalogue and the pages of the rules. A new rule of `destroy` that has something to say about a
//! scenario needs a row in `mends.rs`, and perhaps a second finding in a row of the other tables.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "destroy_mutations/afterwards.rs"]
mod afterwards;
#[path = "destroy_mutations/attributes.rs"]
mod attributes;
#[path = "destroy_mutations/breaks.rs"]
mod breaks;
#[path = "destroy_mutations/buckets.rs"]
mod buckets;
#[path = "destroy_mutations/deletes.rs"]
mod deletes;
#[path = "mutations/document.rs"]
#[expect(dead_code, reason = "some edits are for `check` alone")]
mod document;
#[path = "mutations/findings.rs"]
mod findings;
#[path = "destroy_mutations/harmless.rs"]
mod harmless;
#[path = "destroy_mutations/mends.rs"]
mod mends;
#[path = "destroy_mutations/others.rs"]
mod others;

use std::{collections::BTreeSet, sync::LazyLock};

use rayon::prelude::*;
use serde_json::{Value, json};

use afterwards::{Left, RAW, SHOWN};
use breaks::Break;
use common::{fixtures, tfduty};
use document::{Document, places::without_keys};
use findings::{Findings, base_name, beyond, documents, key, read, run};

/// A file, and whether it is given as the state after the destroy.
#[derive(Debug, Clone)]
struct Given {
    file: String,
    after: bool,
}

impl Given {
    /// What `destroy` finds in a document in the place of this file.
    fn run(&self, document: &Document) -> Option<Findings> {
        let name = base_name(&self.file);
        let arguments: &[&str] = if self.after { &["destroy", "--after", name] } else { &["destroy", name] };
        run(&[(&self.file, document)], arguments)
    }
}

/// What `destroy` finds in the file of a table.
fn destroy(file: &str, document: &Document) -> Option<Findings> {
    Given { file: file.to_owned(), after: false }.run(document)
}

/// What `destroy` judges, and what it finds.
type Judged = (Given, Document, Findings);

/// Every plan and state of the scenarios that `destroy` can judge, with what is found in it; states as those after the
/// destroy, too.
static JUDGED: LazyLock<Vec<Judged>> = LazyLock::new(judged);

fn judged() -> Vec<Judged> {
    let mut given = Vec::new();
    for (file, document) in documents() {
        if !document.is_plan() {
            given.push((Given { file: file.clone(), after: true }, document.clone()));
        }
        given.push((Given { file, after: false }, document));
    }
    let all: Vec<_> = given
        .into_par_iter()
        .filter_map(|(given, document)| given.run(&document).map(|findings| (given, document, findings)))
        .collect();
    assert!(all.len() > 160, "{} runs", all.len());
    all
}

#[test]
fn an_unrelated_resource_changes_nothing() {
    let wrong: Vec<String> = JUDGED
        .par_iter()
        .filter_map(|(given, document, findings)| {
            let mut mutated = document.clone();
            let attributes = json!({ "dashboard_name": "unrelated", "dashboard_body": "{\"widgets\":[]}" });
            // After a destroy, any managed object is one too many.
            let mode = if given.after { "data" } else { "managed" };
            mutated.insert(mode, "aws_cloudwatch_dashboard", "unrelated", &attributes);
            if given.after && mutated.is_raw() {
                mutated.insert_shell("aws_cloudwatch_dashboard", "shell");
            }
            let Some(mut after) = given.run(&mutated) else {
                return Some(format!("{given:?}: nothing could be judged"));
            };
            let mut before = findings.clone();
            if !mutated.is_destroy() && mutated.is_plan() {
                // The message counts the changes.
                before.iter_mut().chain(&mut after).for_each(|[.., message, _]| message.clear());
            }
            (after != before).then(|| format!("{given:?}: {after:?} instead of {before:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_can_be_mended_alone() {
    let judged = judged();
    let faults: Vec<_> = judged
        .iter()
        .flat_map(|(given, document, all)| all.iter().map(move |one| (given, document, all, one)))
        .collect();
    assert!(faults.len() > 300, "{} findings", faults.len());
    let wrong: Vec<String> = faults
        .into_par_iter()
        .flat_map_iter(|(given, document, findings, finding)| mended(given, document, findings, finding))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the mend of one finding.
fn mended(given: &Given, document: &Document, findings: &Findings, finding: &[String; 7]) -> Vec<String> {
    let [rule, _, address] = key(finding);
    let what = format!("{} {rule} {address}", given.file);
    let Some(mend) = mends::MENDS.iter().find(|mend| mend.is_for(&given.file, rule, address)) else {
        return vec![format!("{what}: no row of MENDS is for it")];
    };
    let mut mutated = document.clone();
    (mend.edit)(&mut mutated, address);
    let Some(after) = given.run(&mutated) else {
        return vec![format!("{what}: nothing could be judged when mended")];
    };
    let mut wrong = Vec::new();
    let gone = beyond(findings, &after);
    let same = |one: &[&str; 3]| one[0] == rule && without_keys(one[2]) == without_keys(address);
    if !gone.contains(&key(finding)) || !gone.iter().all(same) {
        wrong.push(format!("{what}: the mend takes {gone:?} away"));
    }
    let mut new = beyond(&after, findings);
    new.retain(|one| !mend.reveals.iter().any(|(rule, end)| one[0] == *rule && one[2].ends_with(end)));
    if !new.is_empty() {
        wrong.push(format!("{what}: the mend brings {new:?}"));
    }
    wrong
}

/// What is wrong with rows: each file of each in turn.
fn differences(rows: &[&[Break]]) -> Vec<String> {
    let runs: Vec<_> =
        rows.iter().flat_map(|rows| rows.iter()).flat_map(|row| row.on.iter().map(move |file| (row, *file))).collect();
    runs.into_par_iter()
        .filter_map(|(row, file)| {
            let mut document = read(file);
            let before = destroy(file, &document).unwrap();
            (row.edit)(&mut document);
            let Some(after) = destroy(file, &document) else {
                return Some(format!("{file}, {}: nothing could be judged", row.what));
            };
            let (mut new, mut gone) = (beyond(&after, &before), beyond(&before, &after));
            let (mut expected, mut expected_gone) = (row.new.to_vec(), row.gone.to_vec());
            for list in [&mut new, &mut gone, &mut expected, &mut expected_gone] {
                list.sort_unstable();
            }
            (new != expected || gone != expected_gone).then(|| {
                format!(
                    "{file}, {}:\n  new  {new:?}\n  not  {expected:?}\n  gone {gone:?}\n  not  {expected_gone:?}",
                    row.what
                )
            })
        })
        .collect()
}

#[test]
fn every_break_gives_its_finding_and_no_other() {
    let wrong = differences(&[breaks::BREAKS, buckets::BREAKS, others::BREAKS]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_of_destroy_has_a_break() {
    let file = fixtures().join("estates").join(RAW);
    let run = tfduty(file.parent().unwrap(), &["destroy", base_name(RAW), "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let rules = report["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap());
    let breaks = breaks::BREAKS.iter().chain(buckets::BREAKS).chain(others::BREAKS).flat_map(|row| row.new);
    let left = afterwards::LEFT.iter().flat_map(|row| row.found);
    let pairs = afterwards::PAIRS.iter().flat_map(|pair| pair.found);
    let mut broken: BTreeSet<_> = breaks.chain(left).chain(pairs).map(|[rule, ..]| *rule).collect();
    broken.extend(attributes::kept().iter().map(|kept| kept.rule));
    // What prevents a destroy is written in sources alone.
    broken.insert("destroy-prevented");
    let unbroken: Vec<_> = rules.filter(|rule| rule.starts_with("destroy-") && !broken.contains(rule)).collect();
    assert!(broken.len() > 19 && unbroken.is_empty(), "{unbroken:?}");
}

#[test]
fn what_is_no_fault_gives_no_finding() {
    let wrong = differences(&[harmless::HARMLESS, others::HARMLESS]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_attribute_that_keeps_an_object_is_found_and_no_other() {
    const FILES: &[&str] = &["minimal/plan-destroy.json", "minimal/terraform.tfstate", "minimal/state.json"];
    for file in FILES {
        let before = read(file);
        let (mut keeps, mut goes) = (before.clone(), before.clone());
        let mut expected = Vec::new();
        for (number, kept) in attributes::kept().iter().enumerate() {
            let name = format!("it_{number}");
            expected.push([kept.rule.to_owned(), format!("{}.{name}", kept.resource_type)]);
            keeps.insert("managed", kept.resource_type, &name, &kept.keeps);
            if let Some(attributes) = &kept.goes {
                goes.insert("managed", kept.resource_type, &name, attributes);
            }
        }
        let before = destroy(file, &before).unwrap();
        let found = destroy(file, &keeps).unwrap();
        let mut found: Vec<_> = beyond(&found, &before).iter().map(|[rule, _, address]| [*rule, *address]).collect();
        let mut expected: Vec<_> = expected.iter().map(|row| [row[0].as_str(), row[1].as_str()]).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{file}");
        assert_eq!(beyond(&destroy(file, &goes).unwrap(), &before), Vec::<[&str; 3]>::new(), "{file}");
    }
}

#[test]
fn what_is_left_after_a_destroy_is_found() {
    let rows = |file: &'static str, rows: &'static [Left]| rows.iter().map(move |row| (file, row));
    let mut wrong = Vec::new();
    for (file, row) in
        rows(RAW, afterwards::LEFT).chain(rows(SHOWN, afterwards::LEFT)).chain(rows(RAW, afterwards::LEFT_RAW))
    {
        let mut document = read(file);
        (row.edit)(&mut document);
        let found = Given { file: file.to_owned(), after: true }.run(&document);
        let found = found.unwrap_or_else(|| panic!("{file}, {}: nothing could be judged", row.what));
        let found: Vec<_> = found.iter().map(key).collect();
        if found != row.found {
            wrong.push(format!("{file}, {}: {found:?} instead of {:?}", row.what, row.found));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn states_that_do_not_belong_together_are_found() {
    let mut wrong = Vec::new();
    for pair in afterwards::PAIRS {
        let (before, after) = afterwards::edited(pair);
        let names = [format!("before-{}", base_name(pair.before)), format!("after-{}", base_name(pair.after))];
        let arguments = ["destroy", "--before", &names[0], "--after", &names[1]];
        let found = run(&[(&names[0], &before), (&names[1], &after)], &arguments);
        let found = found.unwrap_or_else(|| panic!("{}: nothing could be judged", pair.what));
        let mut found: Vec<_> = found.iter().map(key).collect();
        let mut expected = pair.found.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        if found != expected {
            wrong.push(format!("{}: {found:?} instead of {expected:?}", pair.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
