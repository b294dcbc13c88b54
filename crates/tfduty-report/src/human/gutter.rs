//! Line numbers.
//!
//! miette counts lines up from a first number. Excerpts leave lines out, and a plan of one line has no numbers worth
//! printing. So miette is given numbers of the right width, which are exchanged in what it made.

use super::diagnostic::Sheet;
use crate::Style;

/// Puts the sheets' line numbers in place of miette's.
pub(super) fn renumber(rendered: &str, sheets: &[Sheet], style: Style) -> String {
    let mut numbers = Numbers { sheets, sheet: 0, line: 0, heads: 0 };
    let mut renumbered = String::with_capacity(rendered.len());
    for line in rendered.split_inclusive('\n') {
        let exchanged = match style {
            Style::Graphical => numbers.row(line),
            Style::Narrated => numbers.sentence(line),
        };
        renumbered.push_str(exchanged.as_deref().unwrap_or(line));
    }
    renumbered
}

struct Numbers<'a> {
    sheets: &'a [Sheet],
    /// The sheet and the line that come next.
    sheet: usize,
    line: usize,
    /// Heads of snippets seen.
    heads: usize,
}

impl Numbers<'_> {
    /// miette's number of the next line, and the one to print.
    fn peek(&self) -> Option<(usize, Option<usize>)> {
        let sheet = self.sheets.get(self.sheet)?;
        Some((sheet.first_number() + self.line, *sheet.numbers.get(self.line)?))
    }

    fn advance(&mut self) {
        self.line += 1;
        if self.sheets.get(self.sheet).is_some_and(|sheet| self.line >= sheet.numbers.len()) {
            self.sheet += 1;
            self.line = 0;
        }
    }

    /// ` 12 │ text`, where the number may be dimmed. Nothing else begins with one space and a digit.
    fn row(&mut self, row: &str) -> Option<String> {
        let (old, new) = self.peek()?;
        let old = old.to_string();
        let rest = row.strip_prefix(' ')?;
        let number = if rest.starts_with('\u{1b}') { rest.find('m')? + 1 } else { 0 };
        let behind = rest[number..].strip_prefix(&old)?;
        self.advance();
        let new = new.map(|number| number.to_string()).unwrap_or_default();
        Some(format!(" {}{new:>width$}{behind}", &rest[..number], width = old.len()))
    }

    /// `snippet line 12: text`, and what is said of labels on that line.
    fn sentence(&mut self, sentence: &str) -> Option<String> {
        if sentence.starts_with("Begin snippet for ") {
            let sheet = self.sheets.get(self.heads)?;
            self.heads += 1;
            let (line, column) = sheet.place;
            return Some(format!("Begin snippet for {}, line {line}, column {column}\n", sheet.name));
        }
        if let Some(rest) = sentence.strip_prefix("snippet line ") {
            let (old, new) = self.peek()?;
            let text = rest.strip_prefix(&format!("{old}: "))?;
            self.advance();
            let line = new.map(|number| format!(" line {number}")).unwrap_or_default();
            return Some(format!("snippet{line}: {text}"));
        }
        // What follows a line is said of that line.
        let (verb, rest) = sentence.strip_prefix("    label")?.split_once(" at line ")?;
        let (_, column) = rest.split_once(", ")?;
        Some(format!("    label{verb} at {column}"))
    }
}
