//! `--format gitlab`: Code Quality, which GitLab shows in merge requests.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt::Write as _,
    io,
};

use serde::Serialize;
use sha2::{Digest, Sha256};
use tfduty_audit::{Finding, FindingVerdict, Note, Problem, Report, Severity};
use tfduty_terraform::escape;

use crate::{Repository, Texts, harmless::print_pretty, human::subject, places::Places, spot::Spot};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: Cow<'static, str>,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes an array of what keeps the run from passing: what is undecided only where that fails it. A problem is there too,
/// since an empty array would say that all is well.
pub(crate) fn write(
    report: &Report,
    texts: &dyn Texts,
    repository: &Repository,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut places = Places::new(texts);
    let told = report
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_none() && (finding.verdict == FindingVerdict::Fail || report.strict));
    let mut issues: Vec<Issue> = report.problems.iter().map(|one| problem(one, report, repository)).collect();
    issues.extend(told.map(|one| {
        let spot = Spot::of(one, report, &mut places);
        finding(one, report, location(&spot, repository))
    }));
    issues.extend(report.notes.iter().filter_map(|one| notice(one, report, repository)));
    distinguish(&mut issues);
    print_pretty(&issues, out)
}

fn finding(finding: &Finding, report: &Report, location: Location) -> Issue {
    let (severity, lead) = match finding.verdict {
        FindingVerdict::Undecided => ("info", "undecided: "),
        FindingVerdict::Fail => (severity(finding.severity), ""),
    };
    Issue {
        description: format!("{lead}{}: {}", subject(finding, report), escape(&finding.message)),
        check_name: finding.rule.id.into(),
        fingerprint: finding.fingerprint.clone(),
        severity,
        location,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Advice => "minor",
    }
}

/// A note that counts against the threshold: it may be all that a run fails for.
fn notice(note: &Note, report: &Report, repository: &Repository) -> Option<Issue> {
    let spot = Spot::of_note(note).unwrap_or(nowhere(report));
    Some(Issue {
        severity: severity(note.severity?),
        description: escape(&note.message).into_owned(),
        check_name: note.code.clone(),
        fingerprint: hash(&[&*note.code, note.path.as_deref().unwrap_or_default(), &note.message]),
        location: location(&spot, repository),
    })
}

/// The place of what is about no file, the first input: GitLab shows nothing without a file.
fn nowhere(report: &Report) -> Spot<'_> {
    let first = report.inputs.first().map_or(".", |input| &input.path);
    Spot { path: first, line: 1, end_line: 1, column: None, remark: None }
}

/// What could not be audited.
fn problem(problem: &Problem, report: &Report, repository: &Repository) -> Issue {
    let spot = Spot::of_problem(problem).unwrap_or(nowhere(report));
    let help = problem.help.as_ref().map(|help| format!(" (help: {})", escape(help))).unwrap_or_default();
    let path = problem.path.as_deref().unwrap_or_default();
    Issue {
        description: format!("{}{help}", escape(&problem.message)),
        check_name: "tfduty".into(),
        fingerprint: hash(&["problem", path, &problem.message]),
        severity: "blocker",
        location: location(&spot, repository),
    }
}

fn location(spot: &Spot<'_>, repository: &Repository) -> Location {
    let path = repository.path(spot.path).unwrap_or_else(|| spot.path.to_owned());
    Location { path: escape(path).into_owned(), lines: Lines { begin: spot.line } }
}

/// Makes fingerprints unique: of two that are equal GitLab drops one, and two problems may read the same.
fn distinguish(issues: &mut [Issue]) {
    let (mut seen, mut ordinals) = (HashSet::new(), HashMap::new());
    for issue in issues {
        let first = issue.fingerprint.clone();
        let ordinal = ordinals.entry(first.clone()).or_insert(1);
        while !seen.insert(issue.fingerprint.clone()) {
            *ordinal += 1;
            issue.fingerprint = hash(&[&first, &ordinal.to_string()]);
        }
    }
}

/// An identity made of texts, in the form that those of findings have.
fn hash(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0"));
    digest.iter().fold(String::from("sha256:"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
