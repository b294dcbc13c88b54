//! The only way from an input to text that may be shown.
//!
//! `terraform show -json` prints a whole plan on one line, secrets included. An excerpt shows the labelled values of one
//! object and the members that lead to them, pretty-printed; everything else is withheld. So that neither a hostile
//! document nor a large one can do harm, excerpts are made by tolerant scanners that never look outside the object, and
//! are bounded in lines and columns.

mod json;
mod lines;
mod tree;
mod writer;

use std::ops::Range;

use crate::{decoded::Decoded, span::Span};

/// What stands for everything that is not shown.
const WITHHELD: &str = "…";
/// Labels of one excerpt; further ones are dropped.
const LABELS: usize = 12;

/// A value to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its bytes: in the document, in the file, or in the decoded string, by the excerpt that is asked for.
    pub span: Span,
    /// Bytes of the decoded string at `span` that are meant, where a part of it is.
    pub inner: Option<Range<usize>>,
    /// What to say of it; may be empty.
    pub text: String,
    /// Whether the value must not be shown: `(sensitive)` stands in its place.
    pub sensitive: bool,
    /// Whether an object or array is shown with what it holds. Only for one that cannot hold sensitive values, such as
    /// the actions of a change: Terraform marks single members of a block, and the mark of the block does not tell.
    pub open: bool,
}

/// Where a label came to stand in an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Bytes of [`Excerpt::text`].
    pub range: Range<usize>,
    /// The label's text, escaped.
    pub text: String,
}

/// A piece of an input that may be shown: bounded, escaped, and without anything but the labelled values.
#[derive(Debug, Clone)]
pub struct Excerpt {
    text: String,
    marks: Vec<Mark>,
    pieces: Vec<writer::Piece>,
    lines: Vec<Line>,
    /// Where the pieces' offsets are those of a decoded string: the way on to the document.
    decoded: Option<Decoded>,
}

/// One line of an excerpt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Offset of its first byte in [`Excerpt::text`].
    pub start: usize,
    /// Where its first token comes from.
    pub origin: Origin,
}

/// Where a line of an excerpt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From no single place: it stands for withheld lines, or is of a document within a string.
    Nowhere,
    /// From the byte at this offset of the document.
    Byte(usize),
    /// From this line, counted from 1, of a text within a string.
    Line(usize),
}

impl Excerpt {
    /// The JSON object at `object`: labelled values and the members on the way to them.
    ///
    /// Of a labelled object or array only what is labelled inside it is shown, or the names of its attributes, unless it
    /// is [open](Label::open). A label that is no value's bytes belongs to the innermost value that holds it, a label
    /// outside of the object to the object.
    pub fn of_value(text: &str, object: Span, labels: &[Label]) -> Self {
        json::excerpt(text, clamp(text, object), &capped(labels))
    }

    /// The document within the JSON string at `string`: spans of labels are offsets of the decoded string.
    ///
    /// A policy is shown as JSON, labelled statements wholly; any other text (the content of a list) as the labelled
    /// lines and those around them. `None` for a text of one line that is no JSON: it reads better in its object.
    pub fn of_decoded(text: &str, string: Span, labels: &[Label]) -> Option<Self> {
        let decoded = Decoded::of_json(text, string);
        let mut labels = capped(labels);
        let inside = decoded.text();
        let trimmed = inside.trim_ascii();
        let mut excerpt = if labels.iter().any(|label| label.sensitive) {
            lines::sensitive(inside, &labels)
        } else if is_document(trimmed) {
            let start = inside.len() - inside.trim_ascii_start().len();
            // Terraform has one mark for the whole string.
            for label in &mut labels {
                label.open = true;
            }
            json::excerpt(inside, start..start + trimmed.len(), &labels)
        } else if trimmed.contains('\n') {
            lines::excerpt(inside, &labels)
        } else {
            return None;
        };
        excerpt.detach(inside);
        excerpt.decoded = Some(decoded);
        Some(excerpt)
    }

    /// The labelled lines of a text file and those around them. For files whose content is what is audited: lists, and
    /// `tfduty.toml`.
    pub fn of_lines(text: &str, labels: &[Label]) -> Self {
        let labels = capped(labels);
        if labels.iter().any(|label| label.sensitive) {
            return lines::sensitive(text, &labels);
        }
        lines::excerpt(text, &labels)
    }

    /// The labelled places of a Terraform configuration, each with the name of its argument and the first line of its
    /// block. Nothing else: the line above may hold a secret, and so may the rest of a block.
    pub fn of_source(text: &str, labels: &[Label]) -> Self {
        lines::source(text, &capped(labels))
    }

    /// The text: lines of at most 400 columns, each ended by a newline, without any other control character.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The labels in the order they were given, in coordinates of the text.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The lines of the text.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The offset in the document of what stands at `offset` of the text. What was added to the text (indentation, an
    /// ellipsis) has the place of what it stands next to.
    pub fn original(&self, offset: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.at <= offset);
        let Some(piece) = next.checked_sub(1).map(|index| self.pieces[index]) else { return 0 };
        let original = if piece.verbatim { piece.from + (offset - piece.at) } else { piece.from };
        self.decoded.as_ref().map_or(original, |decoded| decoded.original(original))
    }

    /// Lets go of the text the lines were taken from: lines of a string are counted within it, and those of a
    /// document within it, which was laid out anew, have no numbers at all.
    fn detach(&mut self, inside: &str) {
        let relaid = is_document(inside.trim_ascii());
        let mut counted = (0, 1);
        for line in &mut self.lines {
            if let Origin::Byte(byte) = line.origin {
                let (from, number) = counted;
                let passed = inside.get(from..byte).unwrap_or_default();
                counted = (byte.max(from), number + passed.matches('\n').count());
                line.origin = if relaid { Origin::Nowhere } else { Origin::Line(counted.1) };
            }
        }
    }
}

/// The labels that are shown. One that overlaps a sensitive label which is not is sensitive too.
fn capped(labels: &[Label]) -> Vec<Label> {
    let (shown, dropped) = labels.split_at(labels.len().min(LABELS));
    let mut shown = shown.to_vec();
    for hidden in dropped.iter().filter(|label| label.sensitive) {
        for label in &mut shown {
            let apart =
                label.span.end() <= hidden.span.start as usize || hidden.span.end() <= label.span.start as usize;
            label.sensitive |= !apart;
        }
    }
    shown
}

/// Whether a text is a JSON object or array.
fn is_document(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// The bytes of `span`, moved inwards to where `text` can be cut.
fn clamp(text: &str, span: Span) -> Range<usize> {
    let start = text.ceil_char_boundary(span.start as usize);
    let end = text.floor_char_boundary(span.end().min(text.len()));
    start..end.max(start)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
