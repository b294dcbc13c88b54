//! `--format human`: the matrix as a table.

use std::io::{self, Write};

use tfduty_audit::{Column, Matrix, Row, State};
use tfduty_terraform::escape;

use super::{MARKS, NO_ROWS, legend, mark, reasons::reasons, summary};
use crate::{
    Detail, HumanOptions, Style,
    human::{
        remarks::{self, Paint, paint},
        wrapping,
    },
};

/// Columns of a terminal that a table is laid out for.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=300;

/// Writes the table, what its words mean, why cells are not a plain yes, and a summary line last.
pub(super) fn write(matrix: &Matrix, options: HumanOptions, out: &mut dyn Write) -> io::Result<()> {
    let options = HumanOptions { width: options.width.clamp(*WIDTHS.start(), *WIDTHS.end()), ..options };
    let mut page = Page { matrix, options, out };
    match options.style {
        _ if matrix.rows.is_empty() => writeln!(page.out, "{NO_ROWS}\n")?,
        Style::Graphical => page.tables()?,
        Style::Narrated => page.sentences()?,
    }
    if options.detail >= Detail::Normal {
        page.legend()?;
        page.reasons()?;
        remarks::notes(matrix.notes.iter(), options.color, page.out)?;
    }
    remarks::problems(&matrix.problems, options.color, page.out)?;
    let (lead, color) = if matrix.problems.is_empty() { ("coverage:", Paint::Pass) } else { ("error:", Paint::Error) };
    page.fill(&format!("{} {}", paint(options.color, color, lead), summary(matrix)))
}

struct Page<'a, 'o> {
    matrix: &'a Matrix,
    options: HumanOptions,
    out: &'o mut dyn Write,
}

impl Page<'_, '_> {
    /// The table, in as many parts beneath each other as its columns need at this width.
    fn tables(&mut self) -> io::Result<()> {
        let regions = self.matrix.rows.iter().map(|row| columns(&row.region_name)).max().unwrap_or_default();
        let lead = regions.max("region".len()) + INDENT;
        for part in parts(self.options.width.saturating_sub(lead)) {
            let heads: Vec<&str> = part.iter().map(|column| column.head()).collect();
            writeln!(self.out, "{:lead$} {}", "  region", heads.join(" "))?;
            let mut account = None;
            for row in &self.matrix.rows {
                if account != Some(&row.account_name) {
                    account = Some(&row.account_name);
                    writeln!(self.out, "account {}", escape(&row.account_name))?;
                }
                self.row(row, &part, lead)?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn row(&mut self, row: &Row, part: &[Column], lead: usize) -> io::Result<()> {
        let mut line = padded(&format!("  {}", escape(&row.region_name)), lead);
        for cell in row.cells.iter().filter(|cell| part.contains(&cell.column)) {
            line.push(' ');
            let text = mark(cell.state);
            let painted = match cell.state {
                State::Yes => self.paint(Paint::Pass, text),
                State::No => self.paint(Paint::Error, text),
                State::Unknown => self.paint(Paint::Undecided, text),
                State::NotApplicable => text.to_owned(),
            };
            line.push_str(&painted);
            line.extend(std::iter::repeat_n(' ', columns(cell.column.head()).saturating_sub(columns(text))));
        }
        writeln!(self.out, "{}", line.trim_end())
    }

    /// The same for ears: rows without a grid, and marks in words.
    fn sentences(&mut self) -> io::Result<()> {
        for row in &self.matrix.rows {
            let cells = row.cells.iter().map(|cell| {
                let words = match cell.state {
                    State::Yes => "yes",
                    State::No => "no",
                    State::Unknown => "not known",
                    State::NotApplicable => "does not apply",
                };
                format!("{} {words}", cell.column.head())
            });
            let cells: Vec<String> = cells.collect();
            let place = format!("account {}, region {}", row.account_name, row.region_name);
            writeln!(self.out, "{}: {}", escape(place), cells.join(", "))?;
        }
        writeln!(self.out)
    }

    fn legend(&mut self) -> io::Result<()> {
        if self.options.style == Style::Graphical {
            self.fill(MARKS)?;
        }
        self.fill(&legend())?;
        writeln!(self.out)
    }

    fn reasons(&mut self) -> io::Result<()> {
        let all = self.options.detail >= Detail::Verbose;
        let states: &[State] = if all {
            &[State::Yes, State::No, State::Unknown, State::NotApplicable]
        } else {
            &[State::No, State::Unknown, State::NotApplicable]
        };
        let reasons = reasons(self.matrix, states);
        for reason in &reasons {
            let columns = reason.columns.join(", ");
            let places = escape(reason.places(self.matrix)).into_owned();
            let text = format!("{} {columns} in {places}: {}", mark(reason.state), escape(reason.text));
            self.fill(&text)?;
        }
        remarks::space(reasons.is_empty(), self.out)
    }

    fn fill(&mut self, text: &str) -> io::Result<()> {
        let wrap = wrapping(self.options.width).subsequent_indent("  ");
        writeln!(self.out, "{}", textwrap::fill(text, wrap))
    }

    fn paint(&self, color: Paint, text: &str) -> String {
        paint(self.options.color, color, text)
    }
}

/// How far rows stand in beneath their account.
const INDENT: usize = 2;

/// The columns of the matrix, in parts that fit a width.
fn parts(width: usize) -> Vec<Vec<Column>> {
    let mut parts: Vec<Vec<Column>> = Vec::new();
    let mut left = 0;
    for column in Column::ALL {
        let needed = columns(column.head()) + 1;
        match parts.last_mut() {
            Some(part) if needed <= left => part.push(column),
            _ => {
                parts.push(vec![column]);
                left = width;
            }
        }
        left = left.saturating_sub(needed);
    }
    parts
}

/// How many columns of a terminal a text takes.
fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(missing))
}
