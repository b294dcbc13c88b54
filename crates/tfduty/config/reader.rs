//! A TOML file as a reader meets it: values of the right kind, or a fault that says where and what to do.

use tfduty_audit::{
    Problem,
    suggest::{one_of, quoted},
};
use tfduty_terraform::{Place, escape};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Faults that are reported of one file. Who has more made one mistake many times.
const MAX_FAULTS: usize = 20;

pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A table, and what messages call it.
pub(super) struct Table<'t> {
    /// Its header; of the file itself, none.
    name: String,
    /// Where its header is, to point at when something is missing.
    pub(super) place: usize,
    pub(super) entries: &'t DeTable<'t>,
}

impl<'t> Table<'t> {
    /// The whole file.
    pub(super) fn root(entries: &'t DeTable<'t>) -> Self {
        Self { name: String::new(), place: 0, entries }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'t Value<'t>> {
        self.entries.get(key)
    }
}

/// Collects what is wrong, so that one run shows all of it: a value that is refused is passed over.
#[derive(Debug)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    /// Where its lines begin, behind the first.
    lines: Vec<usize>,
    faults: Vec<Fault>,
}

#[derive(Debug)]
struct Fault {
    /// Only keys that nest too deep are refused without a place.
    byte: Option<usize>,
    message: String,
    help: Option<String>,
}

impl<'b> Reader<'b> {
    /// A reader of these bytes.
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        let newlines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        Self { bytes, lines: newlines.map(|(at, _)| at + 1).collect(), faults: Vec::new() }
    }

    /// An offset as people count: of bytes, as a file that is not UTF-8 has places too.
    pub(super) fn place(&self, byte: usize) -> Place {
        let byte = byte.min(self.bytes.len());
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = line.checked_sub(1).map_or(0, |last| self.lines[last]);
        Place { byte, line: line + 1, column: byte - start + 1 }
    }

    pub(super) fn fault(&mut self, byte: usize, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(Fault { byte: Some(byte), message: message.into(), help: Some(help.into()) });
    }

    /// What the TOML parser could not make sense of.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let byte = error.span().map(|span| span.start);
        let message = format!("not valid TOML: {}", escape(error.message()));
        self.faults.push(Fault { byte, message, help: None });
    }

    /// `read` if nothing was wrong, else the problems of the file in its order.
    pub(super) fn finish<T>(mut self, read: T, shown_path: &str) -> Result<T, Vec<Problem>> {
        if self.faults.is_empty() {
            return Ok(read);
        }
        // Stable: of two faults in one place, the first one leads to the second.
        let mut faults = std::mem::take(&mut self.faults);
        faults.sort_by_key(|fault| fault.byte);
        let problem = |fault: Fault| Problem {
            path: Some(shown_path.into()),
            message: fault.message,
            help: fault.help,
            place: fault.byte.map(|byte| self.place(byte)),
        };
        Err(faults.into_iter().take(MAX_FAULTS).map(problem).collect())
    }

    /// Whether a table has no other keys than these.
    pub(super) fn has_only(&mut self, table: &Table<'_>, known: &[&str]) -> bool {
        let faults = self.faults.len();
        for key in table.entries.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let whose = if table.name.is_empty() { String::new() } else { format!(" in `{}`", table.name) };
            let message = format!("unknown key {}{whose}", quoted(key.get_ref()));
            self.fault(key.span().start, message, one_of(key.get_ref(), known));
        }
        faults == self.faults.len()
    }

    /// A table; `name` is how its header is written.
    pub(super) fn table<'t>(&mut self, value: &'t Value<'t>, name: &str) -> Option<Table<'t>> {
        if let DeValue::Table(entries) = value.get_ref() {
            return Some(Table { name: name.to_owned(), place: value.span().start, entries });
        }
        let help = format!("write `{name}` on a line of its own, and its keys below");
        self.wrong_kind(value, &format!("`{name}`"), "a table", help);
        None
    }

    pub(super) fn boolean(&mut self, table: &Table<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        if let DeValue::Boolean(truth) = value.get_ref() {
            return Some(*truth);
        }
        self.wrong_kind(value, &format!("`{key}`"), "a boolean", "`true` or `false`, without quotes");
        None
    }

    /// The text of a key.
    pub(super) fn text(&mut self, table: &Table<'_>, key: &str) -> Option<String> {
        self.string(table.get(key)?, &format!("`{key}`")).map(str::to_owned)
    }

    /// What the value of a key means that is one of a few words.
    pub(super) fn word<T: Copy>(&mut self, table: &Table<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
        let value = table.get(key)?;
        let text = self.string(value, &format!("`{key}`"))?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.fault(value.span().start, format!("{} is no value of `{key}`", quoted(text)), one_of(text, &words));
        None
    }

    /// A string that says something; `what` is what it is.
    pub(super) fn string<'t>(&mut self, value: &'t Value<'t>, what: &str) -> Option<&'t str> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => return Some(text),
            DeValue::String(_) => self.fault(value.span().start, format!("{what} is empty"), "say it, or leave it out"),
            DeValue::Array(_) | DeValue::Table(_) => self.wrong_kind(value, what, "a string", "one text, in quotes"),
            _ => self.wrong_kind(value, what, "a string", "put it in quotes"),
        }
        None
    }

    /// Says of a value that it is of another kind than the one that is `wanted`.
    pub(super) fn wrong_kind(&mut self, value: &Value<'_>, what: &str, wanted: &str, help: impl Into<String>) {
        let kind = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.fault(value.span().start, format!("{what} must be {wanted}, not {kind}"), help);
    }
}
