//! What is said of a plan, and of the state that it makes.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use super::{documents, estates, findings, report, repository};

/// Rules about what a plan does, or how it does it: the state that it makes does not show it.
const OF_PLANS: &[&str] =
    &["list-object-order", "list-refresh-unwired", "list-stale", "findings-export-order", "detector-drift"];

/// Scenarios with a plan and the state that it made.
fn pairs() -> Vec<(String, Value, Value)> {
    let pair = |estate: std::path::PathBuf| {
        let mut documents = documents(&estate);
        let mut take = |name: &str| {
            let position = documents.iter().position(|(file, _)| file == name)?;
            Some(documents.swap_remove(position).1)
        };
        let (plan, state) = (take("plan.json")?, take("terraform.tfstate")?);
        Some((estate.file_name()?.to_str()?.to_owned(), plan, state))
    };
    let pairs: Vec<_> = estates().into_iter().filter_map(pair).collect();
    assert!(pairs.len() > 15, "{} pairs", pairs.len());
    pairs
}

fn failures(findings: &BTreeSet<[String; 3]>) -> BTreeSet<&[String; 3]> {
    findings.iter().filter(|[rule, verdict, _]| verdict == "fail" && !OF_PLANS.contains(&&**rule)).collect()
}

/// A report, and its findings.
type Said = (Value, BTreeSet<[String; 3]>);

fn said(name: &str, document: &Value) -> Said {
    let report = report(repository([(name, document.to_string())]).path(), &["check", name]);
    let findings = findings(&report);
    (report, findings)
}

/// Whether a rule may have left a subject open: what it skipped or could not decide, and what it did not see at all, may
/// become anything.
fn left_open(report: &Value, rule: &str) -> bool {
    let tally = report["rules"].as_array().unwrap().iter().find(|tally| tally["id"] == rule).unwrap();
    let count = |verdict: &str| tally[verdict].as_u64().unwrap();
    count("undecided") + count("skipped") > 0 || count("passed") + count("failed") == 0
}

/// What fails in one run and passes in the other.
fn opposites(one: &Said, other: &Said) -> Vec<String> {
    let (left, right) = (failures(&one.1), failures(&other.1));
    let only = |more: &BTreeSet<&[String; 3]>, fewer: &BTreeSet<&[String; 3]>, report: &Value| -> Vec<[String; 3]> {
        more.difference(fewer).filter(|row| !left_open(report, &row[0])).map(|row| (*row).clone()).collect()
    };
    let (mended, broken) = (only(&left, &right, &other.0), only(&right, &left, &one.0));
    let mended = mended.into_iter().map(|row| format!("{row:?} fails, and then passes"));
    mended.chain(broken.into_iter().map(|row| format!("{row:?} passes, and then fails"))).collect()
}

#[test]
fn what_is_decided_of_a_plan_holds_of_the_state_it_makes() {
    let wrong: Vec<String> = pairs()
        .into_par_iter()
        .flat_map_iter(|(estate, plan, state)| {
            let opposites = opposites(&said("plan.json", &plan), &said("terraform.tfstate", &state));
            opposites.into_iter().map(move |wrong| format!("{estate}: {wrong}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Makes what a plan does not know of some objects known, as it came to be: of every so many-th, and of all that these
/// depend on, since nothing is known before what it is made of.
fn refine(plan: &Value, state: &Value, (every, first): (usize, usize)) -> Value {
    let mut plan = plan.clone();
    let Some(items) = plan["resource_changes"].as_array_mut() else { return plan };
    let mut chosen = BTreeSet::new();
    for item in items.iter().skip(first).step_by(every) {
        chosen.insert(block(item, "module_address"));
        chosen.extend(dependencies(state, item));
    }
    for item in items.iter_mut().filter(|item| chosen.contains(&block(item, "module_address"))) {
        let made = instance(state, item).map(|instance| instance["attributes"].clone()).unwrap_or_default();
        let change = &mut item["change"];
        let Some(unknown) = change["after_unknown"].as_object().cloned() else { continue };
        for (name, _) in unknown.into_iter().filter(|(_, value)| *value == Value::Bool(true)) {
            if let (Some(value), Some(after)) = (made.get(&name), change["after"].as_object_mut()) {
                after.insert(name.clone(), value.clone());
                change["after_unknown"].as_object_mut().unwrap().remove(&name);
            }
        }
    }
    plan
}

/// The address of the block that makes an object, as dependencies name it: without keys.
fn block(object: &Value, module: &str) -> String {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let (module, data) = (text(module), if text("mode") == "data" { "data." } else { "" });
    let dot = if module.is_empty() { "" } else { "." };
    let address = format!("{module}{dot}{data}{}.{}", text("type"), text("name"));
    address.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect()
}

fn resource<'s>(state: &'s Value, item: &Value) -> Option<&'s Value> {
    let is_it = |resource: &&Value| {
        ["mode", "type", "name"].iter().all(|name| resource[name] == item[name])
            && resource.get("module") == item.get("module_address")
    };
    state["resources"].as_array()?.iter().find(is_it)
}

/// The object that an item of a plan makes.
fn instance<'s>(state: &'s Value, item: &Value) -> Option<&'s Value> {
    let is_it = |instance: &&Value| instance.get("index_key") == item.get("index") && instance.get("deposed").is_none();
    resource(state, item)?["instances"].as_array()?.iter().find(is_it)
}

/// What the object that an item makes depends on.
fn dependencies(state: &Value, item: &Value) -> Vec<String> {
    let all = instance(state, item).and_then(|instance| instance["dependencies"].as_array());
    all.into_iter().flatten().map(|address| address.as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn to_know_more_turns_no_verdict_into_its_opposite() {
    const CHOICES: [(usize, usize); 6] = [(1, 0), (2, 0), (2, 1), (4, 1), (5, 2), (6, 3)];
    let refined: Vec<(bool, Vec<String>)> = pairs()
        .into_par_iter()
        .flat_map_iter(|(estate, plan, state)| {
            let before = said("plan.json", &plan);
            CHOICES.map(|choice| {
                let refined = refine(&plan, &state, choice);
                let opposites = opposites(&before, &said("plan.json", &refined));
                (refined != plan, opposites.into_iter().map(|wrong| format!("{estate}, {choice:?}: {wrong}")).collect())
            })
        })
        .collect();
    let wrong: Vec<_> = refined.iter().flat_map(|(_, wrong)| wrong.iter().map(String::as_str)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let refined = refined.iter().filter(|(is_refined, _)| *is_refined).count();
    assert!(refined > 60, "{refined} plans were refined");
}
