//! Prints what the scan kept.

use std::ops::Range;

use super::{
    Excerpt, Label, WITHHELD, clamp,
    tree::{self, Child, NAMES, Node, Shape},
    writer::Writer,
};
use crate::{decoded::Decoded, shown::SENSITIVE, span::Span};

/// Columns of a string that is shown whole; of a longer one the beginning, the end, and what is meant.
const STRING_COLUMNS: usize = 96;
/// Columns that are shown around what is meant in a long string.
const AROUND: usize = 16;
/// Bytes of a list of scalars that is printed on one line.
const ONE_LINE: usize = 72;
/// Columns up to which what merely leads to a value is printed on one line.
const CHAIN_COLUMNS: usize = 56;
/// Lines of a labelled object; of a longer one only labelled members follow.
const OPEN_LINES: usize = 24;

/// An excerpt of the JSON at `object`.
pub(super) fn excerpt(text: &str, object: Range<usize>, labels: &[Label]) -> Excerpt {
    let spans: Vec<_> = labels.iter().map(|label| clamp(text, label.span)).collect();
    let open: Vec<_> = labels.iter().map(|label| label.open).collect();
    let root = tree::scan(text, object, &spans, &open);
    let marks = vec![0..0; labels.len()];
    let mut printer = Printer { text, labels, spans, marks, out: Writer::new(text) };
    printer.value(&root, &(0..0), 0, None);
    printer.out.finish(labels, printer.marks)
}

struct Printer<'a> {
    text: &'a str,
    labels: &'a [Label],
    /// The labels' bytes.
    spans: Vec<Range<usize>>,
    /// Where they came to stand.
    marks: Vec<Range<usize>>,
    out: Writer<'a>,
}

impl Printer<'_> {
    /// Prints a value at the cursor. `key` is where its key stands in the excerpt; `until` is set inside a labelled
    /// object and is the last line for what no label names.
    fn value(&mut self, node: &Node, key: &Range<usize>, depth: usize, until: Option<usize>) {
        let start = self.out.at();
        if node.labels.iter().any(|&label| self.labels[label].sensitive) {
            self.out.token(SENSITIVE, node.range.start);
            let whole = start..self.out.at();
            return node.each_label(&mut |label| self.marks[label] = whole.clone());
        }
        match &node.shape {
            Shape::Scalar => self.scalar(node, until.is_some()),
            Shape::Container(..) => {
                let until = match until {
                    None if self.is_open(node) => Some(self.out.line_count() + OPEN_LINES),
                    until => until,
                };
                if node.children().iter().all(|child| matches!(child, Child::Withheld)) {
                    self.shut(node);
                } else if self.is_short(node, until) {
                    self.on_one_line(node, depth, until);
                } else {
                    self.members(node, depth, until);
                }
                self.mark(&node.labels, &(start..self.out.at()));
            }
        }
        for &label in &node.labels {
            if self.is_beside(label, node) {
                self.marks[label] = key.clone();
            }
        }
    }

    /// Whether a label says that the value is to be shown with all that it holds.
    fn is_open(&self, node: &Node) -> bool {
        node.labels.iter().any(|&label| self.labels[label].open && !self.is_beside(label, node))
    }

    /// Whether a label of a member names its key alone.
    fn is_beside(&self, label: usize, node: &Node) -> bool {
        node.key.is_some() && self.spans[label].end <= node.range.start
    }

    fn mark(&mut self, labels: &[usize], range: &Range<usize>) {
        for &label in labels {
            self.marks[label] = range.clone();
        }
    }

    fn members(&mut self, node: &Node, depth: usize, until: Option<usize>) {
        let Shape::Container(open, close, children) = &node.shape else { return };
        self.out.token(open, node.range.start);
        let mut from = node.range.start;
        let mut withheld = false;
        for (position, child) in children.iter().enumerate() {
            let Some(child) = self.shown_child(child, until) else {
                // One ellipsis for a run, also where the run was made by the bound on lines.
                if !withheld {
                    self.out.newline(from);
                    self.out.indent(depth + 1, from);
                    self.out.put(WITHHELD, from);
                    withheld = true;
                }
                continue;
            };
            withheld = false;
            from = child.range.start;
            self.out.newline(from);
            self.out.indent(depth + 1, from);
            self.member(child, depth + 1, until);
            from = child.range.end;
            if position + 1 < children.len() {
                self.out.put(",", from);
            }
        }
        self.out.newline(node.range.end);
        self.out.indent(depth, node.range.end);
        self.out.token(close, node.range.end.saturating_sub(1));
    }

    fn shown_child<'n>(&self, child: &'n Child, until: Option<usize>) -> Option<&'n Node> {
        match child {
            Child::Node(node) if until.is_some_and(|last| self.out.line_count() > last) => {
                node.has_label().then_some(node)
            }
            Child::Node(node) => Some(node),
            Child::Withheld => None,
        }
    }

    /// A container of which nothing is shown. Of a labelled object, which often stands for an attribute that it lacks, the
    /// names of its attributes are: `{"enable": …, "tags": …}`.
    fn shut(&mut self, node: &Node) {
        let Shape::Container(open, close, children) = &node.shape else { return };
        self.out.token(open, node.range.start);
        let mut columns = 0;
        let mut named = 0;
        if node.labels.iter().any(|&label| !self.is_beside(label, node)) {
            for name in &node.names {
                columns += name.len() + 5;
                if columns > ONE_LINE || !is_attribute(&self.text[name.clone()]) {
                    break;
                }
                self.out.put(if named > 0 { ", " } else { "" }, name.start);
                self.out.copy(name.clone());
                self.out.put(": …", name.end);
                named += 1;
            }
        }
        let all = named > 0 && named == node.names.len() && named < NAMES;
        if !all && !children.is_empty() {
            self.out.put(if named > 0 { ", …" } else { WITHHELD }, node.range.start);
        }
        self.out.token(close, node.range.end.saturating_sub(1));
    }

    /// Whether a container is better not broken into lines: it holds a few scalars (`["s3:GetObject", …]`), or it merely
    /// leads to the one value that is shown (`{…, "after": {`).
    fn is_short(&self, node: &Node, until: Option<usize>) -> bool {
        let mut nodes = node.children().iter().filter_map(|child| match child {
            Child::Node(child) => Some(child),
            Child::Withheld => None,
        });
        if let (Some(only), None) = (nodes.next(), nodes.next())
            && node.labels.is_empty()
            && !matches!(only.shape, Shape::Scalar)
        {
            // What is opened begins on a line of its own.
            return until.is_none() && !self.is_open(only) && self.out.column() < CHAIN_COLUMNS;
        }
        let opened = until.is_some() || matches!(node.shape, Shape::Container("[", ..));
        let mut columns = 0;
        node.children().iter().all(|child| match child {
            Child::Node(child) => {
                columns += child.hull().len() + 4;
                opened && matches!(child.shape, Shape::Scalar) && columns <= ONE_LINE
            }
            Child::Withheld => true,
        })
    }

    fn on_one_line(&mut self, node: &Node, depth: usize, until: Option<usize>) {
        let Shape::Container(open, close, children) = &node.shape else { return };
        self.out.token(open, node.range.start);
        let mut from = node.range.start;
        for (position, child) in children.iter().enumerate() {
            self.out.put(if position > 0 { ", " } else { "" }, from);
            match child {
                Child::Withheld => self.out.put(WITHHELD, from),
                Child::Node(child) => {
                    self.member(child, depth, until);
                    from = child.range.end;
                }
            }
        }
        self.out.token(close, node.range.end.saturating_sub(1));
    }

    fn member(&mut self, node: &Node, depth: usize, until: Option<usize>) {
        let start = self.out.at();
        if let Some(key) = &node.key {
            self.long(key, &[]);
        }
        let key = start..self.out.at();
        self.out.put(if node.key.is_some() { ": " } else { "" }, node.range.start);
        self.value(node, &key, depth, until);
    }

    /// A string, number or literal: whole where a label covers it, else only the parts that labels name.
    fn scalar(&mut self, node: &Node, within: bool) {
        let start = self.out.at();
        let range = &node.range;
        let covers = |span: &Range<usize>| span.start <= range.start && range.end <= span.end;
        if within || node.labels.iter().any(|&label| covers(&self.spans[label])) {
            let meant: Vec<_> = node.labels.iter().map(|&label| self.meant(label, range)).collect();
            let focus: Vec<_> = meant.iter().flatten().cloned().collect();
            self.long(range, &focus);
            let whole = start..self.out.at();
            for (&label, meant) in node.labels.iter().zip(meant) {
                self.marks[label] = match meant {
                    Some(part) => self.out.locate(start, part.start)..self.out.locate(start, part.end),
                    None => whole.clone(),
                };
            }
            return;
        }
        let clip = |span: &Range<usize>| span.start.max(range.start)..span.end.min(range.end);
        let parts: Vec<_> = node.labels.iter().map(|&label| clip(&self.spans[label])).collect();
        let shown = union(parts.iter().filter(|part| !part.is_empty()).cloned().collect());
        if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
            let quote = if self.text[range.clone()].starts_with('"') { "\"" } else { "" };
            self.out.token(if first.start > range.start { quote } else { "" }, range.start);
            self.parts(range, &shown);
            self.out.put(if last.end < range.end { quote } else { "" }, range.end);
        } else {
            self.out.token(WITHHELD, range.start);
        }
        for (&label, part) in node.labels.iter().zip(&parts) {
            self.marks[label] = if part.is_empty() {
                start..self.out.at()
            } else {
                self.out.locate(start, part.start)..self.out.locate(start, part.end)
            };
        }
    }

    /// The part of a string that a label means: the bytes that write `inner`, or those it covers of a longer value.
    fn meant(&self, label: usize, string: &Range<usize>) -> Option<Range<usize>> {
        if let Some(inner) = &self.labels[label].inner {
            let decoded = Decoded::of_json(self.text, Span::new(string.start, string.end));
            return Some(clamp(self.text, decoded.original_span(inner.start, inner.end)));
        }
        let span = &self.spans[label];
        (span.start > string.start || span.end < string.end).then(|| span.clone())
    }

    /// Prints bytes whole where they are few, else their beginning and end and what is around `focus`.
    fn long(&mut self, range: &Range<usize>, focus: &[Range<usize>]) {
        let raw = &self.text[range.clone()];
        if raw.len() <= STRING_COLUMNS || raw.chars().nth(STRING_COLUMNS).is_none() {
            return self.out.copy(range.clone());
        }
        let (head, tail) = if focus.is_empty() { (64, 24) } else { (AROUND, AROUND) };
        let mut parts = vec![range.start..range.start + head, range.end - tail..range.end];
        for part in focus {
            // Of a part that is long itself the beginning is enough.
            let end = part.end.min(part.start + STRING_COLUMNS);
            parts.push(part.start.saturating_sub(AROUND).max(range.start)..(end + AROUND).min(range.end));
            parts.push(part.end.saturating_sub(AROUND).max(part.start)..part.end);
        }
        for part in &mut parts {
            *part = self.text.floor_char_boundary(part.start)..self.text.ceil_char_boundary(part.end);
        }
        let parts = union(parts);
        self.parts(range, &parts);
    }

    /// Prints parts of `range`, with an ellipsis for what lies before, between and behind them.
    fn parts(&mut self, range: &Range<usize>, parts: &[Range<usize>]) {
        let mut at = range.start;
        for part in parts {
            if part.start > at {
                self.out.put(WITHHELD, at);
            }
            self.out.copy(part.clone());
            at = part.end;
        }
        if at < range.end {
            self.out.put(WITHHELD, at);
        }
    }
}

/// Ranges in order, those that touch made one.
fn union(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut union: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match union.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => union.push(range),
        }
    }
    union
}

/// Whether a key is a name that a provider's schema can have. Keys of maps are a user's own and stay out.
fn is_attribute(key: &str) -> bool {
    let name = key.trim_matches('"');
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
