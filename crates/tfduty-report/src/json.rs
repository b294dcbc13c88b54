//! `--format json`: the report as one object. Its shape is an API, described by `report.schema.json`.

mod destroy;

use std::io;

use serde::Serialize;
use tfduty_audit::{Anchor, Exactness, FindingVerdict, Inner, InputKind, InputRole, Report, SourcePlace, SuppressedBy};
use tfduty_terraform::TextId;

use crate::{Texts, harmless::print_pretty, places::Places, rule_url, summary};

/// Version of the shape. It changes when something is taken away or comes to mean something else.
pub(crate) const SCHEMA_VERSION: &str = "1";

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: Tool,
    command: String,
    today: &'a str,
    verdict: &'static str,
    exit_status: u8,
    inputs: Vec<Input<'a>>,
    problems: Vec<Problem<'a>>,
    notes: Vec<Note<'a>>,
    findings: Vec<Finding<'a>>,
    rules: Vec<Rule>,
    summary: Summary,
    destroy: Option<destroy::Destroy<'a>>,
}

#[derive(Serialize)]
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Input<'a> {
    path: &'a str,
    kind: &'static str,
    role: &'static str,
    format_version: Option<&'a str>,
    terraform_version: Option<&'a str>,
    resources: u64,
    bytes: u64,
}

#[derive(Serialize)]
pub(crate) struct Problem<'a> {
    path: Option<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
    byte: Option<usize>,
    line: Option<usize>,
    column: Option<usize>,
}

#[derive(Serialize)]
pub(crate) struct Note<'a> {
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    code: &'a str,
    severity: Option<String>,
    message: &'a str,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: String,
    verdict: &'static str,
    address: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
    message: &'a str,
    help: &'a str,
    url: Option<String>,
    location: Location<'a>,
    source: Option<Source<'a>>,
    related: Vec<Related<'a>>,
    fingerprint: &'a str,
    suppressed: Option<Suppressed<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    byte_start: usize,
    byte_end: usize,
    line: Option<usize>,
    column: Option<usize>,
    pointer: &'a str,
    inner: Option<InnerPlace>,
}

#[derive(Serialize)]
struct InnerPlace {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Source<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    exactness: &'static str,
}

#[derive(Serialize)]
struct Related<'a> {
    address: Option<&'a str>,
    message: &'a str,
    location: Location<'a>,
    source: Option<Source<'a>>,
}

#[derive(Serialize)]
struct Suppressed<'a> {
    by: &'static str,
    reason: &'a str,
    until: Option<&'a str>,
}

#[derive(Serialize)]
struct Rule {
    id: &'static str,
    passed: u64,
    failed: u64,
    undecided: u64,
    skipped: u64,
}

#[derive(Serialize)]
struct Summary {
    error: u64,
    warning: u64,
    advice: u64,
    undecided: u64,
    suppressed: u64,
    files: u64,
    resources: u64,
}

/// This program.
pub(crate) const TOOL: Tool = Tool { name: "tfduty", version: env!("CARGO_PKG_VERSION") };

/// Writes the report as pretty-printed JSON with a newline at its end.
pub(crate) fn write(report: &Report, texts: &dyn Texts, out: &mut dyn io::Write) -> io::Result<()> {
    print_pretty(&document(report, texts), out)
}

fn document<'a>(report: &'a Report, texts: &'a dyn Texts) -> Document<'a> {
    let mut places = Places::new(texts);
    Document {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        command: report.command.to_string(),
        today: &report.today,
        verdict: summary::verdict(report.verdict),
        exit_status: report.exit_status(),
        inputs: report.inputs.iter().map(input).collect(),
        problems: report.problems.iter().map(problem).collect(),
        notes: report.notes.iter().map(note).collect(),
        findings: report.findings.iter().map(|found| finding(found, report, &mut places)).collect(),
        rules: report
            .rules
            .iter()
            .map(|tally| Rule {
                id: tally.rule.id,
                passed: tally.passed,
                failed: tally.failed,
                undecided: tally.undecided,
                skipped: tally.skipped,
            })
            .collect(),
        summary: totals(report.summary),
        destroy: report.destroy.as_ref().map(destroy::destroy),
    }
}

/// The word for a kind of input, as programs read it.
pub(crate) fn kind(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Plan => "plan",
        InputKind::SavedPlan => "saved-plan",
        InputKind::State => "state",
        InputKind::StateJson => "state-json",
        InputKind::List => "list",
        InputKind::Facts => "facts",
    }
}

/// The word for the role of an input.
pub(crate) fn role(role: InputRole) -> &'static str {
    match role {
        InputRole::Judged => "judged",
        InputRole::Evidence => "evidence",
        InputRole::LeftOut => "left-out",
    }
}

pub(crate) fn input(input: &tfduty_audit::InputSummary) -> Input<'_> {
    Input {
        path: &input.path,
        kind: kind(input.kind),
        role: role(input.role),
        format_version: input.format_version.as_deref(),
        terraform_version: input.terraform_version.as_deref(),
        resources: input.resources,
        bytes: input.bytes,
    }
}

pub(crate) fn problem(problem: &tfduty_audit::Problem) -> Problem<'_> {
    Problem {
        path: problem.path.as_deref(),
        message: &problem.message,
        help: problem.help.as_deref(),
        byte: problem.place.map(|place| place.byte),
        line: problem.place.map(|place| place.line),
        column: problem.place.map(|place| place.column),
    }
}

pub(crate) fn note(note: &tfduty_audit::Note) -> Note<'_> {
    Note {
        path: note.path.as_deref(),
        line: note.place.map(|place| place.line),
        column: note.place.map(|place| place.column),
        code: &note.code,
        severity: note.severity.map(|severity| severity.to_string()),
        message: &note.message,
    }
}

fn finding<'a>(finding: &'a tfduty_audit::Finding, report: &'a Report, places: &mut Places<'_>) -> Finding<'a> {
    Finding {
        rule: finding.rule.id,
        severity: finding.severity.to_string(),
        verdict: match finding.verdict {
            FindingVerdict::Fail => "fail",
            FindingVerdict::Undecided => "undecided",
        },
        address: finding.address.as_deref(),
        account: finding.account.as_deref(),
        region: finding.region.as_deref(),
        message: &finding.message,
        help: &finding.help,
        url: rule_url(finding.rule.id),
        location: location(&finding.anchor, report, places),
        source: finding.source.as_ref().map(source),
        related: finding
            .related
            .iter()
            .map(|related| Related {
                address: related.address.as_deref(),
                message: &related.message,
                location: location(&related.anchor, report, places),
                source: related.source.as_ref().map(source),
            })
            .collect(),
        fingerprint: &finding.fingerprint,
        suppressed: finding.suppressed.as_ref().map(|suppression| Suppressed {
            by: match suppression.by {
                SuppressedBy::Config => "config",
                SuppressedBy::Comment => "comment",
                SuppressedBy::Baseline => "baseline",
            },
            reason: &suppression.reason,
            until: suppression.until.as_deref(),
        }),
    }
}

fn location<'a>(anchor: &'a Anchor, report: &'a Report, places: &mut Places<'_>) -> Location<'a> {
    let start = anchor.span.start as usize;
    let place = places.at(anchor.input, TextId::Document, start);
    Location {
        path: report.inputs.get(anchor.input).map_or("", |input| &input.path),
        byte_start: start,
        byte_end: anchor.span.end(),
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        pointer: &anchor.pointer,
        inner: anchor.inner.map(|Inner { line, column, .. }| InnerPlace { line, column }),
    }
}

fn source(place: &SourcePlace) -> Source<'_> {
    Source {
        path: &place.path,
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
        exactness: match place.exactness {
            Exactness::Attribute => "attribute",
            Exactness::Block => "block",
            Exactness::ModuleCall => "module-call",
            Exactness::Provider => "provider",
        },
    }
}

fn totals(summary: tfduty_audit::Summary) -> Summary {
    Summary {
        error: summary.error,
        warning: summary.warning,
        advice: summary.advice,
        undecided: summary.undecided,
        suppressed: summary.suppressed,
        files: summary.files,
        resources: summary.resources,
    }
}

#[cfg(test)]
mod tests;
