//! Lines and columns of byte offsets.

use std::collections::HashMap;

use tfduty_terraform::TextId;

use crate::Texts;

/// Finds lines and columns; each text is read once, when it is first asked for.
pub(crate) struct Places<'a> {
    texts: &'a dyn Texts,
    lines: HashMap<(usize, TextId), Option<Lines>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(texts: &'a dyn Texts) -> Self {
        Self { texts, lines: HashMap::new() }
    }

    /// A text of an input: the input itself, or a file of its configuration.
    pub(crate) fn text(&self, input: usize, text: TextId) -> Option<&'a str> {
        match text {
            TextId::Document => self.texts.text(input),
            TextId::Source(_) => self.texts.source(input, text),
        }
    }

    /// Line and column of a byte, both from 1, the column in bytes; `None` where the text is not at hand.
    pub(crate) fn at(&mut self, input: usize, text: TextId, byte: usize) -> Option<(usize, usize)> {
        let source = self.text(input, text);
        let lines = self.lines.entry((input, text)).or_insert_with(|| {
            let elsewhere = || self.texts.lines(input).filter(|_| text == TextId::Document);
            source.map(Lines::of).or_else(|| elsewhere().map(|lines| Lines(lines.to_vec())))
        });
        lines.as_ref().map(|lines| lines.at(byte))
    }

    /// Column of a byte in characters, from 1, as editors and code hosts count; `None` where the text is not at hand.
    pub(crate) fn column(&mut self, input: usize, text: TextId, byte: usize) -> Option<usize> {
        let source = self.text(input, text)?;
        let (_, column) = self.at(input, text, byte)?;
        let before = source.get((byte + 1).checked_sub(column)?..byte)?;
        // A byte order mark is no part of the text.
        let before = if byte < column { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        Some(before.chars().count() + 1)
    }
}

/// The offsets behind the newlines of a text.
struct Lines(Vec<u32>);

impl Lines {
    fn of(text: &str) -> Self {
        // Documents over 4 GiB are refused when they are read.
        Self(text.match_indices('\n').filter_map(|(at, _)| u32::try_from(at + 1).ok()).collect())
    }

    fn at(&self, byte: usize) -> (usize, usize) {
        let line = self.0.partition_point(|start| *start as usize <= byte);
        let start = line.checked_sub(1).map_or(0, |index| self.0[index] as usize);
        (line + 1, byte - start + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let lines = Lines::of("ab\n\nc");
        let places: Vec<_> = (0..=5).map(|byte| lines.at(byte)).collect();
        assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2)]);
        assert_eq!(Lines::of("").at(0), (1, 1));
    }

    #[test]
    fn columns_count_characters_behind_the_mark() {
        struct Text(&'static str);
        impl Texts for Text {
            fn text(&self, _: usize) -> Option<&str> {
                Some(self.0)
            }
            fn source(&self, _: usize, _: TextId) -> Option<&str> {
                None
            }
        }
        for (text, byte, column) in [("é{}", 2, 2), ("\u{feff}é{}", 5, 2), ("\u{feff}\n\u{feff}{}", 7, 2)] {
            assert_eq!(Places::new(&Text(text)).column(0, TextId::Document, byte), Some(column), "{text:?}");
        }
    }
}
