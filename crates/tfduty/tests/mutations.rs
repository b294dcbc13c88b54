//! Two mutations of every scenario: mending the fault must change the verdict, an unrelated resource must not. And the
//! reverse: each break of a sound scenario gives the finding it should, and no other.
//!
//! The tables were written from the rule catalogue alone. A new rule that has something to say about a scenario needs a
//! row in `mends/`, and perhaps a second finding in a row of `breaks.rs` or `changes.rs`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "mutations/breaks.rs"]
mod breaks;
#[path = "mutations/changes.rs"]
mod changes;
#[expect(dead_code, reason = "other tables edit more than these")]
#[path = "mutations/document.rs"]
mod document;
#[path = "mutations/findings.rs"]
mod findings;
#[path = "mutations/harmless.rs"]
mod harmless;
#[path = "mutations/lists.rs"]
mod lists;
#[path = "mutations/mends.rs"]
mod mends;
#[path = "mutations/quiet.rs"]
mod quiet;

use std::sync::LazyLock;

use rayon::prelude::*;
use serde_json::json;

use breaks::Break;
use document::{Document, places::without_keys};

use findings::{Findings, base_name, beyond, documents, key, read, run};
use mends::Mend;

/// Audits a document under a name, alone in a repository. Without findings where nothing could be audited.
fn check(document: &Document, file: &str) -> Option<Findings> {
    run(&[(file, document)], &["check", base_name(file)])
}

/// A file, what it holds, and what is found in it.
type Audited = (String, Document, Findings);

/// Every plan and state of the scenarios that can be audited.
static AUDITED: LazyLock<Vec<Audited>> = LazyLock::new(|| {
    let documents = documents().into_par_iter();
    let all: Vec<_> = documents
        .filter_map(|(file, document)| check(&document, &file).map(|findings| (file, document, findings)))
        .collect();
    assert!(all.len() > 80, "{} files", all.len());
    all
});

#[test]
fn an_unrelated_resource_changes_nothing() {
    AUDITED.par_iter().for_each(|(file, document, findings)| {
        let mut mutated = document.clone();
        mutated.insert(
            "managed",
            "aws_cloudwatch_dashboard",
            "unrelated",
            &json!({ "dashboard_name": "unrelated", "dashboard_body": "{\"widgets\":[]}" }),
        );
        assert_ne!(mutated.text(), document.text());
        assert_eq!(check(&mutated, file).as_ref(), Some(findings), "{file}");
    });
}

#[test]
fn every_fault_can_be_mended_alone() {
    let faults: Vec<_> = AUDITED.iter().flat_map(|audited| audited.2.iter().map(move |one| (audited, one))).collect();
    assert!(faults.len() > 250, "{} findings", faults.len());
    let wrong: Vec<String> = faults.into_par_iter().flat_map_iter(|(audited, one)| mended(audited, one)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the mend of one finding.
fn mended((file, document, findings): &Audited, finding: &[String; 7]) -> Vec<String> {
    let [rule, _, address] = key(finding);
    let Some(mend) = Mend::of(file, rule, address) else {
        return vec![format!("{file}: no row of MENDS is for {rule} {address}")];
    };
    let mut mutated = document.clone();
    (mend.edit)(&mut mutated, address);
    let after = check(&mutated, file).unwrap_or_else(|| panic!("{file}: {rule} {address}"));
    let mut wrong = Vec::new();
    let gone = beyond(findings, &after);
    let same = |one: &[&str; 3]| one[0] == rule && without_keys(one[2]) == without_keys(address);
    let also = |one: &[&str; 3]| mend.also.contains(&(one[0], one[2]));
    if !gone.contains(&key(finding))
        || !gone.iter().all(|one| same(one) || also(one))
        || !mend.also.iter().all(|(rule, address)| gone.iter().any(|one| [one[0], one[2]] == [*rule, *address]))
    {
        wrong.push(format!("{file}: mending {rule} {address} takes {gone:?} away"));
    }
    let mut new = beyond(&after, findings);
    new.retain(|one| !mend.reveals.iter().any(|(rule, end)| one[0] == *rule && one[2].ends_with(end)));
    if !new.is_empty() {
        wrong.push(format!("{file}: mending {rule} {address} brings {new:?}"));
    }
    wrong
}

/// What is wrong with rows, each with the findings that it ends: each file of each in turn.
fn differences<'a>(rows: impl Iterator<Item = (&'a Break, &'a [[&'a str; 3]])>) -> Vec<String> {
    let runs: Vec<_> = rows.flat_map(|(row, ended)| row.on.iter().map(move |file| (row, ended, *file))).collect();
    runs.into_par_iter()
        .filter_map(|(row, ended, file)| {
            let mut document = read(file);
            let before = check(&document, file).unwrap();
            (row.edit)(&mut document);
            let Some(after) = check(&document, file) else {
                return Some(format!("{file}, {}: nothing could be audited", row.what));
            };
            let (mut new, mut gone) = (beyond(&after, &before), beyond(&before, &after));
            let (mut expected, mut ended) = (row.expected.to_vec(), ended.to_vec());
            for list in [&mut new, &mut gone, &mut expected, &mut ended] {
                list.sort_unstable();
            }
            (new != expected || gone != ended).then(|| {
                format!("{file}, {}:\n  new  {new:?}\n  not  {expected:?}\n  gone {gone:?}\n  not  {ended:?}", row.what)
            })
        })
        .collect()
}

#[test]
fn every_break_gives_its_finding_and_no_other() {
    let rows = breaks::BREAKS.iter().chain(breaks::AMONG_MANY).chain(changes::BREAKS).chain(lists::BREAKS);
    let rows = rows.map(|row| (row, &[][..])).chain(breaks::TRADES.iter().map(|(row, ended)| (row, *ended)));
    let wrong = differences(rows);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_of_the_first_wave_has_a_break() {
    for rule in breaks::RULES {
        let mut rows = breaks::BREAKS.iter().chain(changes::BREAKS);
        assert!(rows.any(|row| row.expected.iter().any(|[broken, ..]| broken == rule)), "{rule}");
    }
}

#[test]
fn what_is_no_fault_gives_no_finding() {
    let rows = harmless::HARMLESS.iter().chain(changes::HARMLESS).chain(lists::HARMLESS).chain(quiet::HARMLESS);
    assert!(rows.clone().all(|row| row.expected.is_empty()));
    let wrong = differences(rows.map(|row| (row, &[][..])));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Writes another location of the same bucket and key into a trusted set, and says what is new.
fn relocated(file: &str, form: &str) -> Vec<[String; 3]> {
    const SET: &str = "aws_guardduty_ipset.trusted";
    let mut document = read(file);
    let before = check(&document, file).unwrap();
    let location = document.get(SET, "location");
    let path = location.as_str().unwrap().strip_prefix("https://s3.amazonaws.com/").unwrap();
    let (bucket, key) = path.split_once('/').unwrap();
    let location = form.replace("BUCKET", bucket).replace("KEY", key).replace("LONG", &"long/".repeat(60));
    document.set(SET, "location", &json!(location));
    let after = check(&document, file).unwrap();
    let new = beyond(&after, &before);
    new.iter().map(|row| row.map(str::to_owned)).collect()
}

const LOCATED: &[&str] = &["wired/terraform.tfstate", "wired/state.json", "targeted/plan-targeted.json"];

#[test]
fn a_location_in_any_accepted_form_is_sound() {
    for file in LOCATED {
        for form in harmless::LOCATIONS {
            assert_eq!(relocated(file, form), Vec::<[String; 3]>::new(), "{file}: {form}");
        }
    }
}

#[test]
fn a_location_in_any_other_form_is_a_fault_of_its_own() {
    for file in LOCATED {
        for (form, why) in breaks::LOCATIONS {
            let expected = [["list-location-invalid", "fail", "aws_guardduty_ipset.trusted"]];
            let mut new = relocated(file, form);
            // Where it names no object, nothing reads the list.
            new.retain(|[rule, _, address]| (&**rule, &**address) != ("list-unused", "aws_s3_object.trusted"));
            assert_eq!(new, expected, "{file}: {form} ({why})");
        }
    }
}
