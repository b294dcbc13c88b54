//! What each broken link gives of the alert path (detector, event rule, target, resource policy or role, key, subscription)
//! and of the export path (detector, destination, bucket policy, key policy, order), and of what stands around them:
//! protection plans, filters, access, members. Each row of `breaks-wave-4.toml` edits the sound `wired` scenario, and the
//! findings that come and go are compared one by one.
//!
//! The rows were written from the rule catalogue, before the rules.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

#[path = "mutations/document.rs"]
#[expect(dead_code, reason = "some edits are for other tables alone")]
mod document;
#[path = "mutations/findings.rs"]
#[expect(dead_code, reason = "some of it is for other tables alone")]
mod findings;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use common::{fixtures, tfduty};
use document::Document;
use findings::{read, run};

const ESTATE: &str = "wired";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(rename = "break")]
    breaks: Vec<Row>,
}

/// What is edited, and what that must change. The file itself explains the words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    what: String,
    on: Vec<String>,
    edits: Vec<Edit>,
    new: Vec<Finding>,
    #[serde(default)]
    gone: Vec<Finding>,
    #[expect(dead_code, reason = "for readers: what the expectation rests on")]
    because: String,
    #[expect(dead_code, reason = "for readers: what else is to be known")]
    note: Option<String>,
}

/// One edit. Values are JSON.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Edit {
    Set { set: String, attribute: String, value: String },
    Hide { hide: String, attribute: String },
    Remove { remove: String },
    Insert { insert: String, value: String },
    Copy { copy: String, to: String, value: String },
    Express { express: String, argument: String, value: String },
    Depend { depend: String, without: String },
    Output { output: String, refers: String, value: String },
    Provider { provider: String, value: String },
}

/// A finding, by its address or, if it has none, by account and region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    rule: String,
    address: Option<String>,
    account: Option<String>,
    region: Option<String>,
    verdict: String,
}

fn rows() -> Vec<Row> {
    let file = fixtures().join("estates").join(ESTATE).join("breaks-wave-4.toml");
    toml::from_str::<Rows>(&fs::read_to_string(file).unwrap()).unwrap().breaks
}

impl Edit {
    fn apply(&self, document: &mut Document) {
        let parsed = |value: &str| -> Value { serde_json::from_str(value).unwrap() };
        match self {
            Self::Set { set, attribute, value } => document.set_argument(set, attribute, &parsed(value)),
            Self::Hide { hide, attribute } => {
                document.hide(hide, attribute);
                document.express(hide, attribute, json!({ "references": ["var.unknown"] }));
            }
            Self::Remove { remove } => document.remove(remove),
            Self::Insert { insert, value } => {
                let data = insert.strip_prefix("data.");
                let (resource_type, name) = data.unwrap_or(insert).split_once('.').unwrap();
                let mode = if data.is_some() { "data" } else { "managed" };
                document.insert(mode, resource_type, name, &parsed(value));
            }
            Self::Copy { copy, to, value } => {
                let attributes = parsed(value);
                let own = attributes.as_object().unwrap().iter();
                let own: Vec<_> = own.map(|(name, value)| (name.as_str(), value.clone())).collect();
                document.copy(copy, to, &own);
            }
            Self::Express { express, argument, value } => document.express(express, argument, parsed(value)),
            Self::Depend { depend, without } if without == "*" => document.forget_dependencies(depend),
            Self::Depend { depend, without } => document.depend(depend, Some(without), None),
            Self::Output { output, refers, value } => document.add_output(output, refers, &parsed(value)),
            Self::Provider { provider, value } => document.add_provider(provider, &parsed(value)),
        }
    }
}

/// What is found in a document. Nothing where nothing could be audited.
fn check(document: &Document, file: &str) -> Option<Vec<Finding>> {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let findings = run(&[(file, document)], &["check", file])?.into_iter();
    let findings = findings.map(|[rule, verdict, address, account, region, ..]| {
        let address = some(address);
        let named = |text: String| some(text).filter(|_| address.is_none());
        let (account, region) = (named(account), named(region));
        Finding { rule, address, account, region, verdict }
    });
    Some(findings.collect())
}

/// What is in one list more often than in the other, sorted.
fn beyond(more: &[Finding], fewer: &[Finding]) -> Vec<Finding> {
    let mut fewer = fewer.to_vec();
    let mut rest = more.to_vec();
    rest.retain(|finding| match fewer.iter().position(|other| other == finding) {
        Some(place) => {
            fewer.swap_remove(place);
            false
        }
        None => true,
    });
    rest.sort();
    rest
}

fn line(finding: &Finding) -> String {
    let place = [&finding.address, &finding.account, &finding.region].into_iter().flatten();
    format!("{} {} {}", finding.verdict, finding.rule, place.map(String::as_str).collect::<Vec<_>>().join(" "))
}

/// How a row's run on a file differs from what the row says.
fn difference(row: &Row, file: &str, (document, before): &(Document, Vec<Finding>)) -> Option<String> {
    let mut document = document.clone();
    row.edits.iter().for_each(|edit| edit.apply(&mut document));
    let Some(after) = check(&document, file) else {
        return Some(format!("{file}, {}: nothing could be audited", row.what));
    };
    let (new, gone) = (beyond(&after, before), beyond(before, &after));
    let differs =
        [("new", &new, &row.new), ("gone", &gone, &row.gone)].into_iter().flat_map(|(word, given, expected)| {
            let surplus =
                beyond(given, expected).into_iter().map(move |one| format!("\n  {word}, not expected: {}", line(&one)));
            surplus.chain(beyond(expected, given).into_iter().map(move |one| format!("\n  not {word}: {}", line(&one))))
        });
    let differs: String = differs.collect();
    (!differs.is_empty()).then(|| format!("{file}, {}:{differs}", row.what))
}

#[test]
fn every_broken_link_gives_what_was_expected_of_it() {
    let rows = rows();
    let runs: Vec<_> = rows.iter().flat_map(|row| row.on.iter().map(move |file| (row, file))).collect();
    assert!(runs.len() > 400, "{} runs", runs.len());
    let files: BTreeSet<&str> = runs.iter().map(|(_, file)| file.as_str()).collect();
    let sound = files.into_iter().map(|file| {
        let document = read(&format!("{ESTATE}/{file}"));
        let before = check(&document, file).unwrap();
        (file, (document, before))
    });
    let sound: BTreeMap<_, _> = sound.collect();
    let wrong = runs.into_par_iter().filter_map(|(row, file)| difference(row, file, &sound[file.as_str()]));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_of_these_families_is_broken_somewhere() {
    let families = ["coverage-region", "coverage-uneven", "protection-", "findings-", "access-", "org-"];
    let run = tfduty(&fixtures().join("estates").join(ESTATE), &["check", "state.json", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let rules = report["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap());
    let rules: BTreeSet<&str> = rules.filter(|rule| families.iter().any(|family| rule.starts_with(family))).collect();
    let rows = rows();
    let broken: BTreeSet<&str> =
        rows.iter().flat_map(|row| &row.new).filter(|it| it.verdict == "fail").map(|it| it.rule.as_str()).collect();
    let unbroken: Vec<_> = rules.difference(&broken).collect();
    assert!(rules.len() > 20 && unbroken.is_empty(), "{unbroken:?}");
}
