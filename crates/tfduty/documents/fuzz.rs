//! The files that only the binary reads, through a whole run: configuration, baselines, facts.

use std::{fs, path::PathBuf};

use clap::{Parser, ValueEnum};
use tfduty_audit::{Verdict, audit};
use tfduty_fuzz::{Mutate, Target, fixtures, fuzz, json, text};
use tfduty_terraform::is_hazard;

use super::*;
use crate::{
    arguments::{Arguments, Command as Parsed, FormatArgument},
    run,
};

/// A plan with findings of several rules.
const PLAN: &str = "fixtures/suppressions/plan.json";

/// What came of a run: its verdict, what its rules and problems say, and its facts where they were wanted.
type Outcome = (Verdict, Vec<String>, Option<Vec<u8>>);

/// What `tfduty check` does, but for writing anything.
fn check(arguments: &[&str], keeps_facts: bool) -> Outcome {
    let given = ["tfduty", "check", "--today", "2026-11-24"].into_iter().chain(arguments.iter().copied());
    let Ok(Arguments { command: Parsed::Check(given) }) = Arguments::try_parse_from(given) else {
        panic!("{arguments:?}")
    };
    let request = Request { facts: &given.facts, keeps_facts, ..Request::new(Command::Check, &given.documents) };
    let (settings, problems) = begin(Command::Check, &given.run.judging);
    let Loaded { mut estate, kept, facts } = load(&request, true, None, problems);
    let report = audit(&mut estate, &settings);
    let facts = facts.map(|facts| facts.finish(&estate).unwrap_or_default());
    let kept = texts(&mut estate, kept);
    let texts = run::texts(&estate, &report, kept);
    for format in FormatArgument::value_variants() {
        let out = output::render(*format, &report, &texts, &tfduty_report::Options::default()).unwrap();
        let out = String::from_utf8(out).unwrap();
        let hazard = out.chars().find(|c| is_hazard(*c) && *c != '\n');
        assert!(hazard.is_none(), "{hazard:?} is in the output: {out}");
    }
    assert!(report.problems.is_empty() || report.verdict == Verdict::Error);
    let rules = report.findings.iter().map(|one| format!("{} {:?}", one.rule.id, one.suppressed.is_some()));
    let mut said: Vec<String> = rules.chain(report.problems.iter().map(|one| one.message.clone())).collect();
    said.sort_unstable();
    said.dedup();
    (report.verdict, said, facts)
}

/// Runs with mutants of a file that an option names.
fn of_option(name: &'static str, option: &str, (seeds, mutate, mutants): (Vec<Vec<u8>>, Mutate, u64)) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let path = file.to_str().unwrap();
    fuzz(&Target { name, seeds, mutate, mutants }, |bytes| {
        fs::write(&file, bytes).unwrap();
        let (verdict, said, _) =
            if option == "--facts" { check(&[option, path], false) } else { check(&[PLAN, option, path], false) };
        // The path is another one each time.
        (verdict, said.into_iter().map(|said| said.replace(path, "")).collect::<Vec<_>>())
    });
}

#[test]
fn fuzz_config() {
    let is_config = |path: &str| path.ends_with("tfduty.toml") || path.ends_with("two-regions.toml");
    let files = ["suppressions", "estates/org-three-states"].into_iter().flat_map(fixtures);
    let mut seeds: Vec<_> = files.filter(|file| is_config(&file.path)).map(|file| file.bytes).collect();
    seeds.push(crate::config::EXAMPLE.into());
    of_option("config", "--config", (seeds, text, 150));
}

#[test]
fn fuzz_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baseline.json");
    let given = ["tfduty", "check", PLAN, "--write-baseline", file.to_str().unwrap()];
    let Ok(Arguments { command: Parsed::Check(given) }) = Arguments::try_parse_from(given) else { panic!() };
    let (settings, problems) = begin(Command::Check, &given.run.judging);
    let Loaded { mut estate, .. } = load(&Request::new(Command::Check, &given.documents), false, None, problems);
    let report = audit(&mut estate, &settings);
    crate::baseline::write(&file, &report).unwrap();
    of_option("baseline", "--baseline", (vec![fs::read(&file).unwrap()], json, 150));
}

#[test]
fn fuzz_facts() {
    let inputs = ["suppressions", "estates/minimal", "estates/broken-b-policy-denies", "estates/broken-d-bad-lines"];
    let folders = inputs.map(|folder| PathBuf::from("fixtures").join(folder));
    let facts = folders.map(|folder| check(&[folder.to_str().unwrap()], true).2.unwrap());
    assert!(facts.iter().all(|facts| facts.starts_with(b"{\"tfduty_facts\":")));
    of_option("facts", "--facts", (facts.to_vec(), json, 60));
}
