//! Files of a configuration without what people wrote into them, but for what rules read.
//!
//! Every place stays where it is: what is taken out leaves as many bytes, and all line breaks. Whatever is not known to be
//! read is taken out.

use std::ops::Range;

use super::{
    lexer::{self, Sort, Token},
    withhold::Reads,
};
use crate::{
    decoded::Decoded,
    json_text::{JsonKind, JsonNode},
    sources::block::Block,
    span::Span,
};

/// A file, and what of it is kept.
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    pub(super) is_json: bool,
    /// The blocks that were read.
    pub(super) blocks: &'t [Block],
    /// What people wrote, in HCL syntax.
    pub(super) tokens: &'t [Token],
    /// Whether there is something that could not be read.
    pub(super) is_damaged: bool,
    /// Where what is written stays, in order.
    pub(super) kept: &'t [Span],
}

impl Page<'_> {
    /// The text without the rest.
    pub(super) fn blanked(&self, reads: &Reads<'_>) -> String {
        let mut text = self.text.as_bytes().to_vec();
        if self.is_json {
            if let Some(json) = JsonNode::read(self.text.trim_start_matches('\u{feff}')) {
                let mark = self.text.len() - self.text.trim_start_matches('\u{feff}').len();
                self.blank_json(&json, mark, (reads, &mut text));
            } else {
                overwrite(&mut text, 0..self.text.len());
            }
        } else {
            for token in self.tokens {
                self.blank_token(token, (reads, &mut text));
            }
            for range in self.unreadable() {
                overwrite(&mut text, range);
            }
        }
        // Characters are replaced as a whole.
        String::from_utf8(text).unwrap_or_default()
    }

    fn is_kept(&self, range: &Range<usize>) -> bool {
        let behind = self.kept.partition_point(|span| span.start as usize <= range.start);
        self.kept[..behind].iter().rev().take(MOST_NESTED).any(|span| range.end <= span.end())
    }

    fn blank_token(&self, token: &Token, (reads, text): (&Reads<'_>, &mut Vec<u8>)) {
        let Token { sort, range, is_sensitive } = token;
        let written = &self.text[range.clone()];
        match sort {
            Sort::Bound | Sort::Variable | Sort::Local => {}
            Sort::Comment
                if written.trim_start_matches([' ', '\t', '\r', '\n', '#', '/', '*']).starts_with(reads.directive) => {}
            Sort::Comment => put(text, range.start, &(reads.redact)(written)),
            _ if self.is_kept(range) && !is_sensitive => {}
            Sort::Number => put(text, range.start, &without_digits(written)),
            Sort::Text { has_escapes } => put(text, range.start, &redacted(written, *has_escapes, reads)),
        }
    }

    /// Blanks the values below a node of a file in JSON syntax, which begins `mark` bytes into the file.
    fn blank_json(&self, node: &JsonNode, mark: usize, (reads, text): (&Reads<'_>, &mut Vec<u8>)) {
        let range = node.span.start as usize + mark..node.span.end() + mark;
        match &node.kind {
            JsonKind::Object(members) => {
                for member in members {
                    self.blank_json(&member.value, mark, (reads, text));
                }
            }
            JsonKind::List(items) => {
                for item in items {
                    self.blank_json(item, mark, (reads, text));
                }
            }
            JsonKind::Number(number) if !self.is_kept(&range) => put(text, range.start, &without_digits(number)),
            JsonKind::String(_) => {
                let decoded = Decoded::of_json(self.text, Span::new(range.start, range.end));
                let is_kept = self.is_kept(&range);
                for token in lexer::of_template(decoded.text()) {
                    let is_text = matches!(token.sort, Sort::Text { .. } | Sort::Number);
                    if is_text && (!is_kept || token.is_sensitive) {
                        let span = decoded.original_span(token.range.start, token.range.end);
                        let written = span.of(self.text).unwrap_or_default();
                        put(text, span.start as usize, &redacted(written, true, reads));
                    }
                }
            }
            JsonKind::Null | JsonKind::Bool(_) | JsonKind::Number(_) => {}
        }
    }

    /// What belongs to no block that was read, in a damaged file.
    fn unreadable(&self) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if !self.is_damaged {
            return found;
        }
        let mut at = 0;
        for block in self.blocks {
            found.push(at..block.span.start as usize);
            if !block.readable {
                found.push(block.header.end()..block.span.end());
            }
            at = block.span.end();
        }
        found.push(at..self.text.len());
        found.retain(|range| range.start < range.end);
        found
    }
}

/// Kept spans hold one another this deep at most: a block's header is none of its arguments.
const MOST_NESTED: usize = 2;

/// Writes something over as many bytes.
fn put(text: &mut [u8], start: usize, new: &str) {
    if let Some(place) = text.get_mut(start..start + new.len()) {
        place.copy_from_slice(new.as_bytes());
    }
}

/// Takes all that could be a word out of what did not parse, and leaves it so that it does not parse.
fn overwrite(text: &mut [u8], range: Range<usize>) {
    for byte in text.get_mut(range).into_iter().flatten() {
        if byte.is_ascii_alphanumeric() || !byte.is_ascii() {
            *byte = b'!';
        }
    }
}

fn without_digits(number: &str) -> String {
    number.chars().map(|c| if c.is_ascii_digit() { '1' } else { c }).collect()
}

/// A text as it is written, redacted, its escapes left alone; of a character that is written as a number, another one is.
fn redacted(written: &str, has_escapes: bool, reads: &Reads<'_>) -> String {
    if !has_escapes {
        return (reads.redact)(written);
    }
    let mut redacted = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        redacted.push_str(&(reads.redact)(&rest[..at]));
        let escape = &rest[at..];
        let digits = match escape.as_bytes().get(1) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let second = escape.chars().nth(1).map_or(0, char::len_utf8);
        let length = (1 + second + digits).min(escape.len());
        let Some(written) = escape.get(..length).filter(|_| digits > 0) else {
            let (plain, behind) = escape.split_at(1 + second);
            redacted.push_str(plain);
            rest = behind;
            continue;
        };
        // The number of `x`.
        redacted.push_str(&written[..2]);
        redacted.push_str(&"00000078"[8 - (length - 2)..]);
        rest = &escape[length..];
    }
    redacted.push_str(&(reads.redact)(rest));
    redacted
}
