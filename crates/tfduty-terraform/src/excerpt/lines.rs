//! Excerpts of texts that are made of lines.

use std::ops::Range;

use super::{Excerpt, Label, WITHHELD, clamp, writer::Writer};
use crate::{shown::SENSITIVE, sources::comments_of};

/// Lines shown before and behind a label's.
const CONTEXT: usize = 2;
/// Lines of one label; of more, the first ones.
const LABEL_LINES: usize = 12;
/// Bytes of a line that is shown whole; of a longer one what is around its labels, or its beginning.
const LINE: usize = 160;
/// Bytes shown before a label in a long line.
const BEFORE: usize = 40;
/// How far back the first line of a block is looked for.
const BLOCK: usize = 64 * 1024;
/// Words that begin a block of a Terraform configuration.
const KEYWORDS: &[&str] = &[
    "resource",
    "data",
    "module",
    "provider",
    "variable",
    "output",
    "locals",
    "terraform",
    "moved",
    "removed",
    "import",
    "check",
    "ephemeral",
];

/// The labelled lines and those around them.
pub(super) fn excerpt(text: &str, labels: &[Label]) -> Excerpt {
    let spans: Vec<_> = labels.iter().map(|label| clamp(text, label.span)).collect();
    let mut shown = Vec::new();
    for span in &spans {
        let first = line_at(text, span.start);
        let mut before = first.clone();
        for _ in 0..CONTEXT {
            before = if before.start == 0 { before } else { line_at(text, before.start - 1) };
            shown.push(before.clone());
        }
        let mut line = first;
        let mut behind = 0;
        for _ in 0..LABEL_LINES + CONTEXT {
            shown.push(line.clone());
            behind += usize::from(line.end >= span.end);
            // What follows the last newline is no line.
            if behind > CONTEXT || line.end + 1 >= text.len() {
                break;
            }
            line = line_at(text, line.end + 1);
        }
    }
    shown.sort_unstable_by_key(|line| line.start);
    shown.dedup();

    let mut out = Writer::new(text);
    let mut marks = vec![None; labels.len()];
    let mut previous: Option<usize> = None;
    for line in shown {
        match previous {
            Some(end) if end + 1 < line.start => {
                out.newline(end);
                out.put(WITHHELD, end);
                out.newline(line.start);
            }
            Some(end) => out.newline(end),
            None => {}
        }
        previous = Some(line.end);
        content(&mut out, text, &line, &spans, &mut marks);
    }
    out.finish(labels, marks.into_iter().map(Option::unwrap_or_default).collect())
}

/// Prints one line, windowed where it is long, and notes where labels came to stand.
fn content(
    out: &mut Writer<'_>,
    text: &str,
    line: &Range<usize>,
    spans: &[Range<usize>],
    marks: &mut [Option<Range<usize>>],
) {
    let end = line.start + text[line.clone()].trim_end_matches('\r').len();
    let on_line = |span: &Range<usize>| {
        span.start <= line.end && line.start <= span.end && (span.end > line.start || span.is_empty())
    };
    let start = out.at();
    let mut window = line.start..end;
    if window.len() > LINE {
        let first = spans.iter().filter(|span| on_line(span)).map(|span| span.start.max(line.start)).min();
        let from = first.map_or(line.start, |first| first.saturating_sub(BEFORE).max(line.start));
        let from = if from < line.start + BEFORE { line.start } else { from };
        window = text.floor_char_boundary(from)..text.floor_char_boundary((from + LINE).min(end));
    }
    if window.start > line.start {
        out.put(WITHHELD, line.start);
    }
    out.copy(window.clone());
    if window.end < end {
        out.put(WITHHELD, window.end);
    }
    let whole = out.at();
    for (span, mark) in spans.iter().zip(marks).filter(|(span, _)| on_line(span)) {
        let from = if span.start <= line.start { start } else { out.locate(start, span.start.min(end)) };
        let to = if span.end >= end { whole } else { out.locate(start, span.end) };
        match mark {
            Some(mark) => mark.end = to.max(mark.end),
            None => *mark = Some(from..to.max(from)),
        }
    }
}

/// The numbers of the labelled lines, and nothing of what they hold.
pub(super) fn sensitive(text: &str, labels: &[Label]) -> Excerpt {
    let spans: Vec<_> = labels.iter().map(|label| clamp(text, label.span)).collect();
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_unstable_by_key(|&label| spans[label].start);
    let mut out = Writer::new(text);
    let mut marks = vec![0..0; labels.len()];
    let mut previous: Option<Range<usize>> = None;
    let mut mark = 0..0;
    for label in order {
        let line = line_at(text, spans[label].start);
        if previous.as_ref() != Some(&line) {
            if previous.is_some() {
                out.newline(line.start);
            }
            let start = out.at();
            out.token(SENSITIVE, line.start);
            mark = start..out.at();
            previous = Some(line);
        }
        marks[label] = mark.clone();
    }
    out.finish(labels, marks)
}

/// The labelled places of a configuration and nothing that stands beside them but an argument's name and the first
/// line of the block.
pub(super) fn source(text: &str, labels: &[Label]) -> Excerpt {
    let spans: Vec<_> = labels.iter().map(|label| clamp(text, label.span)).collect();
    // Bytes under two labels are sensitive when one of them is.
    let sensitive: Vec<bool> = spans
        .iter()
        .map(|span| {
            let touches = |other: &Range<usize>| span.start <= other.end && other.start <= span.end;
            labels.iter().zip(&spans).any(|(label, other)| label.sensitive && touches(other))
        })
        .collect();
    let mut lines: Vec<_> = spans.iter().map(|span| line_at(text, span.start)).collect();
    lines.extend(spans.iter().filter_map(|span| block_line(text, span.start)));
    lines.sort_unstable_by_key(|line| line.start);
    lines.dedup();

    let mut out = Writer::new(text);
    let mut marks = vec![0..0; labels.len()];
    let mut previous: Option<usize> = None;
    for line in lines {
        if let Some(end) = previous {
            out.newline(end);
            if end + 1 < line.start {
                out.indent(usize::from(blank(&text[line.clone()]) > 0), end);
                out.put(WITHHELD, end);
                out.newline(line.start);
            }
        }
        previous = Some(line.end);
        let content = line.start..line.start + text[line.clone()].trim_end().len();
        let mut here: Vec<_> = (0..labels.len()).filter(|&label| line_at(text, spans[label].start) == line).collect();
        here.sort_unstable_by_key(|&label| (spans[label].start, spans[label].end));
        places(&mut out, text, &content, (&sensitive, &spans, &here), &mut marks);
    }
    out.finish(labels, marks)
}

/// Prints the labelled places of one line.
fn places(
    out: &mut Writer<'_>,
    text: &str,
    line: &Range<usize>,
    (sensitive, spans, here): (&[bool], &[Range<usize>], &[usize]),
    marks: &mut [Range<usize>],
) {
    let start = out.at();
    let mut at = line.start;
    // Of a labelled block the first line is enough, and of that what stands before the brace.
    let mut block_end = line.start;
    if let Some(header) = header(&text[line.clone()]) {
        at = line.start + header;
        block_end = at;
        out.copy(line.start..at);
    } else if let Some(&first) = here.first() {
        let name = argument(&text[line.start..spans[first].start.clamp(line.start, line.end)]);
        at += name;
        out.copy(line.start..at);
    }
    for &label in here {
        let mut place = spans[label].start.min(line.end)..spans[label].end.min(line.end);
        if place.start < block_end {
            place.end = place.end.min(block_end);
        }
        if place.start > at {
            out.put(WITHHELD, at);
        }
        let from = out.at();
        if sensitive[label] && place.end > at {
            out.token(SENSITIVE, place.start);
            marks[label] = from..out.at();
        } else {
            let shown = place.start.max(at)..place.end.max(place.start).max(at);
            place.end = code(out, text, shown, spans[label].end);
            let from = if place.start < at { out.locate(start, place.start) } else { from };
            let to = if place.end < at { out.locate(start, place.end) } else { out.at() };
            marks[label] = from..to.max(from);
        }
        at = at.max(place.end);
    }
    if at < line.end || here.iter().any(|&label| spans[label].end > line.end) {
        out.put(if out.at() > start { " …" } else { WITHHELD }, at);
    }
}

/// Copies a piece of code that goes on up to `end`, without the comments in it: nothing is about them, and people write into them what they
/// like. The end of what was copied, which is before a comment that the piece ends with.
fn code(out: &mut Writer<'_>, text: &str, piece: Range<usize>, end: usize) -> usize {
    let mut at = piece.start;
    if text[piece.clone()].contains(['#', '/']) {
        let from = piece.start;
        for comment in comments_of(text.get(from..end.max(piece.end)).unwrap_or_default()) {
            let comment = from + comment.start as usize..from + comment.end();
            if comment.start >= piece.end {
                break;
            }
            let before = &text[at..comment.start];
            if comment.end >= piece.end {
                out.copy(at..at + before.trim_end().len());
                return comment.start;
            }
            out.copy(at..comment.start);
            out.put(WITHHELD, comment.start);
            at = comment.end;
        }
    }
    out.copy(at..piece.end);
    piece.end
}

/// The line that holds the byte at `at`, without its newline.
fn line_at(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..end
}

/// The nearest line at or before `at` that begins a block at the left margin.
fn block_line(text: &str, at: usize) -> Option<Range<usize>> {
    let mut line = line_at(text, at);
    let limit = at.saturating_sub(BLOCK);
    loop {
        let content = &text[line.clone()];
        if blank(content) == 0 && header(content).is_some() {
            return Some(line);
        }
        // A brace at the margin closes a block: the label is in none.
        if line.start <= limit || (content.starts_with('}') && line.end < at) {
            return None;
        }
        line = line_at(text, line.start - 1);
    }
}

fn blank(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Length of `resource "type" "name" {`, where a line begins so.
fn header(line: &str) -> Option<usize> {
    let word = line.split(|c: char| !c.is_ascii_alphanumeric()).next().filter(|word| KEYWORDS.contains(word))?;
    let mut rest = line[word.len()..].trim_start_matches([' ', '\t']);
    while let Some(label) = rest.strip_prefix('"') {
        let end = label.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))?;
        rest = label[end..].strip_prefix('"')?.trim_start_matches([' ', '\t']);
    }
    rest.starts_with('{').then(|| line.len() - rest.len() + 1)
}

/// Length of `  name = `, where that is all that stands before a label, and of the indentation else.
fn argument(before: &str) -> usize {
    let name = before.trim();
    let name = name.strip_suffix('=').unwrap_or(name).trim_end();
    if name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) { before.len() } else { blank(before) }
}
