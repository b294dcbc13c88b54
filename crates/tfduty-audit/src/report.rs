//! What an audit found, computed once and before any output format.

use std::borrow::Cow;

use tfduty_terraform::Place;

use crate::{
    destroy::DestroySummary,
    finding::Finding,
    object::ObjectId,
    rule::{Command, Rule, Severity},
    wiring::Wiring,
};

/// The result of a run. Findings are sorted (input path, byte, rule, address), so that the report does not depend on
/// how many threads made it.
#[derive(Debug, Clone)]
pub struct Report {
    /// The command that ran.
    pub command: Command,
    /// The run's date, `YYYY-MM-DD`.
    pub today: String,
    /// The verdict of the whole run.
    pub verdict: Verdict,
    /// Whether what is undecided fails the run.
    pub strict: bool,
    /// What must be said before anything else: that a destroy is only predicted, for example.
    pub preface: Option<String>,
    /// Every input that could be read, in sorted path order.
    pub inputs: Vec<InputSummary>,
    /// What kept an input, or the run, from being audited.
    pub problems: Vec<Problem>,
    /// What a reader should know of the inputs.
    pub notes: Vec<Note>,
    /// What failed and what could not be decided.
    pub findings: Vec<Finding>,
    /// How each rule that ran judged its subjects, in the order of the catalogue.
    pub rules: Vec<Tally>,
    /// Totals.
    pub summary: Summary,
    /// Managed detectors that the judged inputs leave behind.
    pub detectors: u64,
    /// Trusted and threat lists that the judged inputs leave behind, and list files.
    pub lists: u64,
    /// The objects that passed a rule by which links of the wiring hold: what holds, and what nothing judged, are two things.
    pub passed: Vec<(&'static str, ObjectId)>,
    /// What the destroy does and leaves; `None` for other commands, and where no plan and no state was judged.
    pub destroy: Option<DestroySummary>,
    /// The wiring, where a format that draws it is asked for: whoever asks sets it, by [`crate::wiring`].
    pub wiring: Option<Wiring>,
}

/// The verdict of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing failed and nothing is undecided.
    Pass,
    /// Nothing failed at or above the threshold, but something could not be decided.
    Undecided,
    /// Something failed at or above the threshold.
    Fail,
    /// Something could not be audited at all.
    Error,
}

impl Report {
    /// The exit status that the contract fixes for the verdict: 0, 1 or 2.
    pub fn exit_status(&self) -> u8 {
        match self.verdict {
            Verdict::Pass => 0,
            Verdict::Undecided => u8::from(self.strict),
            Verdict::Fail => 1,
            Verdict::Error => 2,
        }
    }
}

/// One input of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSummary {
    /// Path relative to the working folder, with `/`; `-` for standard input.
    pub path: String,
    /// What it is.
    pub kind: InputKind,
    /// What it is used for.
    pub role: InputRole,
    /// `format_version`, or the version of a raw state.
    pub format_version: Option<String>,
    /// Version of the Terraform or OpenTofu that wrote it.
    pub terraform_version: Option<String>,
    /// Managed and data instances of a state; items of `resource_changes` of a plan.
    pub resources: u64,
    /// Size in bytes.
    pub bytes: u64,
}

/// Kinds of inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// `terraform show -json PLAN`.
    Plan,
    /// The binary file of `terraform plan -out`.
    SavedPlan,
    /// A raw state.
    State,
    /// `terraform show -json` of a state.
    StateJson,
    /// A list file.
    List,
    /// A slimmed document.
    Facts,
}

/// What an input is used for. One folder often holds the history of one stack, of which one input is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputRole {
    /// Rules judge it.
    Judged,
    /// It lends known values and sources to the judged input of its unit.
    Evidence,
    /// It is not used.
    LeftOut,
}

/// Something that kept an input, or the run, from being audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file it is about, where it is about one.
    pub path: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where in the file: byte offset, line and column from 1 (columns in bytes).
    pub place: Option<Place>,
}

/// Something a reader should know of the inputs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file it is about, where it is about one.
    pub path: Option<String>,
    /// Where in the file.
    pub place: Option<Place>,
    /// A stable name for this kind of note.
    pub code: Cow<'static, str>,
    /// How bad it is, where it is for the reader to mend: it then counts against the threshold as a failure does.
    pub severity: Option<Severity>,
    /// The note.
    pub message: String,
}

impl Note {
    /// A note that asks for nothing.
    pub fn new(path: Option<String>, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { path, place: None, code: code.into(), severity: None, message: message.into() }
    }
}

/// How one rule judged its subjects.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    /// The rule.
    pub rule: &'static Rule,
    /// Subjects that passed.
    pub passed: u64,
    /// Subjects that failed.
    pub failed: u64,
    /// Subjects that could not be decided.
    pub undecided: u64,
    /// Subjects that were not evaluated, or for which another rule speaks.
    pub skipped: u64,
}

/// Totals of a run. Failures are counted when nothing suppresses them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Failures of severity error.
    pub error: u64,
    /// Failures of severity warning.
    pub warning: u64,
    /// Failures of severity advice.
    pub advice: u64,
    /// Undecided subjects.
    pub undecided: u64,
    /// Suppressed findings.
    pub suppressed: u64,
    /// Inputs that could be read.
    pub files: u64,
    /// Objects in them.
    pub resources: u64,
}

impl Summary {
    /// The counter of a severity.
    pub(crate) fn of(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Error => &mut self.error,
            Severity::Warning => &mut self.warning,
            Severity::Advice => &mut self.advice,
        }
    }
}
