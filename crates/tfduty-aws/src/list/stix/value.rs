//! The text of one element, gathered from the pieces that XML hands it out in.

use std::ops::Range;

use quick_xml::events::BytesRef;

/// What joins several values of one element: `CybOX` 2 writes it for a comma.
const SEPARATOR: &str = "##comma##";

/// What an element's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An address.
    Address {
        condition: Condition,
        /// Whether the element around it says that it is none of IPv4.
        is_other_category: bool,
    },
    /// A domain.
    Domain,
}

/// How the text of an `Address_Value` is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Equals,
    Between,
    Other,
}

impl Condition {
    pub(super) fn of(attribute: Option<&str>) -> Self {
        match attribute {
            None => Self::Equals,
            Some(name) if name.eq_ignore_ascii_case("Equals") => Self::Equals,
            Some(name) if name.eq_ignore_ascii_case("InclusiveBetween") => Self::Between,
            Some(_) => Self::Other,
        }
    }
}

/// The text, and where each part of it is written.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) kind: Kind,
    /// Whether it refers to an entity, so that its text is not all there.
    pub(super) has_entity: bool,
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Where it begins in the text.
    at: usize,
    /// Where it is written.
    written: Range<usize>,
    /// Whether it is written as it is read; else it is one character, written as a reference.
    is_verbatim: bool,
}

impl Value {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, has_entity: false, text: String::new(), pieces: Vec::new() }
    }

    /// Adds text that is written at `from`.
    pub(super) fn push(&mut self, text: &str, from: usize) {
        if !text.is_empty() {
            let written = from..from + text.len();
            self.pieces.push(Piece { at: self.text.len(), written, is_verbatim: true });
            self.text.push_str(text);
        }
    }

    /// Adds a character that is written as a reference.
    pub(super) fn push_reference(&mut self, c: char, written: Range<usize>) {
        self.pieces.push(Piece { at: self.text.len(), written, is_verbatim: false });
        self.text.push(c);
    }

    pub(super) fn text(&self, part: &Range<usize>) -> &str {
        &self.text[part.clone()]
    }

    /// All of the text without the white space around it; `None` if that is all there is.
    pub(super) fn whole(&self) -> Option<Range<usize>> {
        let part = self.trimmed(0..self.text.len());
        (!part.is_empty()).then_some(part)
    }

    /// What `separator` keeps apart, without the white space around it.
    pub(super) fn split(&self, separator: &'static str) -> impl Iterator<Item = Range<usize>> {
        let mut at = 0;
        self.text.split(separator).map(move |part| {
            let part = at..at + part.len();
            at = part.end + separator.len();
            self.trimmed(part)
        })
    }

    /// The values that it joins.
    pub(super) fn values(&self) -> impl Iterator<Item = Range<usize>> {
        self.split(SEPARATOR)
    }

    /// The ends of the range that it is: two, or it is none. A plain comma joins them too, as `CybOX` 1 has it.
    pub(super) fn ends(&self) -> Vec<Range<usize>> {
        let separator = if self.text.contains(SEPARATOR) { SEPARATOR } else { "," };
        self.split(separator).take(3).collect()
    }

    fn trimmed(&self, part: Range<usize>) -> Range<usize> {
        let text = &self.text[part.clone()];
        let from = part.start + (text.len() - text.trim_start().len());
        from..from + text.trim().len()
    }

    /// Where a part of the text is written, from its first character to its last.
    pub(super) fn written(&self, part: &Range<usize>) -> Range<usize> {
        let from = self
            .piece(part.start)
            .map_or(0, |piece| piece.written.start + if piece.is_verbatim { part.start - piece.at } else { 0 });
        let to = self.piece(part.end.saturating_sub(1)).map_or(from, |piece| {
            if piece.is_verbatim { piece.written.start + (part.end - piece.at) } else { piece.written.end }
        });
        from..to.max(from)
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces.get(behind.checked_sub(1)?)
    }
}

/// The character that a reference stands for, if XML itself defines it.
pub(super) fn referenced(name: &BytesRef<'_>) -> Option<char> {
    match &**name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => name.resolve_char_ref().ok().flatten(),
    }
}
