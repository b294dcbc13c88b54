//! Where in the bytes of a list something stands.

/// A piece of the bytes that were given to the parser: a byte order mark at their start counts too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line in which the piece begins, from 1. LF and CRLF end a line, a lone CR does not.
    pub line: u32,
    /// The column at which it begins, in bytes, from 1.
    pub column: u32,
    /// The offset at which it begins, in bytes, from 0.
    pub byte: usize,
    /// Its length in bytes.
    pub len: usize,
}

impl Place {
    /// The place of `len` bytes at `byte`, in `line`.
    pub(super) fn new(line: Line, byte: usize, len: usize) -> Self {
        let column = byte.saturating_sub(line.start).saturating_add(1);
        Self { line: line.number, column: u32::try_from(column).unwrap_or(u32::MAX), byte, len }
    }

    /// The piece itself, out of the bytes that the list was parsed from; empty if they are others, and shorter.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.byte..self.byte.saturating_add(self.len)).unwrap_or_default()
    }
}

/// A line: its number from 1, and the offset of its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u32,
    pub(super) start: usize,
}

impl Line {
    /// The first line. A byte order mark in it has its columns.
    pub(super) const FIRST: Self = Self { number: 1, start: 0 };

    /// The next line, which begins at `start`.
    pub(super) fn next(self, start: usize) -> Self {
        Self { number: self.number.saturating_add(1), start }
    }

    /// The line at the end of the bytes from `from` to `to`, of which the first is in this line.
    pub(super) fn after(self, bytes: &[u8], from: usize, to: usize) -> Self {
        let passed = &bytes[from..to];
        let Some(last) = passed.iter().rposition(|byte| *byte == b'\n') else { return self };
        let before = passed[..last].split(|byte| *byte == b'\n').count();
        let number = self.number.saturating_add(u32::try_from(before).unwrap_or(u32::MAX));
        Self { number, start: from + last + 1 }
    }
}

/// Finds the lines of offsets that mostly grow: each newline is counted once.
pub(super) struct Places<'a> {
    bytes: &'a [u8],
    /// An offset in `line`. What is before is counted.
    at: usize,
    line: Line,
}

impl<'a> Places<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: Line::FIRST }
    }

    pub(super) fn place(&mut self, byte: usize, len: usize) -> Place {
        let byte = byte.min(self.bytes.len());
        if byte < self.at {
            *self = Self::new(self.bytes);
        }
        self.line = self.line.after(self.bytes, self.at, byte);
        self.at = byte;
        Place::new(self.line, byte, len)
    }
}

/// The lines of a text that are not blank, without the spaces and tabs around them.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: Line,
}

impl<'a> Lines<'a> {
    /// The lines from `start` on, an offset within the first line.
    pub(super) fn new(bytes: &'a [u8], start: usize) -> Self {
        Self { bytes, at: start, line: Line::FIRST }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (Place, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
            let len = end_of_line(rest);
            let (from, to) = trimmed(self.bytes, self.at, self.at + without_cr(rest, len));
            let place = Place::new(self.line, from, to - from);
            self.at += len + 1;
            self.line = self.line.next(self.at);
            if from < to {
                return Some((place, &self.bytes[from..to]));
            }
        }
    }
}

/// How many bytes come before the LF of this line, or the end.
pub(super) fn end_of_line(rest: &[u8]) -> usize {
    rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
}

/// `len` without the CR of a CRLF whose LF is at `len`. Before the end of all bytes a CR is a lone one.
pub(super) fn without_cr(rest: &[u8], len: usize) -> usize {
    if len < rest.len() && rest[..len].ends_with(b"\r") { len - 1 } else { len }
}

/// The part of `bytes` from `from` to `to` that has no spaces and tabs around it.
pub(super) fn trimmed(bytes: &[u8], from: usize, to: usize) -> (usize, usize) {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let part = &bytes[from..to];
    match part.iter().position(|byte| !is_blank(byte)) {
        Some(first) => {
            let last = part.iter().rposition(|byte| !is_blank(byte)).unwrap_or(first);
            (from + first, from + last + 1)
        }
        None => (to, to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<(u32, u32, usize, &str)> {
        Lines::new(text.as_bytes(), 0)
            .map(|(place, line)| (place.line, place.column, place.byte, str::from_utf8(line).unwrap()))
            .collect()
    }

    #[test]
    fn lf_and_crlf_end_a_line_and_a_lone_cr_does_not() {
        assert_eq!(lines("a\nb"), [(1, 1, 0, "a"), (2, 1, 2, "b")]);
        assert_eq!(lines("a\r\n\r\nb\r\n"), [(1, 1, 0, "a"), (3, 1, 5, "b")]);
        assert_eq!(lines("a\rb\n"), [(1, 1, 0, "a\rb")]);
        assert_eq!(lines("a\r"), [(1, 1, 0, "a\r")]);
        assert_eq!(lines("a\r\r\n"), [(1, 1, 0, "a\r")]);
    }

    #[test]
    fn blank_lines_count_but_do_not_come() {
        assert_eq!(lines("\n \t\n  a \t\n\n"), [(3, 3, 6, "a")]);
        assert_eq!(lines(""), []);
        assert_eq!(lines("\n\n"), []);
    }

    #[test]
    fn a_mark_before_the_start_has_its_columns() {
        let bytes = b"\xEF\xBB\xBFa\nb";
        let places: Vec<_> = Lines::new(bytes, 3).map(|(place, _)| (place.line, place.column, place.byte)).collect();
        assert_eq!(places, [(1, 4, 3), (2, 1, 5)]);
    }

    proptest! {
        #[test]
        fn both_ways_to_count_agree(text in "[ab \\t\\r\\n]{0,40}") {
            let mut places = Places::new(text.as_bytes());
            for (place, line) in Lines::new(text.as_bytes(), 0) {
                prop_assert_eq!(places.place(place.byte, place.len), place);
                prop_assert_eq!(place.of(text.as_bytes()), line);
            }
            prop_assert_eq!(places.place(0, 0), Place { line: 1, column: 1, byte: 0, len: 0 });
        }
    }
}
