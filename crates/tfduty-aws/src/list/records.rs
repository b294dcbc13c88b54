//! Rows of comma-separated values, with the place of every field.
//!
//! This is not the `csv` crate, which was tried (1.4.0, flexible rows): the position of its record is that of the blank
//! lines before it, so that every row of AWS's own `FIRE_EYE` sample would be reported a line too early, and after CRLF
//! two; a field has no position at all; a lone CR ends a row; a quote behind `, ` opens nothing, although AWS's samples
//! have a space behind every comma; and a quote that is never closed takes all rows behind it without a word.

use super::List;
use super::format::ListFormat;
use super::lookalike::is_comment;
use super::place::{Line, Place, end_of_line, trimmed, without_cr};
use super::reason::Reason;

/// How many fields of a row are kept: any more are counted alone, since a row may be as long as the file. The formats
/// look at 47 at most.
const KEPT: usize = 1_000;

/// A field: where its text stands, without white space and quotes around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    line: Line,
    from: usize,
    to: usize,
}

/// A row that is not blank.
pub(super) struct Row<'r> {
    bytes: &'r [u8],
    fields: &'r [Field],
    count: usize,
    /// From its first character to its last, which may be lines below.
    pub(super) place: Place,
    fault: Option<(Place, Reason)>,
}

impl Row<'_> {
    /// How many fields it has; none if it is a comment.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The text of a field as written; a quote doubled within quotes stays doubled. Empty where the row has ended.
    pub(super) fn text(&self, field: usize) -> &[u8] {
        self.fields.get(field).map_or(&[], |field| &self.bytes[field.from..field.to])
    }

    /// Where that text stands; all of the row for a field that it does not have.
    pub(super) fn place_of(&self, field: usize) -> Place {
        self.fields.get(field).map_or(self.place, |field| Place::new(field.line, field.from, field.to - field.from))
    }

    /// Whether a field's text is `word`, in upper or lower case.
    pub(super) fn is(&self, field: usize, word: &str) -> bool {
        self.text(field).eq_ignore_ascii_case(word.as_bytes())
    }

    /// The first field whose text is `word`, in upper or lower case.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        (0..self.fields.len()).find(|field| self.is(*field, word))
    }

    /// The error of a row that needs more fields than it has.
    pub(super) fn too_few(&self, needed: u32) -> Reason {
        Reason::TooFewFields { found: u32::try_from(self.count()).unwrap_or(u32::MAX), needed }
    }
}

/// Reads rows from `start` on: the first tells `header` what its columns are, the others go to `each` with that.
///
/// Blank rows (`, , ,` is one too) are passed over. Comments and rows with broken quotes or a lone CR are rejected
/// here, as is a first row that `header` does not know.
pub(super) fn read<C>(
    format: ListFormat,
    bytes: &[u8],
    start: usize,
    list: &mut List,
    header: fn(&Row<'_>) -> Option<C>,
    each: fn(&mut List, &Row<'_>, Option<&C>),
) {
    let mut records = Records::new(bytes, start);
    let mut is_first = true;
    let mut columns = None;
    while let Some(row) = records.next_row() {
        let is_comment = row.fault.is_some_and(|(_, reason)| reason == Reason::Comment);
        let in_header = !is_comment && std::mem::take(&mut is_first);
        if let Some((place, reason)) = row.fault {
            list.reject(place, || reason);
        } else if in_header {
            columns = header(&row);
            if columns.is_none() {
                list.reject(row.place, || Reason::Header(format));
            }
        } else {
            each(list, &row, columns.as_ref());
        }
    }
}

/// Reads row after row: quotes as in RFC 4180, but for the white space that may stand before and behind them.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    line: Line,
    fields: Vec<Field>,
    count: usize,
    is_blank: bool,
    fault: Option<(Place, Reason)>,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8], start: usize) -> Self {
        Self { bytes, at: start, line: Line::FIRST, fields: Vec::new(), count: 0, is_blank: true, fault: None }
    }

    /// The next row that has any text. It is lent, since the next one reuses its memory.
    pub(super) fn next_row(&mut self) -> Option<Row<'_>> {
        while self.at < self.bytes.len() {
            self.fields.clear();
            (self.count, self.is_blank, self.fault) = (0, true, None);
            let (line, start) = (self.line, self.at);
            let end = self.comment().unwrap_or_else(|| self.row());
            self.at = end + end_of_line(&self.bytes[end..]) + 1;
            self.line = self.line.next(self.at);
            if self.fault.is_some() || !self.is_blank {
                let (from, to) = trimmed(self.bytes, start, end);
                let place = Place::new(line, from, to - from);
                let (fields, count) = (self.fields.as_slice(), self.count);
                return Some(Row { bytes: self.bytes, fields, count, place, fault: self.fault });
            }
        }
        None
    }

    /// The end of a comment, if this line is one. A quote in it opens nothing, so that no row behind it is lost.
    fn comment(&mut self) -> Option<usize> {
        let end = self.end_of_row(self.at);
        let (from, to) = trimmed(self.bytes, self.at, end);
        if !is_comment(&self.bytes[from..to]) {
            return None;
        }
        self.fault = Some((Place::new(self.line, from, to - from), Reason::Comment));
        Some(end)
    }

    /// Reads the fields of one row. Gives the end of its text, where a line ends or the bytes.
    fn row(&mut self) -> usize {
        loop {
            let end = self.field();
            if self.bytes.get(end) != Some(&b',') {
                return end;
            }
            self.at = end + 1;
        }
    }

    /// Reads one field, and gives the offset of the comma or the line end behind it.
    fn field(&mut self) -> usize {
        let rest = &self.bytes[self.at..];
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if rest.get(blanks) == Some(&b'"') {
            return self.quoted(self.at + blanks);
        }
        let end = self.end_of_field(self.at);
        if let Some(cr) = self.bytes[self.at..end].iter().position(|byte| *byte == b'\r') {
            // Likely all that follows it was meant to be another row.
            let place = Place::new(self.line, self.at + cr, 1);
            self.fault.get_or_insert((place, Reason::LoneCarriageReturn));
        }
        self.take(self.at, end);
        end
    }

    /// Takes what stands from `start` to `end` as the text of the next field.
    fn take(&mut self, start: usize, end: usize) {
        let (from, to) = trimmed(self.bytes, start, end);
        self.count += 1;
        self.is_blank &= from == to;
        if self.fields.len() < KEPT {
            self.fields.push(Field { line: self.line, from, to });
        }
    }

    /// Reads a field whose opening quote is at `quote`.
    fn quoted(&mut self, quote: usize) -> usize {
        let place = Place::new(self.line, quote, 1);
        let Some(close) = self.closing_quote(quote + 1) else {
            // Only this line is lost. This can happen once: behind it, quotes come in pairs.
            self.fault.get_or_insert((place, Reason::UnclosedQuote));
            return self.end_of_row(quote);
        };
        self.take(quote + 1, close);
        self.line = self.line.after(self.bytes, quote, close);
        let end = self.end_of_field(close + 1);
        let (behind, _) = trimmed(self.bytes, close + 1, end);
        if behind < end {
            let place = Place::new(self.line, behind, end - behind);
            self.fault.get_or_insert((place, Reason::TextBehindQuote));
        }
        end
    }

    /// The first quote from `at` on that is not one of a pair.
    fn closing_quote(&self, mut at: usize) -> Option<usize> {
        loop {
            at += self.bytes[at..].iter().position(|byte| *byte == b'"')?;
            if self.bytes.get(at + 1) != Some(&b'"') {
                return Some(at);
            }
            at += 2;
        }
    }

    fn end_of_field(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        match rest.iter().position(|byte| matches!(byte, b',' | b'\n')) {
            Some(comma) if rest[comma] == b',' => at + comma,
            _ => self.end_of_row(at),
        }
    }

    fn end_of_row(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        at + without_cr(rest, end_of_line(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row: its line, then its fields with their columns; then what is wrong with it.
    fn rows(text: &str) -> Vec<String> {
        let mut records = Records::new(text.as_bytes(), 0);
        let mut rows = Vec::new();
        while let Some(row) = records.next_row() {
            let field = |field: usize| {
                let place = row.place_of(field);
                assert_eq!(place.of(text.as_bytes()), row.text(field));
                format!("{}:{}={}", place.line, place.column, String::from_utf8_lossy(row.text(field)))
            };
            let fields = (0..row.count()).map(field).collect::<Vec<_>>().join("|");
            let fault = row
                .fault
                .map_or(String::new(), |(place, reason)| format!(" !{}:{} {reason}", place.line, place.column));
            rows.push(format!("{}:{}+{} {fields}{fault}", row.place.line, row.place.column, row.place.len));
        }
        rows
    }

    #[test]
    fn fields_have_places() {
        for (text, expected) in [
            ("a, b ,\tc", &["1:1+8 1:1=a|1:4=b|1:8=c"][..]),
            ("\n\n \n a,b\r\n\r\nc", &["4:2+3 4:2=a|4:4=b", "6:1+1 6:1=c"]),
            (",a,", &["1:1+3 1:1=|1:2=a|1:4="]),
            (",,\n , \n\"\",", &[]),
            ("\"a, b\" , \" c \"\n", &["1:1+14 1:2=a, b|1:12=c"]),
            ("\"a\n\nb\",c\nd", &["1:1+8 1:2=a\n\nb|3:4=c", "4:1+1 4:1=d"]),
            ("\"a \"\"b\"\"\",c", &["1:1+11 1:2=a \"\"b\"\"|1:11=c"]),
            ("a\"b\",c", &["1:1+6 1:1=a\"b\"|1:6=c"]),
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
    }

    #[test]
    fn faults_cost_one_row() {
        let (open, behind) = (Reason::UnclosedQuote, Reason::TextBehindQuote);
        let (cr, comment) = (Reason::LoneCarriageReturn, Reason::Comment);
        for (text, expected) in [
            ("a,\"b\nc", vec![format!("1:1+4 1:1=a !1:3 {open}"), "2:1+1 2:1=c".to_owned()]),
            ("\"", vec![format!("1:1+1  !1:1 {open}")]),
            ("\"\"\"\r\n\"\"a\"\"", vec![format!("1:1+3  !1:1 {open}"), format!("2:1+5 2:2= !2:3 {behind}")]),
            ("\"a\"b,c", vec![format!("1:1+6 1:2=a|1:6=c !1:4 {behind}")]),
            ("\"a\nb\" c\nd", vec![format!("1:1+7 1:2=a\nb !2:4 {behind}"), "3:1+1 3:1=d".to_owned()]),
            (
                "#, \"a\r\nb,c\n\"",
                vec![format!("1:1+5  !1:1 {comment}"), "2:1+3 2:1=b|2:3=c".to_owned(), format!("3:1+1  !3:1 {open}")],
            ),
            (" ; a", vec![format!("1:2+3  !1:2 {comment}")]),
            ("a\rb,\r\nc", vec![format!("1:1+4 1:1=a\rb|1:5= !1:2 {cr}"), "2:1+1 2:1=c".to_owned()]),
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
    }

    #[test]
    fn text_behind_a_quote_has_its_place() {
        let text = b"\"a\" bcd ,e";
        let mut records = Records::new(text, 0);
        let (place, _) = records.next_row().and_then(|row| row.fault).unwrap();
        assert_eq!(place.of(text), b"bcd ");
    }

    #[test]
    fn fields_beyond_a_thousand_are_counted_alone() {
        let text = ",".repeat(2_500) + "x";
        let mut records = Records::new(text.as_bytes(), 0);
        let row = records.next_row().unwrap();
        assert_eq!((row.count(), row.fields.len(), row.text(2_500)), (2_501, KEPT, &b""[..]));
        assert!(records.next_row().is_none());
    }
}
