//! `tfduty report`: one HTML page that needs no network and no other file.
//!
//! A person gets it by e-mail and opens it anywhere: so it loads nothing, runs one script whose hash its policy names, and
//! can be read without that script. Everything that comes from an input goes through the template, which escapes it.

mod coverage;
mod findings;
mod rules;

use std::io;

use data_encoding::BASE64;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tfduty_audit::{Matrix, Note, Problem, Report, Verdict};
use tfduty_terraform::escape;

use self::{
    coverage::Coverage,
    findings::{Filters, Findings, Group},
    rules::Rules,
};
use crate::{
    Texts,
    graph::{Scene, scene},
    human::destroy,
    json, summary,
};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// What stands on the page.
pub struct HtmlReport<'a> {
    /// The report, and the texts of what it is about.
    pub main: (&'a Report, &'a dyn Texts),
    /// What `destroy` says, where the inputs also hold a destroy plan.
    pub destroy: Option<(&'a Report, &'a dyn Texts)>,
    /// What GuardDuty has where.
    pub matrix: &'a Matrix,
}

/// The last line of a report: verdict and numbers.
pub fn summary_line(report: &Report) -> String {
    format!("{}: {}", summary::verdict(report.verdict), summary::numbers(report))
}

/// Writes the page to `out`.
pub fn html(page: &HtmlReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut environment = Environment::new();
    // Everything is escaped that the template does not call safe: style, script, and the pages of rules, which are our own.
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(io::Error::other)?);
    environment.add_template("page.html", PAGE).map_err(io::Error::other)?;
    let template = environment.get_template("page.html").map_err(io::Error::other)?;
    template.render_captured_to(Serde(document(page)), out).map(drop).map_err(io::Error::other)
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    policy: String,
    style: &'static str,
    script: &'static str,
    command: String,
    today: &'a str,
    verdict: &'static str,
    /// The verdict as a sentence.
    meaning: String,
    numbers: String,
    preface: Option<String>,
    tiles: Vec<Tile>,
    problems: Vec<Remark>,
    notes: Vec<Remark>,
    inputs: Vec<InputRow>,
    findings: Vec<Group>,
    count: usize,
    filters: Filters,
    wiring: Option<Scene>,
    /// For each finding of the wiring, where it stands and what it says.
    reasons: Vec<Reason>,
    links: LinkCounts,
    coverage: Option<Coverage>,
    destroy: Option<Destroy>,
    rules: Rules,
}

/// A number with its name.
#[derive(Serialize)]
struct Tile {
    number: u64,
    name: &'static str,
    class: &'static str,
}

#[derive(Serialize)]
struct Remark {
    place: Option<String>,
    severity: Option<String>,
    message: String,
    help: Option<String>,
}

#[derive(Serialize)]
struct InputRow {
    path: String,
    kind: &'static str,
    role: &'static str,
    version: Option<String>,
    resources: u64,
}

#[derive(Serialize)]
struct Reason {
    group: String,
    rule: &'static str,
    message: String,
}

#[derive(Serialize, Default)]
struct LinkCounts {
    broken: usize,
    undecided: usize,
    holds: usize,
    plain: usize,
}

#[derive(Serialize)]
struct Destroy {
    preface: Option<String>,
    said: String,
    /// The verdict of `destroy`, where that is not the verdict of the page.
    verdict: Option<String>,
    remains: Vec<Remain>,
}

#[derive(Serialize)]
struct Remain {
    headline: String,
    search: Option<String>,
    commands: Vec<String>,
}

fn document<'a>(page: &HtmlReport<'a>) -> Document<'a> {
    let (report, _) = page.main;
    let mut findings = Findings::default();
    findings.take(report, page.main.1);
    let groups_of_main = findings.group_of.clone();
    if let Some((destroy, texts)) = page.destroy {
        findings.take(destroy, texts);
    }
    let wiring = report.wiring.as_ref().and_then(|wiring| scene(wiring, &report.findings));
    let reasons = report.findings.iter().zip(groups_of_main);
    let mut links = LinkCounts::default();
    for (_, verdict) in wiring.iter().flat_map(Scene::links) {
        *match verdict {
            Some("broken") => &mut links.broken,
            Some("undecided") => &mut links.undecided,
            Some(_) => &mut links.holds,
            None => &mut links.plain,
        } += 1;
    }
    Document {
        version: env!("CARGO_PKG_VERSION"),
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        command: report.command.to_string(),
        today: &report.today,
        verdict: summary::verdict(report.verdict),
        meaning: meaning(report),
        numbers: summary::numbers(report),
        preface: report.preface.as_deref().map(shown),
        tiles: tiles(report),
        problems: report.problems.iter().map(problem).collect(),
        notes: report.notes.iter().map(note).collect(),
        inputs: inputs(report),
        count: findings.count(),
        filters: findings.filters(),
        reasons: reasons
            .map(|(finding, group)| Reason { group, rule: finding.rule.id, message: shown(&finding.message) })
            .collect(),
        wiring,
        links,
        coverage: Coverage::of(page.matrix),
        destroy: destroy_of(page),
        rules: Rules::of(report, page.destroy.map(|(destroy, _)| destroy)),
        findings: findings.groups,
    }
}

/// What the page may do: apply its own style and run its own script, and nothing else.
fn policy() -> String {
    let hash = |text: &str| BASE64.encode(&Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// A text of an input, as every format shows it.
fn shown(text: &str) -> String {
    escape(text).into_owned()
}

fn meaning(report: &Report) -> String {
    let sentence = match report.verdict {
        Verdict::Pass => "Nothing failed, and nothing is undecided.",
        Verdict::Undecided => "Nothing failed, but something could not be decided from these inputs.",
        Verdict::Fail => "Something does not work.",
        Verdict::Error => "Something could not be audited: the problems say what. The rest is below.",
    };
    sentence.to_owned()
}

fn tiles(report: &Report) -> Vec<Tile> {
    let totals = report.summary;
    let tile = |number, name, class| Tile { number, name, class };
    let mut tiles = vec![
        tile(totals.error, if totals.error == 1 { "error" } else { "errors" }, "error"),
        tile(totals.warning, if totals.warning == 1 { "warning" } else { "warnings" }, "warning"),
        tile(totals.advice, "advice", "advice"),
        tile(totals.undecided, "undecided", "undecided"),
        tile(totals.suppressed, "suppressed", "suppressed"),
    ];
    let checks = report.rules.iter().map(|tally| tally.passed).sum();
    tiles.push(tile(checks, "checks passed", "pass"));
    tiles
}

fn problem(problem: &Problem) -> Remark {
    let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    Remark {
        place: problem.path.as_ref().map(|path| shown(&format!("{path}{place}"))),
        severity: None,
        message: shown(&problem.message),
        help: problem.help.as_deref().map(shown),
    }
}

fn note(note: &Note) -> Remark {
    let line = note.place.map(|place| format!(":{}", place.line)).unwrap_or_default();
    Remark {
        place: note.path.as_ref().map(|path| shown(&format!("{path}{line}"))),
        severity: note.severity.map(|severity| severity.to_string()),
        message: shown(&note.message),
        help: None,
    }
}

fn inputs(report: &Report) -> Vec<InputRow> {
    let row = |input: &tfduty_audit::InputSummary| InputRow {
        path: shown(&input.path),
        kind: json::kind(input.kind),
        role: json::role(input.role),
        version: input.terraform_version.as_deref().map(shown),
        resources: input.resources,
    };
    report.inputs.iter().map(row).collect()
}

fn destroy_of(page: &HtmlReport<'_>) -> Option<Destroy> {
    let (report, is_other) = match page.destroy {
        Some((report, _)) => (report, true),
        None => (page.main.0, false),
    };
    let summary = report.destroy.as_ref()?;
    let remain = |remain: &tfduty_audit::Remain| Remain {
        headline: destroy::headline(remain),
        search: destroy::search(remain),
        commands: remain.commands.iter().map(|command| shown(command)).collect(),
    };
    Some(Destroy {
        preface: report.preface.as_deref().map(shown).filter(|_| is_other),
        said: destroy::said(summary, report),
        verdict: is_other.then(|| summary_line(report)),
        remains: summary.remains.iter().map(remain).collect(),
    })
}
