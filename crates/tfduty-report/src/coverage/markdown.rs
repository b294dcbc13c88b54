//! `--format markdown`: the matrix for a comment or a job summary.

use std::io::{self, Write};

use tfduty_audit::{Column, Matrix, State};

use super::{MARKS, NO_ROWS, legend, mark, reasons::reasons, summary};
use crate::markdown::text::{plain, text};

/// Writes a table for each account, what its words mean, and why cells are not a plain yes.
pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## GuardDuty coverage\n\n{}", text(&summary(matrix)))?;
    if matrix.rows.is_empty() {
        writeln!(out, "\n{}", text(NO_ROWS))?;
    }
    for rows in matrix.rows.chunk_by(|one, other| one.account_name == other.account_name) {
        let account = rows.first().map(|row| plain(&row.account_name)).unwrap_or_default();
        let heads = Column::ALL.map(Column::head).join(" | ");
        writeln!(out, "\n### account {account}\n\n| region | {heads} |\n|---|{}", "---|".repeat(Column::ALL.len()))?;
        for row in rows {
            let cells: Vec<&str> = row.cells.iter().map(|cell| mark(cell.state)).collect();
            writeln!(out, "| {} | {} |", plain(&row.region_name), cells.join(" | "))?;
        }
    }
    writeln!(out, "\n{}\n\n{}", text(MARKS), text(&legend()))?;
    let reasons = reasons(matrix, &[State::No, State::Unknown, State::NotApplicable]);
    let reasons = reasons.iter().map(|reason| {
        let (columns, places) = (reason.columns.join(", "), reason.places(matrix));
        format!("{} {columns} in {places}: {}", mark(reason.state), reason.text)
    });
    list("Why", reasons, out)?;
    let path = |path: &Option<String>| path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
    list("Notes", matrix.notes.iter().map(|note| format!("{}{}", path(&note.path), note.message)), out)?;
    let problems = matrix.problems.iter().map(|problem| {
        let help = problem.help.as_ref().map(|help| format!(" (help: {help})")).unwrap_or_default();
        format!("{}{}{help}", path(&problem.path), problem.message)
    });
    list("Problems", problems, out)
}

fn list(head: &str, items: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    for (index, item) in items.enumerate() {
        if index == 0 {
            writeln!(out, "\n### {head}\n")?;
        }
        writeln!(out, "- {}", text(&item))?;
    }
    Ok(())
}
