//! What every page for people says besides its findings: notes and problems, in colours where there are some.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use tfduty_audit::{Note, Problem, Severity};
use tfduty_terraform::{Place, escape};

/// What a colour says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paint {
    Error,
    Undecided,
    Help,
    Pass,
}

/// A text in a colour, or as it is.
pub(crate) fn paint(color: bool, paint: Paint, text: &str) -> String {
    if !color {
        return text.to_owned();
    }
    let code = match paint {
        Paint::Error => "31",
        Paint::Undecided => "35",
        Paint::Help => "36",
        Paint::Pass => "32",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Lines of one message; of more files the first says it for all.
const ALIKE: usize = 3;

/// A line for each note, those that count first, and an empty one behind them. What is said of many files, such as that
/// they are backups, takes one line.
pub(crate) fn notes<'n>(notes: impl Iterator<Item = &'n Note>, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut notes: Vec<&Note> = notes.collect();
    notes.sort_by_key(|note| note.severity.map_or((true, None), |severity| (false, Some(severity))));
    let alike = alike(&notes);
    for note in &notes {
        let lead = match note.severity {
            Some(severity @ Severity::Error) => paint(color, Paint::Error, &format!("{severity}[{}]", note.code)),
            Some(severity) => paint(color, Paint::Help, &format!("{severity}[{}]", note.code)),
            None => paint(color, Paint::Help, "note:"),
        };
        let path = place(note.path.as_deref(), note.place);
        let more = match said_by(note).and_then(|said| alike.get(&said)).map(Vec::as_slice) {
            Some([first, others @ ..]) if others.len() >= ALIKE => {
                if !std::ptr::eq(*first, *note) {
                    continue;
                }
                format!(" (and {} more files: {})", others.len(), named(others))
            }
            _ => String::new(),
        };
        writeln!(out, "{lead} {}{}{}", escape(path), escape(&note.message), escape(more))?;
    }
    space(notes.is_empty(), out)
}

/// What a note says of a file as a whole.
fn said_by(note: &Note) -> Option<(&str, &str)> {
    let is_plain = note.path.is_some() && note.place.is_none() && note.severity.is_none();
    is_plain.then_some((&*note.code, &*note.message))
}

/// The notes that say the same of different files, in their order.
fn alike<'n>(notes: &[&'n Note]) -> HashMap<(&'n str, &'n str), Vec<&'n Note>> {
    let mut alike: HashMap<_, Vec<&Note>> = HashMap::new();
    for note in notes {
        if let Some(said) = said_by(note) {
            alike.entry(said).or_default().push(note);
        }
    }
    alike
}

/// The first paths of notes.
fn named(notes: &[&Note]) -> String {
    let mut paths: Vec<String> = notes.iter().take(ALIKE).filter_map(|note| note.path.clone()).collect();
    match notes.len().saturating_sub(ALIKE) {
        0 => {}
        1 => paths.push("and 1 other".into()),
        others => paths.push(format!("and {others} others")),
    }
    paths.join(", ")
}

/// `tfduty.toml:12:1: `, as far as it is known.
fn place(path: Option<&str>, place: Option<Place>) -> String {
    match (path, place) {
        (Some(path), Some(place)) => format!("{path}:{}:{}: ", place.line, place.column),
        (Some(path), None) => format!("{path}: "),
        (None, _) => String::new(),
    }
}

/// Each problem with its help, and an empty line behind them.
pub(crate) fn problems(problems: &[Problem], color: bool, out: &mut dyn Write) -> io::Result<()> {
    for problem in problems {
        let lead = paint(color, Paint::Error, "error:");
        let path = place(problem.path.as_deref(), problem.place);
        writeln!(out, "{lead} {}{}", escape(path), escape(&problem.message))?;
        if let Some(help) = &problem.help {
            writeln!(out, "  {} {}", paint(color, Paint::Help, "help:"), escape(help))?;
        }
    }
    space(problems.is_empty(), out)
}

/// An empty line behind a section that was not empty.
pub(crate) fn space(empty: bool, out: &mut dyn Write) -> io::Result<()> {
    if empty { Ok(()) } else { writeln!(out) }
}

/// `1 list`, `2 lists`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
