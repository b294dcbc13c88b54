//! Writes an excerpt, and keeps account of where each piece of it comes from.

use std::ops::Range;

use super::{Excerpt, Label, Line, Mark, Origin, WITHHELD};
use crate::shown;

/// Columns of a line. miette panics past 65,535 and prints every line twice; past a few hundred nobody reads on.
const COLUMNS: usize = 400;
/// Lines of an excerpt. Only a document that nests against the grain comes near.
const LINES: usize = 120;

/// A run of bytes of an excerpt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Offset in the excerpt.
    pub(super) at: usize,
    /// Offset in the text it was taken from, or next to.
    pub(super) from: usize,
    /// Whether the two run in step.
    pub(super) verbatim: bool,
}

pub(super) struct Writer<'a> {
    source: &'a str,
    text: String,
    pieces: Vec<Piece>,
    lines: Vec<Line>,
    column: usize,
    /// Whether the rest of the line is dropped.
    cut: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let first = Line { start: 0, origin: Origin::Nowhere };
        Self { source, text: String::new(), pieces: Vec::new(), lines: vec![first], column: 0, cut: false }
    }

    /// Offset in the excerpt of what is written next.
    pub(super) fn at(&self) -> usize {
        self.text.len()
    }

    /// Columns written of the line.
    pub(super) fn column(&self) -> usize {
        self.column
    }

    /// Number of lines begun.
    pub(super) fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Copies bytes of the source, which must be whole characters of one line.
    pub(super) fn copy(&mut self, range: Range<usize>) {
        self.arrive(range.start);
        let mut from = range.start;
        let mut in_step = false;
        for c in self.source.get(range).unwrap_or_default().chars() {
            if shown::is_hazard(c) {
                let mut escape = String::new();
                shown::push_escape(&mut escape, c);
                self.piece(from, false);
                self.push(&escape, escape.len());
                in_step = false;
            } else {
                if !in_step {
                    self.piece(from, true);
                    in_step = true;
                }
                self.push(c.encode_utf8(&mut [0; 4]), if c.is_ascii() { 1 } else { 2 });
            }
            if self.cut {
                return;
            }
            from += c.len_utf8();
        }
    }

    /// Writes what stands for the source at `from`: a bracket, or what replaces a value.
    pub(super) fn token(&mut self, text: &'static str, from: usize) {
        self.arrive(from);
        self.put(text, from);
    }

    /// Writes what the source does not have: indentation, an ellipsis.
    pub(super) fn put(&mut self, text: &'static str, from: usize) {
        if !text.is_empty() {
            self.piece(from, false);
            self.push(text, text.chars().count());
        }
    }

    pub(super) fn indent(&mut self, depth: usize, from: usize) {
        for _ in 0..depth {
            self.put("  ", from);
        }
    }

    /// Ends the line.
    pub(super) fn newline(&mut self, from: usize) {
        if self.lines.len() >= LINES {
            self.cut = true;
            return;
        }
        self.piece(from, false);
        self.text.push('\n');
        self.column = 0;
        self.cut = false;
        self.lines.push(Line { start: self.text.len(), origin: Origin::Nowhere });
    }

    /// Where in the excerpt the source's byte at `from` came to stand, among what was written since `since`. What was
    /// left out has the place of what stands before it.
    pub(super) fn locate(&self, since: usize, from: usize) -> usize {
        let first = self.pieces.partition_point(|piece| piece.at < since);
        let pieces = &self.pieces[first..];
        let next = pieces.partition_point(|piece| piece.from <= from);
        let end = pieces.get(next).map_or(self.text.len(), |piece| piece.at);
        match next.checked_sub(1).map(|index| pieces[index]) {
            Some(piece) if piece.verbatim => (piece.at + (from - piece.from)).min(end),
            Some(piece) => piece.at,
            None => since,
        }
    }

    pub(super) fn finish(mut self, labels: &[Label], ranges: Vec<Range<usize>>) -> Excerpt {
        self.text.push('\n');
        let marks = ranges
            .into_iter()
            .zip(labels)
            .map(|(range, label)| Mark { range, text: shown::escape(&label.text).into_owned() })
            .collect();
        Excerpt { text: self.text, marks, pieces: self.pieces, lines: self.lines, decoded: None }
    }

    /// Notes that the source at `from` is what the line is about.
    fn arrive(&mut self, from: usize) {
        if let Some(line) = self.lines.last_mut()
            && line.origin == Origin::Nowhere
            && !self.cut
        {
            line.origin = Origin::Byte(from);
        }
    }

    fn piece(&mut self, from: usize, verbatim: bool) {
        if !self.cut {
            self.pieces.push(Piece { at: self.text.len(), from, verbatim });
        }
    }

    fn push(&mut self, text: &str, columns: usize) {
        if self.cut {
            return;
        }
        // The last column is kept for the ellipsis.
        if self.column + columns >= COLUMNS {
            self.text.push_str(WITHHELD);
            self.cut = true;
        } else {
            self.text.push_str(text);
            self.column += columns;
        }
    }
}
