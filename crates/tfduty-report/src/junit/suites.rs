//! From a report to test cases.

use std::collections::{BTreeMap, HashMap, HashSet};

use tfduty_audit::{Finding, FindingVerdict, InputSummary, Note, Problem, Report, Tally};

use crate::{
    Texts,
    human::{subject, suppressor},
    json,
    places::Places,
    rule_url,
    spot::Spot,
};

/// Class of the test cases that tell whether a file could be audited at all.
const READING: &str = "tfduty.input";

/// Digits of a fingerprint that tell two findings apart.
const MARK: usize = 8;

/// Test cases that belong together.
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) properties: Vec<(&'static str, String)>,
    pub(super) cases: Vec<Case>,
    /// What is said beside the test cases, a line each.
    pub(super) notes: Vec<String>,
}

/// What was found of one subject.
pub(super) struct Case {
    /// The rule, in the package `tfduty`.
    pub(super) class: String,
    /// The subject. No two cases of a class have the same: CI servers show only one of those.
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

#[derive(PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Skipped { why: String },
    Failed { severity: String, message: String, lines: Vec<String> },
    Error { message: String, lines: Vec<String> },
}

/// The suite of the run, those of the inputs, and those of files that are none, because they could not be audited.
pub(super) fn suites(report: &Report, texts: &dyn Texts) -> Vec<Suite> {
    let mut files: Vec<(&str, Option<&InputSummary>)> =
        report.inputs.iter().map(|input| (&*input.path, Some(input))).collect();
    let mut known: HashSet<&str> = files.iter().map(|(path, _)| *path).collect();
    for path in report.problems.iter().filter_map(|problem| problem.path.as_deref()) {
        if known.insert(path) {
            files.push((path, None));
        }
    }
    let said = Said::of(report);
    let mut suites = vec![of_run(report, &said, &known)];
    suites.extend(files.iter().map(|(path, input)| of_file(&said, path, *input)));
    let names = names(report);
    let mut places = Places::new(texts);
    for (finding, name) in report.findings.iter().zip(names) {
        let class = format!("tfduty.{}", finding.rule.id);
        let outcome = outcome(finding, report, &mut places);
        // The suite of the run comes first.
        if let Some(suite) = suites.get_mut(finding.anchor.input + 1) {
            suite.cases.push(Case { class, name, outcome });
        }
    }
    suites
}

/// What is said of each file, and under none of the run.
#[derive(Default)]
struct Said<'a> {
    problems: HashMap<Option<&'a str>, Vec<&'a Problem>>,
    /// Notes that count against no threshold.
    notes: HashMap<&'a str, Vec<&'a Note>>,
}

impl<'a> Said<'a> {
    fn of(report: &'a Report) -> Self {
        let mut said = Self::default();
        for problem in &report.problems {
            said.problems.entry(problem.path.as_deref()).or_default().push(problem);
        }
        for note in report.notes.iter().filter(|note| note.severity.is_none()) {
            if let Some(path) = &note.path {
                said.notes.entry(path).or_default().push(note);
            }
        }
        said
    }
}

/// What is of no file: problems and notes of the run, and what passes.
fn of_run(report: &Report, said: &Said<'_>, files: &HashSet<&str>) -> Suite {
    let name = format!("tfduty {}", report.command);
    let mut cases = problems(said, None, &name);
    cases.extend(report.rules.iter().filter(|tally| tally.passed > 0).map(|tally| Case {
        class: format!("tfduty.{}", tally.rule.id),
        name: "what passes".into(),
        outcome: Outcome::Passed,
    }));
    cases.extend(report.notes.iter().filter_map(notice));
    let judged = report.rules.iter().filter(|tally| tally.passed + tally.failed + tally.undecided + tally.skipped > 0);
    let has_suite = |note: &&Note| note.path.as_deref().is_some_and(|path| files.contains(path));
    let mut notes: Vec<String> = report.preface.iter().cloned().collect();
    let unheard = report.notes.iter().filter(|note| note.severity.is_none() && !has_suite(note));
    notes.extend(unheard.map(|note| match &note.path {
        Some(path) => format!("{path}: {}", note.message),
        None => note.message.clone(),
    }));
    Suite { name, properties: judged.map(|tally| (tally.rule.id, counts(tally))).collect(), cases, notes }
}

/// A note that counts against the threshold: it may be all that a run fails for.
fn notice(note: &Note) -> Option<Case> {
    let severity = note.severity?.to_string();
    let line = note.place.map(|place| format!(":{}", place.line)).unwrap_or_default();
    let place = note.path.as_ref().map(|path| format!("{path}{line}")).unwrap_or_default();
    let outcome = Outcome::Failed { severity, message: note.message.clone(), lines: vec![place.clone()] };
    Some(Case { class: format!("tfduty.{}", note.code), name: format!("{place} {}", note.message), outcome })
}

/// `12 passed, 1 failed, 0 undecided, 0 skipped`
fn counts(tally: &Tally) -> String {
    let Tally { passed, failed, undecided, skipped, rule: _ } = tally;
    format!("{passed} passed, {failed} failed, {undecided} undecided, {skipped} skipped")
}

/// Whether a file could be audited, and what to know of it; findings come later.
fn of_file(said: &Said<'_>, path: &str, input: Option<&InputSummary>) -> Suite {
    let mut cases = problems(said, Some(path), path);
    if cases.is_empty() {
        cases.push(Case { class: READING.into(), name: path.into(), outcome: Outcome::Passed });
    }
    let notes = said.notes.get(path).into_iter().flatten();
    Suite {
        name: path.into(),
        properties: input.map(properties).unwrap_or_default(),
        cases,
        notes: notes.map(|note| note.message.clone()).collect(),
    }
}

fn properties(input: &InputSummary) -> Vec<(&'static str, String)> {
    let mut properties = vec![("kind", json::kind(input.kind).to_owned()), ("role", json::role(input.role).to_owned())];
    for (name, version) in [("format_version", &input.format_version), ("terraform_version", &input.terraform_version)]
    {
        properties.extend(version.as_ref().map(|version| (name, version.clone())));
    }
    properties.push(("resources", input.resources.to_string()));
    properties
}

/// The problems of a file, or those of the run.
fn problems(said: &Said<'_>, path: Option<&str>, name: &str) -> Vec<Case> {
    let problems = said.problems.get(&path).into_iter().flatten();
    let cases = problems.enumerate().map(|(index, problem)| Case {
        class: READING.into(),
        name: if index == 0 { name.to_owned() } else { format!("{name} ({})", index + 1) },
        outcome: Outcome::Error { message: problem.message.clone(), lines: problem_lines(problem) },
    });
    cases.collect()
}

fn problem_lines(problem: &Problem) -> Vec<String> {
    let path = problem.path.as_deref().unwrap_or_default();
    let place = problem.place.map(|place| format!("{path}:{}:{}", place.line, place.column));
    let help = problem.help.as_ref().map(|help| format!("help: {help}"));
    place.into_iter().chain([problem.message.clone()]).chain(help).collect()
}

/// The name of each finding's test case: its subject, with a piece of the fingerprint where a rule has more than one
/// finding of a subject. What tells them apart may be sensitive, and a number would wander from one to the next.
fn names(report: &Report) -> Vec<String> {
    let subjects: Vec<String> = report.findings.iter().map(|finding| subject(finding, report)).collect();
    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (finding, subject) in report.findings.iter().zip(&subjects) {
        *numbers.entry((finding.rule.id, subject)).or_default() += 1;
    }
    let name = |(finding, subject): (&Finding, &String)| {
        let hash = finding.fingerprint.strip_prefix("sha256:").unwrap_or(&finding.fingerprint);
        let is_shared = numbers.get(&(finding.rule.id, &**subject)).is_some_and(|number| *number > 1);
        if is_shared { format!("{subject} [{}]", hash.get(..MARK).unwrap_or(hash)) } else { subject.clone() }
    };
    report.findings.iter().zip(&subjects).map(name).collect()
}

fn outcome(finding: &Finding, report: &Report, places: &mut Places<'_>) -> Outcome {
    if let Some(suppression) = &finding.suppressed {
        let until = suppression.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        let by = suppressor(suppression.by);
        return Outcome::Skipped { why: format!("suppressed by {by}{until}: {}", suppression.reason) };
    }
    match finding.verdict {
        FindingVerdict::Undecided => Outcome::Skipped { why: format!("undecided: {}", finding.message) },
        FindingVerdict::Fail => Outcome::Failed {
            severity: finding.severity.to_string(),
            message: finding.message.clone(),
            lines: lines(finding, report, places),
        },
    }
}

/// What a failure says.
fn lines(finding: &Finding, report: &Report, places: &mut Places<'_>) -> Vec<String> {
    let spot = Spot::of(finding, report, places);
    let column = spot.column.map(|column| format!(":{column}")).unwrap_or_default();
    let remark = spot.remark.map(|remark| format!(" ({remark})")).unwrap_or_default();
    let mut lines = vec![
        format!("{}[{}] {}", finding.severity, finding.rule.id, subject(finding, report)),
        format!("{}:{}{column}{remark}", spot.path, spot.line),
        finding.message.clone(),
    ];
    lines.extend((!finding.help.is_empty()).then(|| format!("help: {}", finding.help)));
    lines.extend(rule_url(finding.rule.id));
    lines
}
