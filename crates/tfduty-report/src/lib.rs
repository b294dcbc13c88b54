//! Reports of an audit, one file for each format.
//!
//! The crate turns a [`Report`] into bytes. It decides nothing: severities, verdicts, counts and the exit status are in
//! the report; here they are only laid out. Text of an input reaches the output through
//! [`tfduty_terraform::Excerpt`] alone.

mod catalogue;
mod coverage;
mod github;
mod gitlab;
mod graph;
mod harmless;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod page;
mod places;
mod related;
mod repository;
mod sarif;
mod spot;
mod summary;

use std::io;

use tfduty_audit::Report;
use tfduty_terraform::TextId;

pub use catalogue::rules_json;
pub use coverage::{CoverageFormat, write_coverage};
pub use graph::{GraphFormat, write_graph};
pub use html::{HtmlReport, html, summary_line};
pub use page::{page, page_for_terminal};
pub use repository::Repository;

/// The JSON Schema of the JSON report.
pub const SCHEMA: &str = include_str!("../report.schema.json");

/// Formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people: excerpts, help, and a summary line.
    Human,
    /// One JSON object, described by [`SCHEMA`].
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for the test reports of CI servers.
    Junit,
    /// Workflow commands of GitHub Actions, which annotate lines.
    Github,
    /// Code Quality of GitLab.
    Gitlab,
    /// For a comment on a pull request.
    Markdown,
}

/// The texts that the report's places are in.
///
/// A text is `None` when it cannot be had any more, or is not what was audited: a format then gives the place alone.
pub trait Texts {
    /// The text of an input, by its index in [`Report::inputs`]: the JSON of a plan or state (of a saved plan the state
    /// in it), or a list file.
    fn text(&self, input: usize) -> Option<&str>;

    /// Where the lines of an input begin, but for the first, where that is known though its text is not at hand.
    fn lines(&self, _input: usize) -> Option<&[u32]> {
        None
    }

    /// A file of the Terraform configuration that belongs to an input.
    fn source(&self, input: usize, text: TextId) -> Option<&str>;
}

/// How the human report looks. What the terminal can do is found out by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HumanOptions {
    /// How diagnostics are drawn.
    pub style: Style,
    /// How much is said.
    pub detail: Detail,
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Whether rule names link to their page.
    pub hyperlinks: bool,
    /// Columns to wrap at.
    pub width: usize,
}

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// With boxes and underlines.
    #[default]
    Graphical,
    /// In words, for screen readers and braille displays.
    Narrated,
}

/// How much a human report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Detail {
    /// What fails, what could not be audited, and the summary line.
    Quiet,
    /// Also what could not be decided, and the notes.
    #[default]
    Normal,
    /// Also what is suppressed, the inputs with their roles, and how each rule judged.
    Verbose,
}

impl Default for HumanOptions {
    fn default() -> Self {
        Self { style: Style::default(), detail: Detail::default(), color: false, hyperlinks: false, width: 100 }
    }
}

/// What the caller knows of the surroundings of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// How the human report looks.
    pub human: HumanOptions,
    /// The repository that code hosts name files in.
    pub repository: Repository,
}

/// Writes `report` to `out`.
pub fn write(
    format: Format,
    report: &Report,
    texts: &dyn Texts,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::write(report, texts, options.human, out),
        Format::Json => json::write(report, texts, out),
        Format::Sarif => sarif::write(report, texts, &options.repository, out),
        Format::Junit => junit::write(report, texts, out),
        Format::Github => github::write(report, texts, &options.repository, out),
        Format::Gitlab => gitlab::write(report, texts, &options.repository, out),
        Format::Markdown => {
            let page = markdown::page(report, texts, &options.repository, markdown::COMMENT);
            out.write_all(page.as_bytes())
        }
    }
}

/// The report as Markdown in no more than `room` bytes, for the summary of a job; `None` where not even what it must say
/// has room.
pub fn job_summary(report: &Report, texts: &dyn Texts, options: &Options, room: usize) -> Option<String> {
    (room >= markdown::LEAST).then(|| markdown::page(report, texts, &options.repository, room))
}

/// The page of a rule: its file at this version's tag. `None` while the repository has no address.
fn rule_url(id: &str) -> Option<String> {
    let repository = env!("CARGO_PKG_REPOSITORY").trim_end_matches('/');
    let file = id.replace('-', "_");
    let version = env!("CARGO_PKG_VERSION");
    (!repository.is_empty()).then(|| format!("{repository}/blob/v{version}/crates/tfduty-audit/src/rules/{file}.rs"))
}

#[cfg(test)]
mod samples;
