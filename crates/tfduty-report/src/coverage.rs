//! The matrix of `tfduty coverage`, in each of its formats.

mod human;
mod json;
mod markdown;
mod reasons;

use std::io;

use tfduty_audit::{Column, Matrix, State};

use crate::HumanOptions;

/// Formats of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverageFormat {
    /// For people: a table, a legend, and why.
    Human,
    /// One JSON object, described by `#/$defs/coverage` of [`crate::SCHEMA`].
    Json,
    /// For a comment or a job summary.
    Markdown,
}

/// Writes `matrix` to `out`.
pub fn write_coverage(
    format: CoverageFormat,
    matrix: &Matrix,
    options: &HumanOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        CoverageFormat::Human => human::write(matrix, *options, out),
        CoverageFormat::Json => json::write(matrix, out),
        CoverageFormat::Markdown => markdown::write(matrix, out),
    }
}

/// A state in a cell of a table.
pub(crate) fn mark(state: State) -> &'static str {
    match state {
        State::Yes => "yes",
        State::No => "no",
        State::Unknown => "?",
        State::NotApplicable => "–",
    }
}

/// What the marks mean.
pub(crate) const MARKS: &str = "yes: it is there, and works as far as the inputs tell; no: it is not, or does not work; ?: the inputs do not \
                     tell; –: the question does not arise";

/// What the heads of columns stand for.
fn legend() -> String {
    let entries = Column::ALL.map(|column| format!("{}: {}", column.head(), column.asks()));
    entries.join("; ")
}

/// Rows and their detectors in one line.
pub(crate) fn summary(matrix: &Matrix) -> String {
    let rows = matrix.rows.len();
    let places = if rows == 1 { "1 account and region".to_owned() } else { format!("{rows} accounts and regions") };
    let counted = [
        (State::Yes, "with a detector"),
        (State::No, "without"),
        (State::Unknown, "not known"),
        (State::NotApplicable, "where there is no GuardDuty"),
    ];
    let counts = counted.into_iter().map(|(state, what)| (matrix.detectors(state), what));
    let mut parts: Vec<String> =
        counts.filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    parts.insert(0, places);
    let problems = matrix.problems.len() as u64;
    if problems > 0 {
        parts.push(crate::human::remarks::count(problems, "problem"));
    }
    parts.join(", ")
}

/// Said in the place of a table without rows.
const NO_ROWS: &str = "no input tells of an account or a region, and tfduty.toml expects none";

#[cfg(test)]
mod tests;
