//! `--format github`: annotations, as workflow commands on standard output.
//!
//! A runner takes every line of the output that starts with `::` for a command, and every `##[` within a line that does
//! not. Inputs must not be able to write such a line: all of their text is inside a command of ours, escaped, and the last
//! line holds numbers alone.

use std::{fmt, io};

use tfduty_audit::{FindingVerdict, Note, Problem, Report, Severity};
use tfduty_terraform::escape;

use crate::{
    Repository, Texts,
    human::{
        group::{Group, groups},
        subject,
    },
    places::Places,
    related::related,
    spot::Spot,
    summary,
};

/// Annotations of one level that GitHub takes of a step; it drops the others.
const MOST: usize = 10;

/// What GitHub draws an annotation as, most severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        })
    }
}

/// What an annotation speaks of.
enum Topic<'a> {
    Problem(&'a Problem),
    Findings(Group<'a>),
    /// A note that counts against the threshold: it may be all that a run fails for.
    Note(&'a Note, Severity),
}

/// One command.
struct Annotation<'a> {
    level: Level,
    title: String,
    spot: Option<Spot<'a>>,
    /// Lines, in which nothing is escaped for a command yet.
    lines: Vec<String>,
}

/// Writes the annotations, and the summary.
pub(crate) fn write(
    report: &Report,
    texts: &dyn Texts,
    repository: &Repository,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let told = |verdict| {
        let told = report.findings.iter();
        groups(told.filter(move |finding| finding.verdict == verdict && finding.suppressed.is_none()))
    };
    let findings = told(FindingVerdict::Fail).into_iter().chain(told(FindingVerdict::Undecided));
    let notes = report.notes.iter().filter_map(|note| Some(Topic::Note(note, note.severity?)));
    let problems = report.problems.iter().map(Topic::Problem);
    let mut topics: Vec<Topic<'_>> = problems.chain(findings.map(Topic::Findings)).chain(notes).collect();
    // Within a level: problems, then what fails, then what is undecided, then notes that count.
    topics.sort_by_key(Topic::level);
    let number = |level| topics.iter().filter(|topic| topic.level() == level).count();
    let is_too_much = [Level::Error, Level::Warning, Level::Notice].into_iter().any(|level| number(level) > MOST);
    let mut places = Places::new(texts);
    let mut left_out = 0;
    for same in topics.chunk_by(|one, other| one.level() == other.level()) {
        // The notice that says what is missing counts too.
        let most = if is_too_much && same.iter().all(|one| one.level() == Level::Notice) { MOST - 1 } else { MOST };
        for topic in same.iter().take(most) {
            writeln!(out, "{}", topic.annotation(report, &mut places).command(repository))?;
        }
        left_out += same.iter().skip(most).map(Topic::size).sum::<usize>();
    }
    if left_out > 0 {
        let command = report.command;
        writeln!(
            out,
            "::notice title=tfduty::{left_out} more: GitHub takes {MOST} annotations of each level for a step, and `tfduty {command} \
             --format human` shows all"
        )?;
    }
    writeln!(out, "{}: {}", summary::verdict(report.verdict), summary::numbers(report))
}

impl<'a> Topic<'a> {
    fn level(&self) -> Level {
        match self {
            Topic::Problem(_) => Level::Error,
            Topic::Findings(group) if group.first.verdict == FindingVerdict::Undecided => Level::Notice,
            Topic::Findings(group) => level(group.first.severity),
            Topic::Note(_, severity) => level(*severity),
        }
    }

    /// Problems or findings that it is.
    fn size(&self) -> usize {
        match self {
            Topic::Problem(_) | Topic::Note(..) => 1,
            Topic::Findings(group) => 1 + group.others.len(),
        }
    }

    fn annotation(&self, report: &'a Report, places: &mut Places<'_>) -> Annotation<'a> {
        let level = self.level();
        match self {
            Topic::Problem(problem) => {
                let help = problem.help.as_ref().map(|help| format!("help: {}", escape(help)));
                let lines = std::iter::once(escape(&problem.message).into_owned()).chain(help).collect();
                Annotation { level, title: "tfduty".into(), spot: Spot::of_problem(problem), lines }
            }
            Topic::Findings(group) => finding(level, group, report, places),
            Topic::Note(note, _) => {
                let lines = vec![escape(&note.message).into_owned()];
                Annotation { level, title: note.code.to_string(), spot: Spot::of_note(note), lines }
            }
        }
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Advice => Level::Notice,
    }
}

fn finding<'a>(level: Level, group: &Group<'a>, report: &'a Report, places: &mut Places<'_>) -> Annotation<'a> {
    let finding = group.first;
    let spot = Spot::of(finding, report, places);
    let state = match finding.verdict {
        FindingVerdict::Undecided => " (undecided)",
        FindingVerdict::Fail => "",
    };
    let mut lines = vec![format!("{}: {}", subject(finding, report), escape(&finding.message))];
    lines.extend(group.more().map(|more| format!("and {more}")));
    lines.extend(related(finding, report, places));
    lines.extend(spot.remark.clone());
    // What is undecided says itself what to add.
    if finding.verdict == FindingVerdict::Fail && !finding.help.is_empty() {
        lines.push(format!("help: {}", escape(&finding.help)));
    }
    let title = format!("{}{state}", finding.rule.id);
    Annotation { level, title, spot: Some(spot), lines }
}

impl Annotation<'_> {
    fn command(&self, repository: &Repository) -> String {
        let mut properties = Vec::new();
        let mut lines = self.lines.clone();
        if let Some(spot) = &self.spot {
            if let Some(path) = repository.path(spot.path) {
                properties.push(format!("file={},line={},endLine={}", property(&path), spot.line, spot.end_line));
                // GitHub has no column for several lines.
                let column = spot.column.filter(|_| spot.line == spot.end_line);
                properties.extend(column.map(|column| format!("col={column}")));
            } else {
                lines.push(format!("in {}, line {}", place(spot.path), spot.line));
            }
        }
        properties.push(format!("title={}", property(&self.title)));
        format!("::{} {}::{}", self.level, properties.join(","), data(&lines.join("\n")))
    }
}

/// A file that an annotation cannot point into.
fn place(path: &str) -> String {
    if path == "-" { "standard input".into() } else { escape(path).into_owned() }
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(&escape(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests;
