//! Baseline files: the findings of an earlier run, so that only what is new fails.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};
use tfduty_audit::{Baseline, BaselineEntry, Finding, FindingVerdict, Note, Problem, Report, SuppressedBy};

use crate::{inputs::problem, limits::BASELINE, output, paths::shown_path};

/// Version of the file's shape.
const SCHEMA_VERSION: u64 = 1;
/// What tells a baseline from the other files in JSON that this program writes.
const KIND: &str = "baseline";

/// What to do about a file that is no baseline.
const FOREIGN: &str = "`--baseline` takes a file that `--write-baseline` wrote";

/// What every baseline has, of whatever version.
#[derive(Deserialize)]
struct Head {
    schema_version: String,
    kind: String,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Document {
    schema_version: String,
    kind: String,
    tool: Tool,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Tool {
    name: String,
    version: String,
}

/// A finding. What it is known by is its fingerprint; rule and verdict tell when it is gone or has become worse, and the
/// rest is for readers.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    rule: String,
    address: Option<String>,
    account: Option<String>,
    region: Option<String>,
    verdict: Verdict,
    fingerprint: String,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Fail,
    Undecided,
}

/// Reads the file that `--baseline` names. Without it nothing is known, which is for the user to hear: a run that fails for
/// old findings looks like one that fails for new ones.
pub(crate) fn read(path: &Path) -> Result<Baseline, Problem> {
    let shown = shown_path(path);
    let bytes = BASELINE.read_named(path).map_err(|error| {
        if error.kind() == io::ErrorKind::FileTooLarge {
            return problem(&shown, &format!("larger than {}: this is no baseline", BASELINE.shown), FOREIGN);
        }
        let message = format!("the baseline cannot be read: {error}");
        problem(&shown, &message, "check the path, or write it first: `--write-baseline FILE`")
    })?;
    let document = parse(&bytes).map_err(|(message, help)| problem(&shown, &message, help))?;
    let entries = document.findings.into_iter().map(|entry| BaselineEntry {
        fingerprint: entry.fingerprint,
        rule: entry.rule,
        verdict: match entry.verdict {
            Verdict::Fail => FindingVerdict::Fail,
            Verdict::Undecided => FindingVerdict::Undecided,
        },
    });
    Ok(Baseline { entries: entries.collect(), path: shown })
}

/// What is wrong with a file, and what to do.
type Fault = (String, &'static str);

fn parse(bytes: &[u8]) -> Result<Document, Fault> {
    const DAMAGED: &str = "restore it from version control, or write it again: `--write-baseline FILE`";
    let head: Head = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => ("this is no baseline of tfduty".to_owned(), FOREIGN),
        _ => (format!("the baseline is damaged: it is not JSON at line {}", error.line()), DAMAGED),
    })?;
    let version: Option<u64> = head.schema_version.parse().ok();
    match version.filter(|_| head.kind == KIND) {
        Some(SCHEMA_VERSION) => {}
        Some(newer) if newer > SCHEMA_VERSION => {
            let message = format!("the baseline has schema version {newer}, and this tfduty reads {SCHEMA_VERSION}");
            return Err((message, "run the version of tfduty that wrote it, or write it again with this one"));
        }
        _ => return Err(("this is no baseline of tfduty".into(), FOREIGN)),
    }
    serde_json::from_slice(bytes).map_err(|error| {
        (format!("the baseline is damaged at line {}: its findings are incomplete", error.line()), DAMAGED)
    })
}

/// Writes the findings of a report that its baseline holds, new ones and old: the file as a whole, or not at all. After a run
/// that could not see everything it stays as it is.
pub(crate) fn write(path: &Path, report: &Report) -> Result<Note, Problem> {
    let shown = shown_path(path);
    if !report.problems.is_empty() {
        let message = "the baseline is not written: not everything could be audited";
        return Ok(Note::new(Some(shown), "baseline-not-written", message));
    }
    let mut findings: Vec<Entry> = report.findings.iter().filter(|finding| is_baselined(finding)).map(entry).collect();
    findings.sort();
    let count = findings.len();
    let document = Document {
        schema_version: SCHEMA_VERSION.to_string(),
        kind: KIND.into(),
        tool: Tool { name: "tfduty".into(), version: env!("CARGO_PKG_VERSION").into() },
        findings,
    };
    let mut bytes = serde_json::to_vec_pretty(&document)
        .map_err(|error| problem(&shown, &format!("the baseline cannot be made: {error}"), "report this as a bug"))?;
    bytes.push(b'\n');
    output::write_file(path, &bytes)?;
    let findings = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
    Ok(Note::new(Some(shown), "baseline-written", format!("baseline of {findings} written")))
}

fn is_baselined(finding: &Finding) -> bool {
    finding.suppressed.as_ref().is_some_and(|suppression| suppression.by == SuppressedBy::Baseline)
}

fn entry(finding: &Finding) -> Entry {
    Entry {
        rule: finding.rule.id.into(),
        address: finding.address.clone(),
        account: finding.account.clone(),
        region: finding.region.clone(),
        verdict: match finding.verdict {
            FindingVerdict::Fail => Verdict::Fail,
            FindingVerdict::Undecided => Verdict::Undecided,
        },
        fingerprint: finding.fingerprint.clone(),
    }
}
